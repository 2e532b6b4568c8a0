// Stores and loads of a stated byte order, the same on every machine. Little-endian is the file's;
// hashes are written big-endian, as XXH128_canonicalFromHash and the xxhsum tool have them.
#ifndef GROUNDHOG_TRACES_BYTE_ORDER_H_
#define GROUNDHOG_TRACES_BYTE_ORDER_H_

#include <bit>
#include <cstdint>
#include <cstring>

namespace groundhog::traces {

static_assert(std::endian::native == std::endian::little,
              "loads and stores here assume a little-endian machine");

inline std::uint16_t LoadLittleEndian16(const void* in) {
  std::uint16_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return value;
}

inline void StoreLittleEndian32(std::uint32_t value, void* out) {
  std::memcpy(out, &value, sizeof value);
}

inline void StoreLittleEndian64(std::uint64_t value, void* out) {
  std::memcpy(out, &value, sizeof value);
}

inline std::uint64_t LoadLittleEndian64(const void* in) {
  std::uint64_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return value;
}

inline std::uint32_t LoadLittleEndian32(const void* in) {
  std::uint32_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return value;
}

inline void StoreBigEndian64(std::uint64_t value, void* out) {
  StoreLittleEndian64(__builtin_bswap64(value), out);
}

inline std::uint64_t LoadBigEndian64(const void* in) {
  return __builtin_bswap64(LoadLittleEndian64(in));
}

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_BYTE_ORDER_H_
