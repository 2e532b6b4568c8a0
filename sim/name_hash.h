// A hash of names that is the same everywhere and for ever: draws and saved positions rest on it.
//
// Pure function; usable in constant expressions and from any thread.
#ifndef GROUNDHOG_SIM_NAME_HASH_H_
#define GROUNDHOG_SIM_NAME_HASH_H_

#include <cstdint>
#include <string_view>

namespace groundhog::sim {

// FNV-1a, 64 bits, over the name's bytes (Fowler, Noll, Vo; the published offset basis and prime).
constexpr std::uint64_t HashName(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char character : name) {
    hash ^= static_cast<unsigned char>(character);
    hash *= 0x00000100000001B3;
  }
  return hash;
}

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_NAME_HASH_H_
