// A distribution given by its quantiles, as dashboards show latencies: p50, maybe p95, p99, maybe a
// maximum.
//
// The logarithm of the value is piecewise linear in the standard normal quantile z(u), so that each
// piece is lognormal: through (p50, p95, p99) or (p50, p99). Below p50 the first piece goes on;
// above p99 the last one does. With a maximum, the logarithm above p99 is linear in u instead, from
// p99 at u = 0.99 to the maximum at u = 1: bounded without clamping, so that no lump of values sits
// there.
//
// A plain value; any thread. Any unit.
#ifndef GROUNDHOG_SIM_QUANTILE_DISTRIBUTION_H_
#define GROUNDHOG_SIM_QUANTILE_DISTRIBUTION_H_

#include <array>
#include <cstddef>
#include <optional>

namespace groundhog::sim {

// 0 < p50 <= p95 <= p99 <= max, all finite.
struct Quantiles {
  double p50 = 1;
  std::optional<double> p95;
  double p99 = 1;
  std::optional<double> max;
};

class QuantileDistribution {
 public:
  // Always 1.
  QuantileDistribution() = default;
  explicit QuantileDistribution(const Quantiles& quantiles);

  // The quantile at u, 0 < u < 1: a share u of all values is smaller. Rises with u. At 0.5, 0.95
  // and 0.99 exactly the given quantile. At most the maximum, except for rounding of the last bits.
  double operator()(double u) const;

  // The mean, by Simpson's rule for the lognormal pieces (to about 1e-9) and in closed form for the
  // piece below the maximum. Slow: for reports.
  double Mean() const;

 private:
  // value = anchor e^(slope (x - x_anchor)), where x is z(u), or u in a bounded tail.
  struct Piece {
    double anchor = 1;
    double slope = 0;
    double x_anchor = 0;
  };

  std::array<Piece, 3> pieces_;  // from u = 0, 0.95, 0.99
  bool is_bounded_ = false;
};

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_QUANTILE_DISTRIBUTION_H_
