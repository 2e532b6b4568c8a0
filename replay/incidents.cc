#include "replay/incidents.h"

#include <algorithm>

#include "traces/format.h"
#include "traces/occurrences.h"

namespace groundhog::replay {
namespace {

bool StartsBefore(const Incident& incident, sim::VirtualTime time) { return incident.start < time; }

}  // namespace

Incidents::Incidents(const traces::Reader& reader) {
  const traces::Catalogue& catalogue = reader.catalogue();
  const std::vector<traces::Occurrence> occurrences =
      reader.summary() != nullptr
          ? reader.summary()->occurrences
          : traces::OccurrencesBefore(catalogue, sim::VirtualTime(reader.info().duration),
                                      traces::kOccurrencesMax);
  for (const traces::Occurrence& one : occurrences) {
    incidents_.push_back(
        {.name = traces::OccurrenceName(catalogue.faults[Index(one.fault)], one.number),
         .start = one.start,
         .end = one.end});
  }
}

std::optional<Incident> Incidents::InProgressAt(sim::VirtualTime time) const {
  for (auto one = incidents_.rbegin(); one != incidents_.rend(); ++one) {
    if (one->start <= time && time < one->end) return *one;
  }
  return std::nullopt;
}

std::optional<Incident> Incidents::FirstIn(sim::VirtualTime begin, sim::VirtualTime end) const {
  const auto first = std::lower_bound(incidents_.begin(), incidents_.end(), begin, StartsBefore);
  if (first == incidents_.end() || first->start >= end) return std::nullopt;
  return *first;
}

std::optional<Incident> Incidents::LastIn(sim::VirtualTime begin, sim::VirtualTime end) const {
  const auto after = std::lower_bound(incidents_.begin(), incidents_.end(), end, StartsBefore);
  if (after == incidents_.begin() || (after - 1)->start < begin) return std::nullopt;
  return *(after - 1);
}

}  // namespace groundhog::replay
