// The header of a trace that is merged from others, and how their records fit it.
//
// Traces of one recording (slices of a day, copies) have equal headers; merged, they keep theirs.
// Of different recordings the names are put together: services by name, templates, call paths and
// error codes by what they say, faults where they are the same at the same time. Hosts and traffic
// sources are listed for each recording on its own, with the key of its trace ids
// (traces::EntityEntry::key_delta): so each keeps its order of hosts, by which records of one time
// are ordered, and a request of one recording never becomes one of another.
#ifndef GROUNDHOG_ANALYSIS_MERGED_HEADER_H_
#define GROUNDHOG_ANALYSIS_MERGED_HEADER_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/catalogue_indices.h"
#include "sim/time.h"
#include "traces/catalogue.h"

namespace groundhog::analysis {

// A trace to be merged. What it points to must outlive the call.
struct MergeInput {
  std::string name;  // for people
  const traces::TraceInfo* info = nullptr;
  const traces::Catalogue* catalogue = nullptr;
  // Up to when it covers its time; nullopt: that is not known before it is read.
  std::optional<sim::VirtualTime> end;
};

// How records of an input become records of the merged trace.
struct MergedPart {
  std::string name;  // the input's, for people
  CatalogueIndices indices;
  bool has_own_indices = true;
  sim::Duration shift;        // of its times, not negative
  std::size_t recording = 0;  // inputs of one recording have the same number
};

struct MergedHeader {
  // Of one recording: its own, with the longest duration asked for. Of several: the earliest start,
  // the resolution that all times are multiples of, no scenario and no seed.
  traces::TraceInfo info;
  traces::Catalogue catalogue;
  std::vector<MergedPart> parts;     // by input
  std::vector<std::string> notices;  // for a person: what an input has under another name now
};

// `inputs`: one at least, each of which satisfies CheckCatalogue and CheckTraceInfo.
// `program_version` is this program's. InvalidArgument: they have too many names together, or start
// too far apart. The result may still break a bound that traces::CheckCatalogue knows.
absl::StatusOr<MergedHeader> MergeHeaders(std::span<const MergeInput> inputs,
                                          std::string_view program_version);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_MERGED_HEADER_H_
