// A number of 140 bits, for references that doubles are compared with.
#ifndef GROUNDHOG_TESTS_SIM_MPFR_NUMBER_H_
#define GROUNDHOG_TESTS_SIM_MPFR_NUMBER_H_

#include <mpfr.h>

#include <cmath>

namespace groundhog::sim {

class MpfrNumber {
 public:
  explicit MpfrNumber(double value = 0) {
    mpfr_init2(value_, 140);
    mpfr_set_d(value_, value, MPFR_RNDN);
  }
  ~MpfrNumber() { mpfr_clear(value_); }
  MpfrNumber(const MpfrNumber&) = delete;
  MpfrNumber& operator=(const MpfrNumber&) = delete;

  mpfr_ptr get() { return value_; }
  double ToDouble() const { return mpfr_get_d(value_, MPFR_RNDN); }

  // |result - this| in units in the last place of the double nearest to this number.
  double UlpsFrom(double result) const {
    const double nearest = std::fabs(ToDouble());
    if (std::isinf(nearest) || std::isinf(result)) {
      return nearest == std::fabs(result) ? 0 : INFINITY;
    }
    const double ulp = std::nextafter(nearest, INFINITY) - nearest;
    MpfrNumber difference;
    mpfr_sub_d(difference.get(), value_, result, MPFR_RNDN);
    if (!std::isinf(ulp)) {
      mpfr_div_d(difference.get(), difference.get(), ulp, MPFR_RNDN);
    } else {
      mpfr_div_d(difference.get(), difference.get(), 0x1p971, MPFR_RNDN);
    }
    return std::fabs(difference.ToDouble());
  }

 private:
  mpfr_t value_;
};

}  // namespace groundhog::sim

#endif  // GROUNDHOG_TESTS_SIM_MPFR_NUMBER_H_
