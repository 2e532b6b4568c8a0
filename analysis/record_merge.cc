#include "analysis/record_merge.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sim/check.h"
#include "text/numbers.h"
#include "text/time_text.h"
#include "traces/occurrences.h"

namespace groundhog::analysis {
namespace {

using traces::Record;

constexpr std::size_t kRecordsAtATime = 8192;
// So many of the traces that do not fit together are named.
constexpr std::size_t kNamedMax = 3;

}  // namespace

RecordMerge::RecordMerge(const MergedHeader& header, std::vector<MergeSource> sources,
                         std::size_t united_records_max)
    : header_(header), united_(united_records_max) {
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
        return absl::InvalidArgumentError(absl::StrCat(
            input.part->name,
            ": a record is more than 292 years after the start of the earliest FILE, which no "
            "trace can cover: merge without one of them"));
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

// Puts those back that share a place.
absl::Status RecordMerge::ReturnSharing() {
  for (const std::size_t number : sharing_) {
    if (absl::Status s = Return(number); !s.ok()) return s;
  }
  sharing_.clear();
  return absl::OkStatus();
}

absl::StatusOr<bool> RecordMerge::Next(std::vector<Record>* records) {
  records->clear();
  TakeUnited(records);
  while (records->size() < kRecordsAtATime && !waiting_.empty()) {
    const Waiting first = Pop();
    const bool is_shared =
        first.has_begun && !waiting_.empty() && waiting_.front().place == first.place;
    if (is_shared) {
      FindSharing(first);
      if (absl::Status s = TakeShared(first.place, records); !s.ok()) return s;
      continue;
    }
    if (first.has_begun) TakeRun(inputs_[first.input], records);
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

// Takes the inputs whose heads have the place of the first one out of those that wait. All are of
// one recording: another one has other hosts.
void RecordMerge::FindSharing(const Waiting& first) {
  sharing_.assign({first.input});
  while (!waiting_.empty() && waiting_.front().place == first.place) {
    sharing_.push_back(Pop().input);
    sim::Check(inputs_[sharing_.back()].part->recording == inputs_[first.input].part->recording,
               "a host is of one recording");
  }
}

bool RecordMerge::HaveEqualHeads() const {
  const Record& head = inputs_[sharing_.front()].head();
  return std::all_of(sharing_.begin() + 1, sharing_.end(),
                     [&](std::size_t number) { return inputs_[number].head() == head; });
}

// Behind the head that all of them have. Those that have no more of the place wait again.
absl::Status RecordMerge::TakeEqualHeads(const Place& place) {
  std::size_t kept = 0;
  for (const std::size_t number : sharing_) {
    Input& input = inputs_[number];
    ++input.at;
    if (absl::Status s = Refill(input); !s.ok()) return s;
    if (input.has_head() && PlaceOf(input.head()) == place) {
      sharing_[kept++] = number;
    } else if (absl::Status s = Return(number); !s.ok()) {
      return s;
    }
  }
  repeated_ += sharing_.size() - 1;
  sharing_.resize(kept);
  return absl::OkStatus();
}

// A place that several inputs have: they are of one recording, whose records of the place each of
// them has in the same order, but for what a damaged one has lost. While all have the same head it
// is next, and nothing is held.
absl::Status RecordMerge::TakeShared(const Place& place, std::vector<Record>* records) {
  while (sharing_.size() > 1 && records->size() < kRecordsAtATime) {
    if (!HaveEqualHeads()) {
      if (absl::Status s = UnitePlace(place); !s.ok()) return s;
      TakeUnited(records);
      return absl::OkStatus();
    }
    records->push_back(inputs_[sharing_.front()].head());
    if (absl::Status s = TakeEqualHeads(place); !s.ok()) return s;
  }
  return ReturnSharing();
}

// Which inputs share the place, and its time, for people.
std::string RecordMerge::SharingAt(const Place& place) const {
  std::vector<std::string> names;
  for (const std::size_t number : sharing_) names.push_back(inputs_[number].part->name);
  std::ranges::sort(names);
  std::string text = absl::StrJoin(std::span(names).first(std::min(names.size(), kNamedMax)), ", ");
  if (names.size() > kNamedMax) absl::StrAppend(&text, " and ", names.size() - kNamedMax, " more");
  const auto host = std::size_t{traces::Index(place.host)};
  std::int64_t unix_nanoseconds = 0;
  if (__builtin_add_overflow(header_.info.start_unix_nanoseconds, place.time.nanoseconds(),
                             &unix_nanoseconds)) {
    unix_nanoseconds = std::numeric_limits<std::int64_t>::max();
  }
  return absl::StrCat(text, ": their records of host ", header_.catalogue.entities[host].name,
                      " at ", text::FormatRfc3339Nanoseconds(unix_nanoseconds));
}

// Collects the input's records of the place.
absl::Status RecordMerge::TakePlace(const Place& place, Input& input) {
  while (input.has_head() && PlaceOf(input.head()) == place) {
    if (!united_.Add(input.head())) {
      return absl::ResourceExhaustedError(
          absl::StrCat(SharingAt(place), " are not the same ones, and too many (over ",
                       text::WithCommas(united_.records_added()),
                       ") to find their order: leave that time out of all but one FILE, see "
                       "'groundhog slice'"));
    }
    ++input.at;
    if (absl::Status s = Refill(input); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status RecordMerge::UnitePlace(const Place& place) {
  united_.Begin();
  united_given_ = 0;
  for (const std::size_t number : sharing_) {
    if (absl::Status s = TakePlace(place, inputs_[number]); !s.ok()) return s;
    united_.BeginNextRun();
  }
  if (!united_.Unite()) {
    return absl::InvalidArgumentError(
        absl::StrCat(SharingAt(place),
                     " are in orders of which none was found that holds for "
                     "all, as in parts of one recording: merge without one of them"));
  }
  repeated_ += united_.records_added() - united_.size();
  return ReturnSharing();
}

// What is left of the last union.
void RecordMerge::TakeUnited(std::vector<Record>* records) {
  while (united_given_ < united_.size() && records->size() < kRecordsAtATime) {
    records->push_back(united_[united_given_++]);
  }
}

}  // namespace groundhog::analysis
