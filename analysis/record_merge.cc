#include "analysis/record_merge.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "sim/check.h"
#include "traces/occurrences.h"

namespace groundhog::analysis {
namespace {

using traces::Record;

constexpr std::size_t kRecordsAtATime = 8192;

}  // namespace

RecordMerge::RecordMerge(const MergedHeader& header, std::vector<MergeSource> sources)
    : header_(header) {
  sim::Check(sources.size() == header.parts.size(), "each merged trace has its records");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    Input& input = inputs_.emplace_back();
    input.part = &header.parts[i];
    input.next = std::move(sources[i].next);
    Push({.place = {.time = traces::AddSaturating(sources[i].first_time, input.part->shift)},
          .has_begun = false,
          .input = i});
  }
}

// Replaces what was taken by the next chunk. Without a head afterwards: the input has ended.
absl::Status RecordMerge::Refill(Input& input) const {
  while (!input.has_head()) {
    const absl::StatusOr<bool> has_more = input.next(&input.records);
    if (!has_more.ok()) return has_more.status();
    input.at = 0;
    if (!*has_more) {
      std::vector<Record>().swap(input.records);  // with its memory
      return absl::OkStatus();
    }
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

void RecordMerge::Push(const Waiting& waiting) {
  waiting_.push_back(waiting);
  std::ranges::push_heap(waiting_, std::greater());
}

RecordMerge::Waiting RecordMerge::Pop() {
  std::ranges::pop_heap(waiting_, std::greater());
  const Waiting first = waiting_.back();
  waiting_.pop_back();
  return first;
}

// Puts an input back in its place, unless it has ended.
absl::Status RecordMerge::Return(std::size_t number) {
  Input& input = inputs_[number];
  if (absl::Status s = Refill(input); !s.ok()) return s;
  if (input.has_head()) {
    Push({.place = PlaceOf(input.head()), .has_begun = true, .input = number});
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RecordMerge::Next(std::vector<Record>* records) {
  records->clear();
  while (records->size() < kRecordsAtATime && !waiting_.empty()) {
    const Waiting first = Pop();
    Input& input = inputs_[first.input];
    if (first.has_begun) {
      const bool is_shared = !waiting_.empty() && waiting_.front().place == first.place;
      if (!is_shared) {
        TakeRun(input, records);
      } else if (absl::Status s = TakeShared(first, records); !s.ok()) {
        return s;
      }
    }
    if (absl::Status s = Return(first.input); !s.ok()) return s;
  }
  return !records->empty();
}

// All that comes before the head of the input that is next.
void RecordMerge::TakeRun(Input& input, std::vector<Record>* records) const {
  while (input.has_head() && records->size() < kRecordsAtATime &&
         (waiting_.empty() || PlaceOf(input.head()) < waiting_.front().place)) {
    records->push_back(input.head());
    ++input.at;
  }
}

// A record of a host that several inputs have: they are of one recording. Those that overlap have
// its records in the same order, so that the heads of all are the same record.
absl::Status RecordMerge::TakeShared(const Waiting& first, std::vector<Record>* records) {
  Input& input = inputs_[first.input];
  records->push_back(input.head());
  ++input.at;
  std::vector<std::size_t> others;
  while (!waiting_.empty() && waiting_.front().place == first.place) {
    others.push_back(Pop().input);
  }
  for (const std::size_t number : others) {
    Input& other = inputs_[number];
    if (other.part->recording == input.part->recording && other.head() == records->back()) {
      ++other.at;
      ++repeated_;
    }
    if (absl::Status s = Return(number); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace groundhog::analysis
