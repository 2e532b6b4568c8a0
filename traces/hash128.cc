#include "traces/hash128.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace groundhog::traces {
namespace {

struct HexPair {
  char digits[2];
};

// The two digits of each byte.
constexpr std::array<HexPair, 256> kHexPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<HexPair, 256> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {{kDigits[i >> 4], kDigits[i & 15]}};
  return pairs;
}();

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

template <class Unsigned>
void WriteHexOf(Unsigned value, char* out) {
  for (int i = 2 * sizeof value - 2; i >= 0; i -= 2) {
    std::memcpy(out + i, kHexPairs[value & 255].digits, 2);
    value >>= 8;
  }
}

}  // namespace

void WriteHex32(std::uint32_t value, char* out) { WriteHexOf(value, out); }

void WriteHex(Hash128 hash, char* out) {
  WriteHexOf(hash.high, out);
  WriteHexOf(hash.low, out + 16);
}

std::string ToHex(Hash128 hash) {
  std::string text(kHash128Digits, '0');
  WriteHex(hash, text.data());
  return text;
}

std::optional<Hash128> ParseHash128(std::string_view hex) {
  if (hex.size() != kHash128Digits) return std::nullopt;
  Hash128 hash;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const int value = HexValue(hex[i]);
    if (value < 0) return std::nullopt;
    std::uint64_t& half = i < 16 ? hash.high : hash.low;
    half = half << 4 | static_cast<std::uint64_t>(value);
  }
  return hash;
}

}  // namespace groundhog::traces
