#include "analysis/united_runs.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/hash/hash.h"
#include "analysis/sequence_union.h"

namespace groundhog::analysis {
namespace {

using traces::Record;

// All that a record has; what records of one host and time differ in most comes first.
auto ValuesOf(const Record& record) {
  const traces::Truth& truth = record.truth;
  return std::tuple(record.request.source, record.request.ordinal, record.span, record.attempt,
                    record.message, record.duration.nanoseconds(), record.slots, record.level,
                    record.dependency, record.error_code, record.parent_span, record.call_path,
                    record.queue_wait.nanoseconds(), record.clock_skew.nanoseconds(),
                    record.service, record.host, record.time.nanoseconds(), truth.fault, truth.root,
                    truth.occurrence, truth.hops, truth.also);
}

}  // namespace

std::size_t UnitedRuns::HashOfRecord::operator()(Number number) const {
  return absl::HashOf(ValuesOf((*records)[number]));
}

UnitedRuns::UnitedRuns(std::size_t records_max)
    : records_max_(records_max),
      numbers_(0, HashOfRecord{&records_}, AreEqual{&records_}),
      runs_(1) {}

void UnitedRuns::Begin() {
  records_added_ = 0;
  records_.clear();
  numbers_.clear();
  runs_.assign(1, {});
  united_.clear();
}

bool UnitedRuns::Add(const Record& record) {
  if (records_added_ == records_max_) return false;
  ++records_added_;
  records_.push_back(record);
  const auto [number, is_new] = numbers_.insert(static_cast<Number>(records_.size() - 1));
  runs_.back().push_back(*number);
  if (!is_new) records_.pop_back();
  return true;
}

// Numbers are in the order of the records' values, so that they do not depend on the runs'.
void UnitedRuns::SortRecords() {
  numbers_.clear();  // the hashes are of what is moved now
  std::vector<Number> sorted(records_.size());
  for (Number i = 0; i < sorted.size(); ++i) sorted[i] = i;
  std::ranges::sort(
      sorted, [this](Number a, Number b) { return ValuesOf(records_[a]) < ValuesOf(records_[b]); });
  std::vector<Number> number_of(sorted.size());
  for (Number i = 0; i < sorted.size(); ++i) number_of[sorted[i]] = i;
  for (std::vector<Number>& run : runs_) {
    for (Number& number : run) number = number_of[number];
  }
  // Each cycle of the permutation is gone through once.
  for (Number i = 0; i < number_of.size(); ++i) {
    while (number_of[i] != i) {
      const Number other = number_of[i];
      std::swap(records_[i], records_[other]);
      std::swap(number_of[i], number_of[other]);
    }
  }
}

bool UnitedRuns::Unite() {
  SortRecords();
  std::optional<std::vector<Number>> united =
      UniteSequences(runs_, static_cast<Number>(records_.size()));
  runs_.assign(1, {});
  if (!united) return false;
  united_ = *std::move(united);
  return true;
}

}  // namespace groundhog::analysis
