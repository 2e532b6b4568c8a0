#include "cli/groundhog/explained_days.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/alignment.h"
#include "analysis/detectors.h"
#include "analysis/joint_catalogue.h"
#include "analysis/known_part.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/lived_day.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "model/scenario/fault.h"
#include "text/numbers.h"
#include "text/time_text.h"
#include "traces/format.h"
#include "traces/occurrences.h"
#include "traces/record.h"

namespace groundhog::cli {
namespace {

using Records = std::vector<traces::Record>;

// All incidents of the trace, as the detectors are to find them.
std::vector<analysis::Incident> IncidentsToFind(const traces::Catalogue& catalogue,
                                                sim::VirtualTime end, const ChosenIncident& chosen,
                                                std::size_t* index) {
  std::vector<analysis::Incident> incidents;
  for (std::size_t fault = 0; fault < catalogue.faults.size(); ++fault) {
    const auto target = std::ranges::find(catalogue.services, catalogue.faults[fault].target,
                                          &traces::ServiceEntry::name);
    const auto root = static_cast<std::uint16_t>(target - catalogue.services.begin());
    for (const traces::Occurrence& each : OccurrencesOf(catalogue, fault, end)) {
      if (each.fault == chosen.occurrence.fault && each.number == chosen.occurrence.number) {
        *index = incidents.size();
      }
      incidents.push_back({.start = each.start, .end = each.end, .root = traces::ServiceId{root}});
    }
  }
  return incidents;
}

absl::Status ForeignError(const RecordedDay& day, const ChosenIncident& chosen,
                          const traces::TraceInfo& info, sim::VirtualTime time) {
  return absl::FailedPreconditionError(absl::StrCat(
      day.file,
      ": its records are not those that this program lives from its scenario: they differ "
      "at ",
      text::FormatRfc3339(text::UnixNanoseconds(info.start_unix_nanoseconds, time)),
      time < chosen.window.first_start ? ", before the fault begins" : "", "; groundhog ",
      info.program_version, " wrote it, and this is ", GROUNDHOG_VERSION));
}

// The day's scenario with another end; the records before do not depend on that.
model::ParsedScenario WithEnd(sim::VirtualTime end, const RecordedDay& day) {
  model::ParsedScenario parsed = day.parsed;
  parsed.scenario.duration = end.since_start();
  return parsed;
}

// "1,234 records of the day are not in it, ..."
std::string LostText(const RecordedDay& day, const traces::TraceInfo& info,
                     const analysis::KnownPart& part) {
  return absl::StrCat(
      day.file, ": ", text::WithCommas(part.lost()),
      part.lost() == 1 ? " record of the day is" : " records of the day are",
      " not in it, the first at ",
      text::FormatRfc3339(text::UnixNanoseconds(info.start_unix_nanoseconds, part.first_lost())),
      "; what they show is left out");
}

// What goes wrong in a lived day after `end` does not matter.
absl::Status StatusUntil(sim::VirtualTime end, const LivedChunks& lived) {
  return lived.day().reached() >= end ? absl::OkStatus() : lived.status();
}

// A day beside the same day without the fault, which is lived, and what is made of the two.
class Comparison {
 public:
  // `healthy`: the scenario without the fault, that of `without`.
  Comparison(const RecordedDay& day, const ChosenIncident& chosen, const traces::Reader& reader,
             std::unique_ptr<model::ParsedScenario> healthy, LivedDay without,
             analysis::JointCatalogue joint)
      : day_(day),
        chosen_(chosen),
        reader_(reader),
        healthy_(std::move(healthy)),
        without_(std::move(without), {}),
        joint_(std::move(joint)),
        tracker_(joint_.catalogue(), chosen.window),
        detectors_(reader.catalogue().services.size(),
                   IncidentsToFind(reader.catalogue(), day.end, chosen, &index_)),
        // Partners are looked for within the window of the alignment.
        stop_(traces::AddSaturating(chosen.window.until, analysis::AlignmentOptions().window)) {}

