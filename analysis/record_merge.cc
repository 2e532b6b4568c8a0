#include "analysis/record_merge.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"

namespace groundhog::analysis {
namespace {

using traces::Record;

constexpr std::size_t kRecordsAtATime = 8192;

bool IsBefore(const Record& a, const Record& b) {
  return a.time != b.time ? a.time < b.time : a.host < b.host;
}

}  // namespace

RecordMerge::RecordMerge(const MergedHeader& header, std::vector<ChunkSource> sources)
    : header_(header) {
  sim::Check(sources.size() == header.parts.size(), "each merged trace has its records");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    Input& input = inputs_.emplace_back();
    input.part = &header.parts[i];
    input.next = std::move(sources[i]);
  }
}

absl::Status RecordMerge::Refill(Input& input) const {
  while (!input.has_ended && !input.has_head()) {
    const absl::StatusOr<bool> has_more = input.next(&input.records);
    if (!has_more.ok()) return has_more.status();
    input.has_ended = !*has_more;
    input.at = 0;
    if (input.has_ended) input.records.clear();
    if (input.part->has_own_indices) {
      input.part->indices.Translate(header_.catalogue.templates, input.records);
    }
    if (input.part->shift == sim::Duration()) continue;
    const sim::VirtualTime last = sim::VirtualTime::Max() - input.part->shift;
    for (Record& record : input.records) {
      if (record.time >= last) {
        return absl::InvalidArgumentError(
            "a record is more than 292 years after the start of the earliest trace");
      }
      record.time = record.time + input.part->shift;
    }
  }
  return absl::OkStatus();
}

absl::Status RecordMerge::RefillAll() {
  for (Input& input : inputs_) {
    if (absl::Status s = Refill(input); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RecordMerge::Next(std::vector<Record>* records) {
  records->clear();
  while (records->size() < kRecordsAtATime) {
    if (absl::Status s = RefillAll(); !s.ok()) return s;
    Input* first = nullptr;
    const Input* second = nullptr;  // of the others
    for (Input& input : inputs_) {
      if (!input.has_head()) continue;
      if (first == nullptr || IsBefore(input.head(), first->head())) {
        second = std::exchange(first, &input);
      } else if (second == nullptr || IsBefore(input.head(), second->head())) {
        second = &input;
      }
    }
    if (first == nullptr) break;
    if (second != nullptr && !IsBefore(first->head(), second->head())) {
      TakeShared(*first, records);
    } else {
      TakeRun(*first, second, records);
    }
  }
  return !records->empty();
}

// All that comes before the head of the input that is next.
void RecordMerge::TakeRun(Input& input, const Input* next, std::vector<Record>* records) {
  while (input.has_head() && records->size() < kRecordsAtATime &&
         (next == nullptr || IsBefore(input.head(), next->head()))) {
    records->push_back(input.head());
    ++input.at;
  }
}

// A record of a host that several inputs have: they are of one recording. Those that overlap have
// its records in the same order, so that the heads of all are the same record.
void RecordMerge::TakeShared(Input& input, std::vector<Record>* records) {
  records->push_back(input.head());
  ++input.at;
  for (Input& other : inputs_) {
    if (&other == &input || other.part->recording != input.part->recording) continue;
    if (!other.has_head() || !(other.head() == records->back())) continue;
    ++other.at;
    ++repeated_;
  }
}

}  // namespace groundhog::analysis
