// Writes text and numbers into a buffer that is known to be long enough, and returns the end of
// what was written: the inner loop of rendering.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TRACES_PUT_H_
#define GROUNDHOG_TRACES_PUT_H_

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "traces/byte_order.h"
#include "traces/hash128.h"

namespace groundhog::traces {

inline constexpr std::size_t kIntegerBytesMax = 20;  // "-9223372036854775808"

inline char* Put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

inline constexpr std::array<char, 200> kDecimalPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// 0 to 99.
inline char* PutTwoDigits(std::uint64_t value, char* out) {
  std::memcpy(out, &kDecimalPairs[2 * value], 2);
  return out + 2;
}

// Four digits of 0 to 9999, the first in the lowest byte.
inline std::uint32_t FourDigits(std::uint64_t value) {
  return LoadLittleEndian16(&kDecimalPairs[2 * (value / 100)]) |
         std::uint32_t{LoadLittleEndian16(&kDecimalPairs[2 * (value % 100)])} << 16;
}

// Most numbers in lines are small, and their lengths vary so that branches would be mispredicted:
// below 10,000, and below 100,000,000, no branch depends on the length. Overwrites up to three
// bytes after the returned end.
template <class Integer>
char* PutInteger(Integer value, char* out) {
  const auto small = static_cast<std::uint64_t>(value);
  if (small >= 100'000'000) return std::to_chars(out, out + kIntegerBytesMax, value).ptr;
  if (small < 10'000) {
    const int zeros = (small < 10) + (small < 100) + (small < 1'000);
    StoreLittleEndian32(FourDigits(small) >> (8 * zeros), out);
    return out + 4 - zeros;
  }
  constexpr std::uint64_t kZeros = 0x3030'3030'3030'3030;
  const std::uint64_t digits =
      FourDigits(small / 10'000) | std::uint64_t{FourDigits(small % 10'000)} << 32;
  const int zeros = std::countr_zero(digits ^ kZeros) / 8;
  StoreLittleEndian64(digits >> (8 * zeros), out);
  return out + 8 - zeros;
}

inline char* PutHex32(std::uint32_t value, char* out) {
  WriteHex32(value, out);
  return out + 8;
}

// 1234 as 12.34, -5 as -0.05.
inline char* PutHundredths(std::int64_t value, char* out) {
  std::uint64_t magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  out = PutInteger(magnitude / 100, out);
  *out++ = '.';
  *out++ = static_cast<char>('0' + magnitude / 10 % 10);
  *out++ = static_cast<char>('0' + magnitude % 10);
  return out;
}

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_PUT_H_
