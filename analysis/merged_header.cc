#include "analysis/merged_header.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/joined_list.h"
#include "analysis/merged_faults.h"
#include "traces/catalogue_check.h"
#include "traces/occurrences.h"

namespace groundhog::analysis {
namespace {

constexpr std::size_t kNamesShown = 3;

// Between the keys of recordings that have the same one. Not the step of order numbers, so that
// their numbers differ, too.
constexpr std::uint64_t kKeyStep = 0xD1B5'4A32'D192'ED03;

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

// "a, b, c and 2 more"
std::string Listed(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesShown);
  std::string text = absl::StrJoin(names.begin(), names.begin() + std::ptrdiff_t(shown), ", ");
  if (names.size() > shown) absl::StrAppend(&text, " and ", names.size() - shown, " more");
  return text;
}

// How long a recording was to be changes nothing in its records.
traces::TraceInfo WithoutDuration(traces::TraceInfo info) {
  info.duration = {};
  std::erase_if(info.overrides,
                [](const std::string& change) { return change.starts_with("duration="); });
  return info;
}

// A slice or a copy has the header of what it was made from.
bool AreOfOneRecording(const MergeInput& a, const MergeInput& b) {
  return *a.catalogue == *b.catalogue && WithoutDuration(*a.info) == WithoutDuration(*b.info);
}

traces::Catalogue WithoutEntitiesAndFaults(traces::Catalogue catalogue) {
  catalogue.entities.clear();
  catalogue.faults.clear();
  return catalogue;
}

class HeaderMerger {
 public:
  explicit HeaderMerger(std::span<const MergeInput> inputs)
      : inputs_(inputs),
        merged_{.info = {}, .catalogue = WithoutEntitiesAndFaults(*inputs[0].catalogue)},
        services_(&merged_.catalogue.services),
        call_paths_(&merged_.catalogue.call_paths),
        templates_(&merged_.catalogue.templates),
        error_codes_(&merged_.catalogue.error_codes) {}

  absl::StatusOr<MergedHeader> Run(std::string_view program_version) {
    if (absl::Status s = FindShifts(); !s.ok()) return s;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      FindRecording(i);
      if (merged_.parts[i].recording != i) {
        AddSame(i);
      } else if (absl::Status s = AddRecording(i); !s.ok()) {
        return s;
      }
    }
    merged_.catalogue.faults = faults_.Finish(End());
    MergeInfo(program_version);
    for (MergedPart& part : merged_.parts) part.has_own_indices = !part.indices.ChangeNothing();
    return std::move(merged_);
  }

 private:
  using Identity = std::tuple<traces::EntityKind, std::string, std::uint64_t>;

  absl::Status FindShifts();
  void FindRecording(std::size_t i);
  absl::Status AddRecording(std::size_t i);
  void AddSame(std::size_t i);
  void AddEntities(std::size_t i);
  void AddDependencies(const std::vector<traces::ServiceEntry>& own,
                       const std::vector<std::uint32_t>& indices, std::size_t first_new);
  void AddFaults(std::size_t i);
  absl::Status CheckCounts() const;
  sim::VirtualTime EndOf(std::size_t i) const;
  sim::VirtualTime End() const;
  void MergeInfo(std::string_view program_version);
  std::string ScenarioName() const;

  std::span<const MergeInput> inputs_;
  MergedHeader merged_;
  JoinedList<traces::ServiceEntry> services_;
  JoinedList<traces::CallPathEntry> call_paths_;
  JoinedList<traces::MessageTemplate> templates_;
  JoinedList<std::string> error_codes_;
  MergedFaults faults_;
  std::set<Identity> identities_;  // of the entities, with their keys
};

