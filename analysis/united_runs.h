// The records of one host at one time, of several parts of one recording, as the recording has
// them.
#ifndef GROUNDHOG_ANALYSIS_UNITED_RUNS_H_
#define GROUNDHOG_ANALYSIS_UNITED_RUNS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "traces/record.h"

namespace groundhog::analysis {

// Collects the run of records that each part has, then gives their union (see sequence_union.h).
// Where the runs leave the order open, it depends on the records alone. Not thread-safe.
class UnitedRuns {
 public:
  // Takes at most `records_max` records of all runs together: 1 to 2^31. Equal ones share their
  // memory.
  explicit UnitedRuns(std::size_t records_max);

  UnitedRuns(const UnitedRuns&) = delete;
  UnitedRuns& operator=(const UnitedRuns&) = delete;

  // Forgets all, and begins the first run.
  void Begin();
  void BeginNextRun() { runs_.emplace_back(); }
  // The run's next record. False: there are too many; it was not taken.
  bool Add(const traces::Record& record);
  // After the last record. False: the runs contradict each other, so that they are not, or not
  // with any likelihood, parts of one list.
  bool Unite();

  // What Add() took.
  std::size_t records_added() const { return records_added_; }

  // After Unite(): the union.
  std::size_t size() const { return united_.size(); }
  const traces::Record& operator[](std::size_t i) const { return records_[united_[i]]; }

 private:
  using Number = std::uint32_t;  // of records_

  struct HashOfRecord {
    const std::deque<traces::Record>* records;
    std::size_t operator()(Number number) const;
  };
  struct AreEqual {
    const std::deque<traces::Record>* records;
    bool operator()(Number a, Number b) const { return (*records)[a] == (*records)[b]; }
  };

  void SortRecords();

  const std::size_t records_max_;
  std::size_t records_added_ = 0;
  std::deque<traces::Record> records_;  // each once
  absl::flat_hash_set<Number, HashOfRecord, AreEqual> numbers_;
  std::vector<std::vector<Number>> runs_;
  std::vector<Number> united_;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_UNITED_RUNS_H_
