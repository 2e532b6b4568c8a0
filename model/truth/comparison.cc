#include "model/truth/comparison.h"

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
  for (const std::size_t index : unmatched_real) AddReal(real[index], first + index, verdicts);
  for (const std::size_t index : unmatched_other) AddOther(other[index], verdicts);
}

Comparison::UnfoundByKey::iterator Comparison::Find(UnfoundByKey& unfound, const Key& key,
                                                    sim::VirtualTime time) {
  auto found = unfound.lower_bound(key);  // of equal keys the one that was added first
  while (found != unfound.end() && found->first == key) {
    if (time - found->second.time <= kHorizon) return found;
    found = unfound.erase(found);
  }
  return unfound.end();
}

void Comparison::AddReal(const traces::Record& record, std::uint64_t number,
                         std::vector<Verdict>* verdicts) {
  const Key key = KeyOf(record);
  const std::int64_t milliseconds = MillisecondsOf(record);
  const auto found = Find(other_, key, record.time);
  if (found == other_.end()) {
    real_.emplace(key, Unfound{record.time, milliseconds, number});
    return;
  }
  verdicts->push_back(
      {.number = number, .has_other_latency = found->second.milliseconds != milliseconds});
  other_.erase(found);
}

void Comparison::AddOther(const traces::Record& record, std::vector<Verdict>* verdicts) {
  const Key key = KeyOf(record);
  const std::int64_t milliseconds = MillisecondsOf(record);
  const auto found = Find(real_, key, record.time);
  if (found == real_.end()) {
    other_.emplace(key, Unfound{record.time, milliseconds, 0});
    return;
  }
  verdicts->push_back({.number = found->second.number,
                       .has_other_latency = found->second.milliseconds != milliseconds});
  real_.erase(found);
}

void Comparison::ForgetBefore(sim::VirtualTime time) {
  const auto is_old = [time](const auto& entry) { return entry.second.time < time; };
  std::erase_if(real_, is_old);
  std::erase_if(other_, is_old);
}

}  // namespace groundhog::model
