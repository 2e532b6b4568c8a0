// The exponential function, with the same bits on every compiler and machine with IEEE 754 doubles;
// see math_log.h for why. Within 1 ulp of the true value everywhere, subnormal results included
// (normal ones within 0.52 as measured against MPFR).
//
// Method: P. T. P. Tang, "Table-driven implementation of the exponential function in IEEE
// floating-point arithmetic", ACM TOMS 15(2), 1989. Any thread.
#ifndef GROUNDHOG_SIM_MATH_EXP_H_
#define GROUNDHOG_SIM_MATH_EXP_H_

namespace groundhog::sim {

// e^x. Infinity above 709.78…, 0 below -745.13…; NaN: NaN.
double Exp(double x);

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_MATH_EXP_H_