absl::Status HeaderMerger::FindShifts() {
  const auto start_of = [](const MergeInput& input) { return input.info->start_unix_nanoseconds; };
  const MergeInput& first = *std::ranges::min_element(inputs_, {}, start_of);
  for (const MergeInput& input : inputs_) {
    std::int64_t shift = 0;
    if (__builtin_sub_overflow(start_of(input), start_of(first), &shift)) {
      return Wrong(absl::StrCat(first.name, " and ", input.name,
                                " start more than 292 years apart, which no trace can cover"));
    }
    merged_.parts.push_back({.name = input.name, .indices = {}, .shift = sim::Duration(shift)});
  }
  return absl::OkStatus();
}

void HeaderMerger::FindRecording(std::size_t i) {
  std::size_t recording = 0;
  while (!AreOfOneRecording(inputs_[recording], inputs_[i])) ++recording;
  merged_.parts[i].recording = recording;
}

// The first input of a recording.
absl::Status HeaderMerger::AddRecording(std::size_t i) {
  const traces::Catalogue& own = *inputs_[i].catalogue;
  CatalogueIndices& indices = merged_.parts[i].indices;
  const std::size_t services_before = merged_.catalogue.services.size();
  if (i == 0) {
    // Its lists are there already, also where they say the same twice.
    indices = CatalogueIndices::Of(own);
  } else {
    indices.services = services_.Add(own.services);
    indices.call_paths = call_paths_.Add(own.call_paths);
    indices.templates = templates_.Add(own.templates);
    indices.error_codes = error_codes_.Add(own.error_codes);
  }
  AddFaults(i);
  if (absl::Status s = CheckCounts(); !s.ok()) return s;
  if (i > 0) AddDependencies(own.services, indices.services, services_before);
  AddEntities(i);
  return absl::OkStatus();
}

// Another input of a recording: only its faults may last longer.
void HeaderMerger::AddSame(std::size_t i) {
  MergedPart& part = merged_.parts[i];
  part.indices = merged_.parts[part.recording].indices;
  AddFaults(i);
}

// `indices` are those of `own`. What services from `first_new` on have is still in own indices.
void HeaderMerger::AddDependencies(const std::vector<traces::ServiceEntry>& own,
                                   const std::vector<std::uint32_t>& indices,
                                   std::size_t first_new) {
  for (std::size_t i = 0; i < own.size(); ++i) {
    std::vector<traces::ServiceId> wanted = own[i].dependencies;
    for (traces::ServiceId& id : wanted) CatalogueIndices::Put(indices, &id);
    std::vector<traces::ServiceId>& known = merged_.catalogue.services[indices[i]].dependencies;
    if (indices[i] < first_new) {
      wanted.insert(wanted.end(), known.begin(), known.end());
    }
    std::ranges::sort(wanted);
    const auto repeated = std::ranges::unique(wanted);
    wanted.erase(repeated.begin(), repeated.end());
    known = std::move(wanted);
  }
}

void HeaderMerger::AddEntities(std::size_t i) {
  const MergeInput& input = inputs_[i];
  CatalogueIndices& indices = merged_.parts[i].indices;
  std::vector<traces::EntityEntry>& entities = merged_.catalogue.entities;
  indices.entities.clear();
  std::uint64_t changed = 0;
  for (traces::EntityEntry entity : input.catalogue->entities) {
    CatalogueIndices::Put(indices.services, &entity.service);
    std::uint64_t key = input.info->trace_key + entity.key_delta;
    const std::uint64_t own_key = key;
    while (!identities_.emplace(entity.kind, entity.name, key).second) key += kKeyStep;
    changed += key != own_key ? 1 : 0;
    entity.key_delta = key - inputs_[0].info->trace_key;
    indices.entities.push_back(static_cast<std::uint32_t>(entities.size()));
    entities.push_back(std::move(entity));
  }
  if (changed == 0) return;
  merged_.notices.push_back(
      absl::StrCat(input.name,
                   ": has trace ids of an earlier FILE, another recording from the same seed: the "
                   "requests of ",
                   changed, changed == 1 ? " host or traffic source" : " hosts and traffic sources",
                   " get new ones"));
}

