// The quantile function of the standard normal distribution.
//
// M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
// Statistics 37(3), 1988, pp. 477-484, routine PPND16: relative accuracy about 1e-16 for
// min(p, 1 - p) above 1e-316. Computed with sim's own Log, so the same bits everywhere. Any thread.
#ifndef GROUNDHOG_SIM_NORMAL_QUANTILE_H_
#define GROUNDHOG_SIM_NORMAL_QUANTILE_H_

namespace groundhog::sim {

// A standard normal variate is below the returned z with probability p, 0 < p < 1. Rises with p.
// NormalQuantile(0.5) is exactly 0.
double NormalQuantile(double p);

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_NORMAL_QUANTILE_H_
