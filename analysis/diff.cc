#include "analysis/diff.h"

#include <algorithm>
#include <tuple>

#include "analysis/place.h"

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

auto Order(const Difference& difference) {
  const traces::Record& record = difference.earlier().record;
  return std::tuple(record.time, record.host, difference.number);
}

bool IsEarlier(const Difference& one, const Difference& other) { return Order(one) < Order(other); }

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
  Keep(aligned);
}

void Diff::CountCauses(const AlignedRecord& aligned, const DiffCounts& one) {
  const Cause a = CauseOf(aligned.a);
  const Cause b = CauseOf(aligned.b);
  if (HasCause(a) || !HasCause(b)) causes_[a] += one;
  if (HasCause(b) && a != b) causes_[b] += one;
}

void Diff::Keep(const AlignedRecord& aligned) {
  const traces::Record* const a = aligned.a.record;
  const traces::Record* const b = aligned.b.record;
  const traces::Record& earlier = b == nullptr || (a != nullptr && a->time <= b->time) ? *a : *b;
  const auto known = first_by_service_.find(earlier.service);
  const auto is_before = [&](const Difference& kept) {
    const traces::Record& record = kept.earlier().record;
    return std::tuple(earlier.time, earlier.host) < std::tuple(record.time, record.host);
  };
  const bool is_first = known == first_by_service_.end() || is_before(known->second);
  const bool is_full = earliest_.size() == kEarliestMax;
  if (!is_first && is_full && !is_before(earliest_.front())) return;
  Difference kept = {.a = Kept(aligned.a),
                     .b = Kept(aligned.b),
                     .differences = aligned.differences,
                     .number = all_.total()};
  if (is_first) first_by_service_.insert_or_assign(earlier.service, kept);
  if (is_full) {
    if (!is_before(earliest_.front())) return;
    std::pop_heap(earliest_.begin(), earliest_.end(), IsEarlier);
    earliest_.pop_back();
  }
  earliest_.push_back(kept);
  std::push_heap(earliest_.begin(), earliest_.end(), IsEarlier);
}

const Difference* Diff::first() const {
  const Difference* first = nullptr;
  for (const auto& [service, difference] : first_by_service_) {
    if (first == nullptr || IsEarlier(difference, *first)) first = &difference;
  }
  return first;
}

std::vector<Difference> Diff::chain() const {
  const Difference* const start = first();
  if (start == nullptr) return {};
  const KeptRecord& root = start->earlier();
  if (!IsOfRequest(root.record)) return {*start};
  std::vector<Difference> chain;
  for (const Difference& each : earliest_) {
    const KeptRecord& kept = each.earlier();
    if (kept.record.request == root.record.request && kept.trace_key == root.trace_key) {
      chain.push_back(each);
    }
  }
  std::sort(chain.begin(), chain.end(), IsEarlier);
  return chain;
}

std::vector<Difference> Diff::first_by_service() const {
  std::vector<Difference> sorted;
  for (const auto& [service, difference] : first_by_service_) sorted.push_back(difference);
  std::stable_sort(sorted.begin(), sorted.end(), IsEarlier);
  return sorted;
}

std::vector<std::pair<MinuteOfService, DiffCounts>> Diff::minutes() const {
  std::vector<std::pair<MinuteOfService, DiffCounts>> sorted(minutes_.begin(), minutes_.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& one, const auto& other) { return one.first < other.first; });
  return sorted;
}

}  // namespace groundhog::analysis
