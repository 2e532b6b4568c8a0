// Stores and loads of a stated byte order, the same on every machine. Little-endian is the file's;
// hashes are written big-endian, as XXH128_canonicalFromHash and the xxhsum tool have them.
#ifndef GROUNDHOG_TRACES_BYTE_ORDER_H_
#define GROUNDHOG_TRACES_BYTE_ORDER_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace groundhog::traces {

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big,
              "an integer's bytes lie in one of the two usual orders");

// The number whose bytes lie in memory as those of `value` do on a little-endian machine.
template <std::integral Integer>
constexpr Integer ToLittleEndian(Integer value) {
  if constexpr (std::endian::native == std::endian::little || sizeof value == 1) {
    return value;
  } else {
    const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
    if constexpr (sizeof value == 2) return static_cast<Integer>(__builtin_bswap16(bits));
    if constexpr (sizeof value == 4) return static_cast<Integer>(__builtin_bswap32(bits));
    if constexpr (sizeof value == 8) return static_cast<Integer>(__builtin_bswap64(bits));
  }
}

template <std::integral Integer>
void StoreLittleEndian(Integer value, void* out) {
  value = ToLittleEndian(value);
  std::memcpy(out, &value, sizeof value);
}

// One after the other.
inline void StoreLittleEndian(std::span<const std::int64_t> values, void* out) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out, values.data(), values.size_bytes());
  } else {
    for (std::size_t i = 0; i < values.size(); ++i) {
      StoreLittleEndian(values[i], static_cast<char*>(out) + i * sizeof values[i]);
    }
  }
}

template <std::integral Integer>
Integer LoadLittleEndian(const void* in) {
  Integer value = 0;
  std::memcpy(&value, in, sizeof value);
  return ToLittleEndian(value);
}

inline void StoreLittleEndian32(std::uint32_t value, void* out) { StoreLittleEndian(value, out); }
inline void StoreLittleEndian64(std::uint64_t value, void* out) { StoreLittleEndian(value, out); }

inline std::uint16_t LoadLittleEndian16(const void* in) {
  return LoadLittleEndian<std::uint16_t>(in);
}
inline std::uint32_t LoadLittleEndian32(const void* in) {
  return LoadLittleEndian<std::uint32_t>(in);
}
inline std::uint64_t LoadLittleEndian64(const void* in) {
  return LoadLittleEndian<std::uint64_t>(in);
}

inline void StoreBigEndian64(std::uint64_t value, void* out) {
  StoreLittleEndian64(__builtin_bswap64(value), out);
}

inline std::uint64_t LoadBigEndian64(const void* in) {
  return __builtin_bswap64(LoadLittleEndian64(in));
}

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_BYTE_ORDER_H_
