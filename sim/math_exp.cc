#include "sim/math_exp.h"

#include <bit>
#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "sim/math_tables.h"

namespace groundhog::sim {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "doubles are computed as doubles");
static_assert(std::numeric_limits<double>::is_iec559);

// Adding and subtracting it rounds a double below 2^51 to the nearest integer.
constexpr double kRoundingShift = 0x1.8p52;

// 2^exponent, for a normal result.
double PowerOfTwo(std::int64_t exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

}  // namespace

double Exp(double x) {
  if (!(x > -746.0 && x < 710.0)) [[unlikely]] {
    if (x != x) {
      return x;
    }
    return x > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  }
  // x = (128 k + j) (ln 2) / 128 + r, |r| < 2^-8.5. The product with the high part and its
  // subtraction are exact.
  const double steps = (x * kExpStepsPerUnit + kRoundingShift) - kRoundingShift;
  const auto step_count = static_cast<std::int64_t>(steps);
  const ExpRow& row = kExpTable[static_cast<std::uint64_t>(step_count) % kMathTableSize];
  const std::int64_t k = step_count >> kMathTableBits;
  const double r = (x - steps * kExpStepHigh) - steps * kExpStepLow;

  // e^r - 1 by Taylor's series; the next term is below 2^-60.
  const double r2 = r * r;
  const double series = r + r2 * ((1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120)));
  const double mantissa = row.high + (row.low + row.high * series);

  if (k > -1022 && k < 1023) [[likely]] {
    return mantissa * PowerOfTwo(k);
  }
  // In two steps, of which only the last can round, overflow or underflow.
  const std::int64_t half = k / 2;
  return mantissa * PowerOfTwo(half) * PowerOfTwo(k - half);
}

}  // namespace groundhog::sim
