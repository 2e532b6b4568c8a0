#include "analysis/diff.h"

#include <algorithm>
#include <tuple>

namespace groundhog::analysis {
namespace {

std::optional<KeptRecord> Kept(const KeyedRecord& keyed) {
  if (keyed.record == nullptr) return std::nullopt;
  return KeptRecord{.record = *keyed.record, .trace_key = keyed.trace_key};
}

Cause CauseOf(const KeyedRecord& keyed) {
  if (keyed.record == nullptr) return {traces::FaultId::kNone, 0};
  return {keyed.record->truth.fault, keyed.record->truth.occurrence};
}

bool HasCause(const Cause& cause) { return cause.first != traces::FaultId::kNone; }

auto Order(const traces::Record& record) { return std::tuple(record.time, record.host); }

}  // namespace

void Diff::Take(const AlignedRecord& aligned) {
  if (aligned.is_equal()) {
    ++equal_;
    return;
  }
  DiffCounts one;
  if (aligned.b.record == nullptr) {
    one.only_a = 1;
  } else if (aligned.a.record == nullptr) {
    one.only_b = 1;
  } else {
    one.different = 1;
    for (const auto& field : kFieldNames.rows()) {
      by_field_[static_cast<std::size_t>(field.value)] += aligned.differences.Has(field.value);
    }
  }
  all_ += one;
  const traces::Record& record =
      aligned.a.record == nullptr ? *aligned.b.record : *aligned.a.record;
  minutes_[{.minute = record.time.since_start() / sim::Minutes(1), .service = record.service}] +=
      one;
  CountCauses(aligned, one);
  TakeFirst(aligned);
}

void Diff::CountCauses(const AlignedRecord& aligned, const DiffCounts& one) {
  const Cause a = CauseOf(aligned.a);
  const Cause b = CauseOf(aligned.b);
  if (HasCause(a) || !HasCause(b)) causes_[a] += one;
  if (HasCause(b) && a != b) causes_[b] += one;
}

void Diff::TakeFirst(const AlignedRecord& aligned) {
  const auto order = [](const traces::Record* a, const traces::Record* b) {
    return b == nullptr || (a != nullptr && Order(*a) <= Order(*b)) ? Order(*a) : Order(*b);
  };
  if (first_ && Order(first_->earlier().record) <= order(aligned.a.record, aligned.b.record)) {
    return;
  }
  first_ = FirstDifference{
      .a = Kept(aligned.a), .b = Kept(aligned.b), .differences = aligned.differences};
}

std::vector<std::pair<MinuteOfService, DiffCounts>> Diff::minutes() const {
  std::vector<std::pair<MinuteOfService, DiffCounts>> sorted(minutes_.begin(), minutes_.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& one, const auto& other) { return one.first < other.first; });
  return sorted;
}

}  // namespace groundhog::analysis
