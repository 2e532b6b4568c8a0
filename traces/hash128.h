// A 128-bit hash and its text: 32 hex digits, the high half first. Trace ids and digests are these.
#ifndef GROUNDHOG_TRACES_HASH128_H_
#define GROUNDHOG_TRACES_HASH128_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace groundhog::traces {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

inline constexpr int kHash128Digits = 32;

// Writes 32 lower-case hex digits to `out`, high half first.
void WriteHex(Hash128 hash, char* out);
// Writes 8.
void WriteHex32(std::uint32_t value, char* out);
std::string ToHex(Hash128 hash);

// The reverse, of exactly 32 hex digits in either case; nullopt for anything else.
std::optional<Hash128> ParseHash128(std::string_view hex);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_HASH128_H_
