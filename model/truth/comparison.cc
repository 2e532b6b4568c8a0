#include "model/truth/comparison.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace groundhog::model {
namespace {

std::int64_t MillisecondsOf(const traces::Record& record) {
  return record.duration / sim::Milliseconds(1);
}

auto PlaceOf(const traces::Record& record) { return std::tuple(record.time, record.host); }

}  // namespace

Comparison::Key Comparison::KeyOf(const traces::Record& record) {
  const bool is_of_request = record.span != traces::SpanId::kNone;
  return {.ordinal = is_of_request ? record.request.ordinal
                                   : static_cast<std::uint64_t>(record.time.nanoseconds()),
          .source = sim::Index(record.request.source),
          .span = static_cast<std::uint32_t>(record.span),
          .error_code = traces::Index(record.error_code),
          .level = static_cast<std::uint8_t>(record.level)};
}

void Comparison::Add(std::span<const traces::Record> real, std::uint64_t first,
                     std::span<const traces::Record> other, std::vector<Verdict>* verdicts) {
  // Most records are in both at the same place: those need not be looked up. The others are looked
  // up afterwards, so that a record never takes the place of one that is at its own.
  std::vector<std::size_t> unmatched_real;
  std::vector<std::size_t> unmatched_other;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < real.size() || j < other.size()) {
    if (j == other.size() || (i < real.size() && PlaceOf(real[i]) < PlaceOf(other[j]))) {
      unmatched_real.push_back(i++);
    } else if (i == real.size() || PlaceOf(other[j]) < PlaceOf(real[i])) {
      unmatched_other.push_back(j++);
    } else if (KeyOf(real[i]) == KeyOf(other[j])) {
      verdicts->push_back(
          {.number = first + i,
           .has_other_latency = MillisecondsOf(real[i]) != MillisecondsOf(other[j])});
      ++i;
      ++j;
    } else {
      unmatched_real.push_back(i++);
      unmatched_other.push_back(j++);
    }
  }
  std::vector<Key> keys;
  const auto keep = [&keys](const traces::Record& record, std::uint64_t number, UnfoundByKey& to) {
    keys.push_back(KeyOf(record));
    to.emplace(keys.back(),
               Unfound{record.time, MillisecondsOf(record), number, traces::Index(record.message)});
  };
  for (const std::size_t index : unmatched_real) keep(real[index], first + index, real_);
  for (const std::size_t index : unmatched_other) keep(other[index], 0, other_);
  for (const bool needs_same_message : {true, false}) {
    for (const Key& key : keys) Pair(key, needs_same_message, verdicts);
  }
}

void Comparison::Pair(const Key& key, bool needs_same_message, std::vector<Verdict>* verdicts) {
  auto [real, real_end] = real_.equal_range(key);
  while (real != real_end) {
    const Unfound& one = real->second;
    const auto [first, end] = other_.equal_range(key);
    const auto partner = std::find_if(first, end, [&](const auto& entry) {
      const sim::Duration apart =
          std::max(entry.second.time, one.time) - std::min(entry.second.time, one.time);
      return apart <= kHorizon && (!needs_same_message || entry.second.message == one.message);
    });
    if (partner == end) {
      ++real;
      continue;
    }
    verdicts->push_back({.number = one.number,
                         .has_other_latency = partner->second.milliseconds != one.milliseconds});
    other_.erase(partner);
    real = real_.erase(real);
  }
}

void Comparison::ForgetBefore(sim::VirtualTime time) {
  const auto is_old = [time](const auto& entry) { return entry.second.time < time; };
  std::erase_if(real_, is_old);
  std::erase_if(other_, is_old);
}

}  // namespace groundhog::model
