#include "analysis/known_part.h"

#include <algorithm>

#include "analysis/place.h"
#include "sim/check.h"

namespace groundhog::analysis {
namespace {

// What a record says of its cause is not compared: it depends on how the truth was found.
bool IsSame(const KeyedRecord& one, const KeyedRecord& other) {
  if (one.record->time != other.record->time || PlaceOf(one) != PlaceOf(other)) return false;
  FieldSet truth;
  truth.Add(Field::kTruth);
  const FieldSet differences = Differences(*one.record, *other.record);
  return differences.is_empty() || differences == truth;
}

}  // namespace

void UnknownTimes::Add(sim::VirtualTime from, sim::VirtualTime to) {
  sim::Check(ranges_.empty() || from >= ranges_.back().from, "unknown times come in order");
  if (!ranges_.empty() && (from <= ranges_.back().to || ranges_.size() == kRangesMax)) {
    ranges_.back().to = std::max(ranges_.back().to, to);
  } else {
    ranges_.push_back({.from = from, .to = to});
  }
}

bool UnknownTimes::Has(sim::VirtualTime time) const {
  const auto after = std::ranges::upper_bound(ranges_, time, {}, &Range::from);
  return after != ranges_.begin() && time < (after - 1)->to;
}

void KnownPart::Take(std::span<traces::Record> records, std::uint64_t trace_key) {
  joint_.Translate(Side::kB, records);
  for (const traces::Record& record : records) {
    if (foreign_) return;
    if (at_ == records_.size()) Refill();
    if (is_over_ || !IsHead(record, trace_key)) {
      // What the trace has next may be later in the day.
      if (!is_over_ && records_[at_].time < record.time) {
        foreign_ = records_[at_].time;
        return;
      }
      TakeLost(record.time);
      continue;
    }
    reached_ = record.time;
    if (run_ > 0 && lost_ == 0) first_lost_ = *run_start_;
    lost_ += run_;
    run_ = 0;
    run_start_.reset();
    ++at_;
  }
  if (at_ == records_.size()) Refill();
}

void KnownPart::Refill() {
  while (!is_over_ && at_ == records_.size()) {
    is_over_ = !trace_(&records_, &trace_key_);
    if (is_over_) records_.clear();
    at_ = 0;
  }
  joint_.Translate(Side::kA, records_);
}

bool KnownPart::IsHead(const traces::Record& record, std::uint64_t trace_key) const {
  return IsSame({.record = &records_[at_], .trace_key = trace_key_},
                {.record = &record, .trace_key = trace_key});
}

void KnownPart::TakeLost(sim::VirtualTime time) {
  if (!run_start_) run_start_ = time;
  ++run_;
  if (is_over_) {
    // A damaged trace may have records after the end that it states.
    set_unknown_(std::max(reached_, std::min(*run_start_, end_)), sim::VirtualTime::Max());
  } else {
    set_unknown_(*run_start_, time + sim::Nanoseconds(1));
  }
}

bool OwnRecordNumbers::Take(std::span<const traces::Record> records) {
  return std::ranges::all_of(records, [&](const traces::Record& record) {
    return IsOfRequest(record) || record.request.ordinal == next_[sim::Index(record.host)]++;
  });
}

bool MayHavePartnerLater(const AlignedRecord& aligned) {
  const traces::Record* const a = aligned.a.record;
  const traces::Record* const b = aligned.b.record;
  if (a != nullptr && b != nullptr) return !HaveSameKind(*a, *b);
  return IsOfRequest(a != nullptr ? *a : *b);
}

}  // namespace groundhog::analysis
