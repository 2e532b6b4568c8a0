#include "analysis/merged_faults.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "traces/catalogue_check.h"
#include "traces/occurrences.h"
#include "traces/summary.h"

namespace groundhog::analysis {
namespace {

using traces::FaultEntry;

// Times beyond the end of virtual time never come.
FaultEntry Shifted(FaultEntry fault, sim::Duration shift) {
  if (!fault.is_random) {
    fault.first_start = traces::AddSaturating(fault.first_start, shift);
    return fault;
  }
  for (traces::FaultTime& time : fault.times) {
    time = {.start = traces::AddSaturating(time.start, shift),
            .end = traces::AddSaturating(time.end, shift)};
  }
  std::erase_if(fault.times, [](const traces::FaultTime& time) {
    return time.start == sim::VirtualTime::Max();
  });
  return fault;
}

// Whatever their names are.
bool AreSameFault(FaultEntry a, const FaultEntry& b) {
  a.name = b.name;
  return a == b;
}

std::vector<traces::Occurrence> OccurrencesBefore(const FaultEntry& fault, sim::VirtualTime end,
                                                  std::size_t count_max) {
  traces::Catalogue alone;
  alone.faults = {fault};
  return traces::OccurrencesBefore(alone, end, count_max);
}

// With the occurrences before `until` and no others.
FaultEntry EndedAt(const FaultEntry& fault, sim::VirtualTime until, sim::VirtualTime end) {
  if (until >= end) return fault;
  // One more than a trace can list, so that it is refused rather than cut.
  const std::vector<traces::Occurrence> own =
      OccurrencesBefore(fault, until, traces::kFaultTimesMax + 1);
  if (OccurrencesBefore(fault, end, own.size() + 1).size() == own.size()) return fault;
  FaultEntry listed{
      .name = fault.name, .kind = fault.kind, .target = fault.target, .is_random = true};
  for (const traces::Occurrence& each : own) {
    // Listed occurrences do not overlap.
    if (!listed.times.empty()) {
      listed.times.back().end = std::min(listed.times.back().end, each.start);
    }
    listed.times.push_back({.start = each.start, .end = each.end});
  }
  return listed;
}

}  // namespace

std::vector<std::uint32_t> MergedFaults::Add(const std::vector<FaultEntry>& faults,
                                             sim::Duration shift, sim::VirtualTime end,
                                             std::vector<Renamed>* renamed) {
  std::vector<std::uint32_t> indices;
  for (const FaultEntry& own : faults) {
    FaultEntry entry = Shifted(own, shift);
    std::vector<std::uint32_t>& namesakes = by_own_name_[own.name];
    const auto same = std::ranges::find_if(
        namesakes, [&](std::uint32_t index) { return AreSameFault(entry, faults_[index].entry); });
    if (same != namesakes.end()) {
      faults_[*same].end = std::max(faults_[*same].end, end);
      indices.push_back(*same);
      continue;
    }
    for (int number = 2; !names_.insert(entry.name).second; ++number) {
      entry.name = absl::StrCat(own.name, "-", number);
    }
    if (entry.name != own.name) renamed->emplace_back(own.name, entry.name);
    indices.push_back(static_cast<std::uint32_t>(faults_.size()));
    namesakes.push_back(indices.back());
    faults_.push_back({.entry = std::move(entry), .end = end});
  }
  return indices;
}

std::vector<FaultEntry> MergedFaults::Finish(sim::VirtualTime end) const {
  std::vector<FaultEntry> faults;
  faults.reserve(faults_.size());
  for (const Fault& fault : faults_) faults.push_back(EndedAt(fault.entry, fault.end, end));
  return faults;
}

}  // namespace groundhog::analysis
