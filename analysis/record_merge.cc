#include "analysis/record_merge.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "sim/check.h"
#include "traces/occurrences.h"

namespace groundhog::analysis {
namespace {

using traces::Record;

constexpr std::size_t kRecordsAtATime = 8192;
// So many records of one host at one time are held against each other, of all inputs together.
constexpr std::size_t kSharedRecordsMax = 1024;

// What is left of a trace's records of one host at one time.
struct Run {
  std::span<const Record> records;
  const Record& head() const { return records.front(); }
};

// Whether a run has the record later than at its head: then its head comes before it.
bool HasLater(const Run& run, const Record& record) {
  return run.head() != record &&
         std::ranges::find(run.records.subspan(1), record) != run.records.end();
}

// Appends the records of runs that are parts of one list, each in its order and once. How many of
// them were in several runs, once for each run more.
std::uint64_t AppendUnion(const std::vector<std::vector<Record>>& lists,
                          std::vector<Record>* records) {
  std::vector<Run> runs;
  for (const std::vector<Record>& list : lists) {
    if (!list.empty()) runs.push_back({.records = list});
  }
  std::uint64_t repeated = 0;
  while (!runs.empty()) {
    const auto is_next = [&](const Run& run) {
      return std::ranges::none_of(runs,
                                  [&](const Run& other) { return HasLater(other, run.head()); });
    };
    // Equal records of one host may be in the way; then any will do.
    const auto next = std::ranges::find_if(runs, is_next);
    const Record taken = next == runs.end() ? runs.front().head() : next->head();
    records->push_back(taken);
    std::uint64_t runs_with_it = 0;
    for (Run& run : runs) {
      if (run.head() != taken) continue;
      ++runs_with_it;
      run.records = run.records.subspan(1);
    }
    repeated += runs_with_it - 1;
    std::erase_if(runs, [](const Run& run) { return run.records.empty(); });
  }
  return repeated;
}

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

// Takes the input's records of a place, at most `records_max`. Afterwards its head is another one.
absl::Status RecordMerge::TakePlace(const Place& place, std::size_t records_max, Input& input,
                                    std::vector<Record>* records) const {
  while (input.has_head() && PlaceOf(input.head()) == place && records->size() < records_max) {
    records->push_back(input.head());
    ++input.at;
    if (absl::Status s = Refill(input); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// A place that several inputs have: they are of one recording, whose records of the place each of
// them has in the same order, but for what a damaged one has lost.
absl::Status RecordMerge::TakeShared(const Waiting& first, std::vector<Record>* records) {
  std::vector<std::size_t> others;
  while (!waiting_.empty() && waiting_.front().place == first.place) {
    others.push_back(Pop().input);
  }
  const auto recording = inputs_[first.input].part->recording;
  const std::size_t records_max = std::max(kSharedRecordsMax / (others.size() + 1), std::size_t{1});
  std::vector<std::vector<Record>> runs(1);
  absl::Status s = TakePlace(first.place, records_max, inputs_[first.input], &runs.back());
  for (const std::size_t number : others) {
    Input& other = inputs_[number];
    if (s.ok() && other.part->recording == recording) {
      s = TakePlace(first.place, records_max, other, &runs.emplace_back());
    }
    if (s.ok()) s = Return(number);
  }
  if (!s.ok()) return s;
  repeated_ += AppendUnion(runs, records);
  return absl::OkStatus();
}

}  // namespace groundhog::analysis
