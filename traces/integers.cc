#include "traces/integers.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace groundhog::traces {
namespace {

absl::Status Damaged(const std::string& what) { return absl::DataLossError(what); }

constexpr std::size_t kPlanesMax = 8;
using Planes = std::array<const unsigned char*, kPlanesMax>;

template <std::size_t kCount>
void AddPlanes(const Planes& planes, std::uint64_t base, std::size_t count, std::int64_t* values) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t value = base;
    for (std::size_t k = 0; k < kCount; ++k) value += std::uint64_t{planes[k][i]} << (8 * k);
    values[i] = static_cast<std::int64_t>(value);
  }
}

// For each number of planes a loop of its own, which the compiler unrolls.
constexpr auto kAddPlanes = []<std::size_t... kCounts>(std::index_sequence<kCounts...>) {
  return std::array{&AddPlanes<kCounts>...};
}(std::make_index_sequence<kPlanesMax + 1>());

}  // namespace

void BuildIntegers(std::span<const std::int64_t> values, schema::Integers::Builder out,
                   const OnPlane& on_plane) {
  if (values.empty()) return;
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  const std::uint64_t base = static_cast<std::uint64_t>(*min);
  out.setBase(*min);
  const unsigned plane_count = PlaneCount(*min, *max);
  if (plane_count == 0) return;
  auto planes = out.initPlanes(plane_count);
  const unsigned size = static_cast<unsigned>(values.size());
  for (unsigned k = 0; k < plane_count; ++k) {
    auto plane = planes.init(k, size);
    unsigned char* const bytes = plane.begin();
    for (unsigned i = 0; i < size; ++i) {
      bytes[i] =
          static_cast<unsigned char>((static_cast<std::uint64_t>(values[i]) - base) >> (8 * k));
    }
    on_plane({bytes, size});
  }
}

absl::Status ReadIntegers(schema::Integers::Reader column, std::size_t count, const char* name,
                          std::vector<std::int64_t>* out) {
  const auto planes = column.getPlanes();
  if (planes.size() > kPlanesMax) {
    return Damaged(absl::StrCat("column ", name, " has too many planes"));
  }
  Planes bytes{};
  for (unsigned k = 0; k < planes.size(); ++k) {
    const auto plane = planes[k];
    if (plane.size() != count) {
      return Damaged(absl::StrCat("column ", name, " has ", plane.size(), " values, not ", count));
    }
    bytes[k] = plane.begin();
  }
  out->resize(count);
  kAddPlanes[planes.size()](bytes, static_cast<std::uint64_t>(column.getBase()), count,
                            out->data());
  return absl::OkStatus();
}

absl::Status ReadBounded(schema::Integers::Reader column, std::size_t count, std::int64_t max,
                         const char* name, std::vector<std::int64_t>* out) {
  if (absl::Status s = ReadIntegers(column, count, name, out); !s.ok()) return s;
  for (const std::int64_t value : *out) {
    if (value < 0 || value > max) {
      return Damaged(absl::StrCat("column ", name, " has ", value, ", not 0 to ", max));
    }
  }
  return absl::OkStatus();
}

}  // namespace groundhog::traces