  analysis::EffectTracker& tracker() { return tracker_; }
  void Detect(std::span<const traces::Record> records) { detectors_.Add(records); }
  // Both days are looked at up to here.
  sim::VirtualTime stop() const { return stop_; }
  void StopAt(sim::VirtualTime time) { stop_ = std::min(stop_, time); }
  // At once.
  void Abandon() { is_abandoned_ = true; }
  bool is_abandoned() const { return is_abandoned_; }
  // What may go on beyond the end of the day is going on there.
  bool is_open_at_end() const { return is_open_at_end_; }
  // Of living the day without the fault.
  absl::Status status() const { return StatusUntil(day_.end, without_); }

  // `with`: the day with the fault.
  void Run(const analysis::KeyedChunkSource& with) {
    const auto next = [&](const analysis::KeyedChunkSource& source) {
      return [this, source](Records* records, std::uint64_t* trace_key) {
        return !is_abandoned_ && source(records, trace_key) && records->front().time <= stop_;
      };
    };
    const analysis::KeyedChunkSource without = [this](Records* records, std::uint64_t* trace_key) {
      return without_.Next(records, trace_key);
    };
    analysis::Align(joint_, next(with), next(without), {},
                    [this](const analysis::AlignedRecord& aligned) { Take(aligned); });
  }

  // `end`: up to where the day is known.
  IncidentReport Report(sim::VirtualTime detected_until, sim::VirtualTime end, bool is_whole) {
    IncidentReport report{.occurrence = chosen_.occurrence,
                          .occurrences = chosen_.count,
                          .trace_end = end,
                          .is_whole = is_whole,
                          .start_unix_nanoseconds = reader_.info().start_unix_nanoseconds,
                          .catalogue = joint_.catalogue(),
                          .graph = tracker_.Graph(),
                          .detection = detectors_.Finish(detected_until)[index_]};
    // The detectors get the whole day: of what the trace does not show nothing is said.
    if (!report.is_in_trace()) report.detection = {};
    return report;
  }

 private:
  void Take(const analysis::AlignedRecord& aligned) {
    const sim::VirtualTime time =
        aligned.a.record == nullptr ? aligned.b.record->time : aligned.a.record->time;
    tracker_.Take(aligned);
    is_open_at_end_ =
        is_open_at_end_ || (time >= day_.end - kInFlightMax && time < chosen_.window.until &&
                            analysis::MayHavePartnerLater(aligned));
  }

  const RecordedDay& day_;
  const ChosenIncident& chosen_;
  const traces::Reader& reader_;
  const std::unique_ptr<model::ParsedScenario> healthy_;
  LivedChunks without_;
  const analysis::JointCatalogue joint_;
  analysis::EffectTracker tracker_;
  std::size_t index_ = 0;  // of the incident, among those that the detectors are to find
  analysis::Detectors detectors_;
  sim::VirtualTime stop_;
  bool is_abandoned_ = false;
  bool is_open_at_end_ = false;
};

// The records of a trace that has the whole day.
class WholeTrace {
 public:
  explicit WholeTrace(traces::Reader& reader)
      : reader_(reader),
        reading_(kProgram, reader, /*is_quiet=*/true),
        own_records_(reader.catalogue().entities.size()) {}

  // As analysis::KeyedChunkSource; false also when something is missing.
  bool Next(Records* records, std::uint64_t* trace_key) {
    if (!reading_.NextChunk(records)) {
      is_whole_ = reading_.exit_code() == kExitDone && position_ == reader_.summary()->records;
      return false;
    }
    is_whole_ = reading_.exit_code() == kExitDone && reader_.position() == position_ &&
                own_records_.Take(*records);
    position_ += records->size();
    reached_ = records->back().time;
    *trace_key = reader_.trace_key();
    return is_whole_;
  }

  bool is_whole() const { return is_whole_; }  // so far
  sim::VirtualTime reached() const { return reached_; }

