// The faults of several traces in one list.
#ifndef GROUNDHOG_ANALYSIS_MERGED_FAULTS_H_
#define GROUNDHOG_ANALYSIS_MERGED_FAULTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/time.h"
#include "traces/catalogue.h"

namespace groundhog::analysis {

// Not thread-safe.
class MergedFaults {
 public:
  // A fault that has another name now: the old one and the new one.
  using Renamed = std::pair<std::string, std::string>;

  // Adds the faults of a trace, whose times are `shift` later than in it. Equal ones are there
  // once; another fault of the same name gets a number to its name. Nothing of the trace comes at
  // or after `end`, so it says nothing about occurrences from then on. Returns where each is.
  std::vector<std::uint32_t> Add(const std::vector<traces::FaultEntry>& faults, sim::Duration shift,
                                 sim::VirtualTime end, std::vector<Renamed>* renamed);

  std::size_t size() const { return faults_.size(); }

  // The list for a trace that ends at `end`. A fault that would return after the last trace that
  // has it has ended lists its occurrences until then instead.
  std::vector<traces::FaultEntry> Finish(sim::VirtualTime end) const;

 private:
  struct Fault {
    traces::FaultEntry entry;  // with its name in the list
    sim::VirtualTime end;      // of the traces that have it
  };

  std::vector<Fault> faults_;
  std::map<std::string, std::vector<std::uint32_t>> by_own_name_;
  std::set<std::string> names_;  // in the list
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_MERGED_FAULTS_H_
