// Lists of integers as columns keep them: a base and byte planes. FORMAT.md, "Columns".
#ifndef GROUNDHOG_TRACES_INTEGERS_H_
#define GROUNDHOG_TRACES_INTEGERS_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

// Sees each plane as it is placed, in the message's order.
using OnPlane = std::function<void(std::span<const unsigned char>)>;

// How many planes numbers from `min` to `max` need.
constexpr unsigned PlaneCount(std::int64_t min, std::int64_t max) {
  const std::uint64_t range = static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min);
  return (static_cast<unsigned>(std::bit_width(range)) + 7) / 8;
}

// With the least value as base, and as many planes as the range needs.
void BuildIntegers(std::span<const std::int64_t> values, schema::Integers::Builder out,
                   const OnPlane& on_plane);

// Reads `count` integers into `out`. DataLoss, without offset, names the column.
absl::Status ReadIntegers(schema::Integers::Reader column, std::size_t count, const char* name,
                          std::vector<std::int64_t>* out);

// The same for a column whose values must lie in [0, max].
absl::Status ReadBounded(schema::Integers::Reader column, std::size_t count, std::int64_t max,
                         const char* name, std::vector<std::int64_t>* out);

// Small numbers of either sign as small numbers that are not negative, and back.
constexpr std::int64_t ZigZag(std::int64_t value) {
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(value) << 1) ^
                                   static_cast<std::uint64_t>(value >> 63));
}
constexpr std::int64_t UnZigZag(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return static_cast<std::int64_t>((bits >> 1) ^ (0 - (bits & 1)));
}

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_INTEGERS_H_