 private:
  traces::Reader& reader_;
  LenientReading reading_;
  analysis::OwnRecordNumbers own_records_;
  std::uint64_t position_ = 0;
  sim::VirtualTime reached_;
  bool is_whole_ = true;
};

// A comparison with the day that is lived from `scenario` without the chosen fault. `catalogue`:
// that of the day with the fault.
absl::StatusOr<std::unique_ptr<Comparison>> Compare(const RecordedDay& day,
                                                    const ChosenIncident& chosen,
                                                    const traces::Reader& reader,
                                                    const traces::Catalogue& catalogue,
                                                    const model::ParsedScenario& scenario) {
  auto healthy = std::make_unique<model::ParsedScenario>(scenario);
  const std::string& name = reader.catalogue().faults[traces::Index(chosen.occurrence.fault)].name;
  std::vector<model::Fault>& faults = healthy->scenario.faults;
  const auto fault = std::ranges::find(faults, name, &model::Fault::name);
  if (fault == faults.end()) {
    return absl::FailedPreconditionError(absl::StrCat(day.file, ": its scenario has no fault '",
                                                      name, "', although its header does"));
  }
  fault->is_absent = true;
  absl::StatusOr<LivedDay> without = LivedDay::Begin(*healthy, traces::TruthMethod::kLocal);
  if (!without.ok()) return without.status();
  absl::StatusOr<analysis::JointCatalogue> joint =
      analysis::JointCatalogue::Make(catalogue, without->catalogue());
  if (!joint.ok()) return joint.status();
  return std::make_unique<Comparison>(day, chosen, reader, std::move(healthy), *std::move(without),
                                      *std::move(joint));
}

// From a trace that has the whole day. nullopt: it has not, or that does not suffice.
absl::StatusOr<std::optional<IncidentReport>> ExplainWhole(const RecordedDay& day,
                                                           const ChosenIncident& chosen,
                                                           traces::Reader& reader) {
  const absl::StatusOr<std::unique_ptr<Comparison>> begun =
      Compare(day, chosen, reader, reader.catalogue(), day.parsed);
  if (!begun.ok()) return begun.status();
  Comparison& comparison = **begun;
  WholeTrace trace(reader);
  comparison.Run([&](Records* records, std::uint64_t* trace_key) {
    const bool has_more = trace.Next(records, trace_key);
    if (!trace.is_whole() || comparison.tracker().foreign()) comparison.Abandon();
    if (!has_more || comparison.is_abandoned()) return false;
    if (records->front().time <= comparison.stop()) comparison.Detect(*records);
    return true;
  });
  if (comparison.is_abandoned() || comparison.tracker().foreign() || comparison.is_open_at_end()) {
    return std::nullopt;
  }
  if (absl::Status status = comparison.status(); !status.ok()) return status;
  const sim::VirtualTime detected_until =
      comparison.stop() >= day.end ? day.end : trace.reached() + sim::Nanoseconds(1);
  return comparison.Report(detected_until, day.end, /*is_whole=*/true);
}

// Up to where an incident is lived again of whose day the trace has what is before `known_until`:
// to its end, if the day has that, because all of it decides what counts; and on, because what is
// in flight then has its other records later.
sim::VirtualTime LiveUntil(sim::VirtualTime known_until, const ChosenIncident& chosen,
                           const traces::TraceInfo& info) {
  const sim::VirtualTime incident_end =
      std::min({chosen.window.end, chosen.window.until, sim::VirtualTime(info.duration)});
  return AfterInFlight(std::max(known_until, incident_end));
}

// From the day, lived again, where the trace has it.
absl::StatusOr<IncidentReport> ExplainPart(const RecordedDay& day, const ChosenIncident& chosen,
                                           bool is_quiet, traces::Reader& reader,
                                           ExitCode* exit_code) {
  const model::ParsedScenario scenario = WithEnd(LiveUntil(day.end, chosen, reader.info()), day);
  absl::StatusOr<LivedDay> lived = LivedDay::Begin(scenario, traces::TruthMethod::kLocal);
  if (!lived.ok()) return lived.status();
  const absl::StatusOr<analysis::JointCatalogue> joint =
      analysis::JointCatalogue::Make(reader.catalogue(), lived->catalogue());
  if (!joint.ok()) return joint.status();
  const absl::StatusOr<std::unique_ptr<Comparison>> begun =
      Compare(day, chosen, reader, joint->catalogue(), scenario);
  if (!begun.ok()) return begun.status();
  Comparison& comparison = **begun;

  LivedChunks with(*std::move(lived), {});
  LenientReading reading(kProgram, reader, is_quiet);
  analysis::KnownPart part(
      *joint, day.end,
      [&](Records* records, std::uint64_t* trace_key) {
        if (!reading.NextChunk(records)) return false;
        *trace_key = reader.trace_key();
        return true;
      },
      [&](sim::VirtualTime from, sim::VirtualTime to) {
        comparison.tracker().SetUnknown(from, to);
      });
  sim::VirtualTime known_until;
  comparison.Run([&](Records* records, std::uint64_t* trace_key) {
    if (!with.Next(records, trace_key) || records->front().time > comparison.stop()) return false;
    part.Take(*records, *trace_key);
    if (part.foreign()) comparison.Abandon();
    known_until = records->back().time + sim::Nanoseconds(1);
    if (part.is_over()) {
      known_until = reader.complete() ? day.end : part.reached() + sim::Nanoseconds(1);
      comparison.StopAt(LiveUntil(known_until, chosen, reader.info()));
    }
    const auto end = std::ranges::lower_bound(*records, known_until, {}, &traces::Record::time);
    comparison.Detect(std::span(records->begin(), end));
    return true;
  });
  *exit_code = reading.exit_code();
  if (part.foreign()) return ForeignError(day, chosen, reader.info(), *part.foreign());
  for (const absl::Status& status : {StatusUntil(day.end, with), comparison.status()}) {
    if (!status.ok()) return status;
  }
  // Damage has been reported.
  if (!is_quiet && *exit_code == kExitDone) {
    if (reader.summary()->records == 0) {
      PrintError(kProgram, absl::StrCat(day.file, ": the trace has no records"));
    } else if (part.lost() > 0) {
      PrintError(kProgram, LostText(day, reader.info(), part));
    }
  }
  const bool is_whole =
      *exit_code == kExitDone && part.lost() == 0 && reader.summary()->records > 0;
  return comparison.Report(known_until, part.is_over() ? known_until : day.end, is_whole);
}

}  // namespace

sim::VirtualTime AfterInFlight(sim::VirtualTime time) {
  return traces::AddSaturating(time, kInFlightMax);
}

std::vector<traces::Occurrence> OccurrencesOf(const traces::Catalogue& catalogue, std::size_t fault,
                                              sim::VirtualTime end) {
  traces::Catalogue alone;
  alone.faults = {catalogue.faults[fault]};
  std::vector<traces::Occurrence> found =
      traces::OccurrencesBefore(alone, end, traces::kOccurrencesMax);
  for (traces::Occurrence& each : found) {
    each.fault = traces::FaultId{static_cast<std::uint16_t>(fault)};
  }
  return found;
}

absl::StatusOr<IncidentReport> ExplainIncident(const RecordedDay& day, const ChosenIncident& chosen,
                                               bool is_quiet, traces::Reader& reader,
                                               ExitCode* exit_code) {
  if (reader.complete() && reader.header_damage().ok()) {
    absl::StatusOr<std::optional<IncidentReport>> whole = ExplainWhole(day, chosen, reader);
    if (!whole.ok()) return whole.status();
    if (*whole) return **std::move(whole);
    if (absl::Status status = reader.SeekToPosition(0); !status.ok()) return status;
  }
  return ExplainPart(day, chosen, is_quiet, reader, exit_code);
}

}  // namespace groundhog::cli