void HeaderMerger::AddFaults(std::size_t i) {
  const MergedPart& part = merged_.parts[i];
  std::vector<MergedFaults::Renamed> renamed;
  merged_.parts[i].indices.faults =
      faults_.Add(inputs_[i].catalogue->faults, part.shift, EndOf(i), &renamed);
  if (renamed.empty()) return;
  std::vector<std::string> texts;
  for (const auto& [before, now] : renamed) texts.push_back(absl::StrCat(before, " is ", now));
  merged_.notices.push_back(absl::StrCat(
      inputs_[i].name, ": other faults than an earlier FILE's of the same names: ", Listed(texts)));
}

absl::Status HeaderMerger::CheckCounts() const {
  const traces::Catalogue& all = merged_.catalogue;
  const auto check = [](std::size_t count, std::size_t most, const char* what) {
    if (count <= most) return absl::OkStatus();
    return Wrong(absl::StrCat("together the traces have more than ", most, " ", what,
                              ", which is all that a trace can have"));
  };
  const absl::Status checks[] = {
      check(all.services.size(), traces::kIdCountMax, "services"),
      check(all.call_paths.size(), traces::kIdCountMax, "call paths"),
      check(all.templates.size(), traces::kIdCountMax, "message templates"),
      check(all.error_codes.size(), traces::kIdCountMax, "error codes"),
      check(faults_.size(), traces::kIdCountMax, "faults")};
  for (const absl::Status& status : checks) {
    if (!status.ok()) return status;
  }
  std::size_t entities = 0;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (merged_.parts[i].recording == i) entities += inputs_[i].catalogue->entities.size();
  }
  return check(entities, traces::kEntityCountMax, "hosts and traffic sources");
}

// In the merged trace.
sim::VirtualTime HeaderMerger::EndOf(std::size_t i) const {
  return traces::AddSaturating(inputs_[i].end.value_or(sim::VirtualTime::Max()),
                               merged_.parts[i].shift);
}

sim::VirtualTime HeaderMerger::End() const {
  sim::VirtualTime end;
  for (std::size_t i = 0; i < inputs_.size(); ++i) end = std::max(end, EndOf(i));
  return end;
}

void HeaderMerger::MergeInfo(std::string_view program_version) {
  traces::TraceInfo& info = merged_.info;
  const bool is_one_recording =
      std::ranges::all_of(merged_.parts, [](const auto& part) { return part.recording == 0; });
  if (is_one_recording) {
    info = *std::ranges::max_element(inputs_, {}, [](const MergeInput& input) {
              return input.info->duration;
            })->info;
  } else {
    info.program_version = program_version;
    info.scenario_name = ScenarioName();
    info.seed = 0;
    info.trace_key = inputs_[0].info->trace_key;
    info.start_unix_nanoseconds = std::numeric_limits<std::int64_t>::max();
    info.resolution = sim::Milliseconds(1);
    info.truth_method = traces::TruthMethod::kExact;
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const traces::TraceInfo& own = *inputs_[i].info;
    const sim::Duration shift = merged_.parts[i].shift;
    info.start_unix_nanoseconds = std::min(info.start_unix_nanoseconds, own.start_unix_nanoseconds);
    info.resolution = std::min(info.resolution, own.resolution);
    while (shift % info.resolution != sim::Duration()) info.resolution = info.resolution / 10;
    info.truth_method = std::min(info.truth_method, own.truth_method);
    const sim::VirtualTime end = traces::AddSaturating(sim::VirtualTime(own.duration), shift);
    info.duration = std::max(info.duration, end.since_start());
  }
}

// "2 recordings of shop, bank"
std::string HeaderMerger::ScenarioName() const {
  std::vector<std::string> names;
  std::size_t recordings = 0;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (merged_.parts[i].recording != i) continue;
    ++recordings;
    const std::string& name = inputs_[i].info->scenario_name;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return absl::StrCat(recordings, " recordings of ", Listed(names));
}

}  // namespace

absl::StatusOr<MergedHeader> MergeHeaders(std::span<const MergeInput> inputs,
                                          std::string_view program_version) {
  return HeaderMerger(inputs).Run(program_version);
}

}  // namespace groundhog::analysis
