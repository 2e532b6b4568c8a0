#include "sim/math_log.h"

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

constexpr std::uint64_t kInfinityBits = 0x7FF0000000000000;
constexpr std::uint64_t kSmallestNormalBits = 0x0010000000000000;
constexpr std::uint64_t kFirstRowBits = 0x3FE6000000000000;  // 0.6875, the start of the table
constexpr std::uint64_t kExponentMask = 0xFFF0000000000000;
constexpr std::uint64_t kUpperHalfMask = 0xFFFFFFFFF8000000;  // leaves 26 bits of a mantissa

// ln of a positive normal number 2^exponent_offset * (the double with these bits).
double LogOfNormal(std::uint64_t bits, int exponent_offset) {
  // x = 2^k z with z in [0.6875, 1.375), so that k = 0 around x = 1, where the result is small.
  const std::uint64_t offset = bits - kFirstRowBits;
  const double k = static_cast<double>(static_cast<int>(static_cast<std::int64_t>(offset) >> 52) +
                                       exponent_offset);
  const LogRow& row = kLogTable[(offset >> (52 - kMathTableBits)) % kMathTableSize];
  const double z = std::bit_cast<double>(bits - (offset & kExponentMask));

  // r = z * inverse - 1 exactly, as r_high + r_low: the inverse has at most 10 bits, so both
  // products are exact, and so is the subtraction of neighbours. |r| < 2^-7.
  const double z_high = std::bit_cast<double>(std::bit_cast<std::uint64_t>(z) & kUpperHalfMask);
  const double z_low = z - z_high;
  const double product_rest = z_low * row.inverse;
  const double product_main = z_high * row.inverse - 1.0;
  const double r = product_main + product_rest;
  const double r_low = product_rest - (r - product_main);

  // ln x = k ln 2 - ln(inverse) + ln(1 + r); the first two sum exactly in `base`.
  const double base = k * kLn2High + row.log_high;
  const double high = base + r;
  const double r_part = high - base;
  const double error = (base - (high - r_part)) + (r - r_part);

  // ln(1 + r) - r by Taylor's series; the next term is below 2^-59 of r.
  const double r2 = r * r;
  const double odd_terms = 1.0 / 3 + r2 * (1.0 / 5 + r2 * (1.0 / 7));
  const double even_terms = -1.0 / 2 + r2 * (-1.0 / 4 + r2 * (-1.0 / 6 + r2 * (-1.0 / 8)));
  const double series = r2 * (even_terms + r * odd_terms);
  return high + (series + (error + (r_low + (row.log_low + k * kLn2Low))));
}

}  // namespace

double Log(double x) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  if (bits - kSmallestNormalBits < kInfinityBits - kSmallestNormalBits) [[likely]] {
    return LogOfNormal(bits, 0);
  }
  if (bits << 1 == 0) {
    return -std::numeric_limits<double>::infinity();
  }
  if (bits == kInfinityBits) {
    return x;
  }
  if (bits >= kInfinityBits) {  // NaN, or the sign bit is set
    return std::numeric_limits<double>::quiet_NaN();
  }
  return LogOfNormal(std::bit_cast<std::uint64_t>(x * 0x1p52), -52);
}

}  // namespace groundhog::sim
