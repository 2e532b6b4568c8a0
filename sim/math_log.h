// The natural logarithm, with the same bits on every compiler and machine with IEEE 754 doubles.
//
// libm's results differ between libraries and versions, so simulated worlds must not use it. This
// one uses + - * on doubles only, in a fixed order (the build forbids contraction), and is within
// 1 ulp of the true value everywhere (within 0.52 as measured against MPFR).
//
// Method: table-driven reduction as in P. T. P. Tang, "Table-driven implementation of the logarithm
// function in IEEE floating-point arithmetic", ACM TOMS 16(4), 1990, with the reduction made exact.
// Any thread.
#ifndef GROUNDHOG_SIM_MATH_LOG_H_
#define GROUNDHOG_SIM_MATH_LOG_H_

namespace groundhog::sim {

// ln(x). 0: minus infinity. Negative or NaN: NaN. Infinity: infinity. Subnormal x is fine.
double Log(double x);

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_MATH_LOG_H_
