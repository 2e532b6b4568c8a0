// Faults as text.
#include "model/scenario/print/parts.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatNumber;

// The keys that belong to the fault's kind.
void WriteStrength(LineWriter& writer, const Fault& fault) {
  const FaultKind& kind = kFaultKinds[fault.kind];
  if (kind.HasKey("factor")) writer.Line(2, {"factor: ", FormatNumber(fault.factor)});
  if (kind.HasKey("rate")) writer.Line(2, {"rate: ", FormatNumber(fault.rate)});
  if (kind.HasKey("code")) writer.Line(2, {"code: ", fault.code});
  if (!fault.callers.empty()) writer.Line(2, {"callers: ", NamesText(fault.callers)});
  if (!fault.journeys.empty()) writer.Line(2, {"journeys: ", NamesText(fault.journeys)});
  if (kind.HasKey("restart")) {
    writer.Line(2, {"restart: ", FormatDuration(fault.restart)});
    writer.Line(2, {"pause: ", FormatDuration(fault.pause)});
    writer.Line(2, {"drain: ", FormatDuration(fault.drain)});
    writer.Line(2, {"at_once: ", std::to_string(fault.at_once)});
  }
  if (kind.HasKey("skew")) {
    writer.Line(2, {"skew: ", FormatDuration(fault.skew)});
    writer.Line(2, {"direction: ", fault.is_behind ? "behind" : "ahead"});
  }
}

void WriteSchedule(LineWriter& writer, const Fault& fault) {
  writer.Line(2, {BeginText(fault.at, fault.time_of_day)});
  if (fault.mtbf != sim::Duration()) {
    writer.Line(2, {"mtbf: ", FormatDuration(fault.mtbf)});
    writer.Line(2, {"mttr: ", FormatDuration(fault.mttr)});
    return;
  }
  writer.Line(2, {"for: ", FormatDuration(fault.duration)});
  if (fault.every != sim::Duration()) writer.Line(2, {"every: ", FormatDuration(fault.every)});
  if (fault.ramp != sim::Duration()) writer.Line(2, {"ramp: ", FormatDuration(fault.ramp)});
}

}  // namespace

void WriteFault(LineWriter& writer, const Fault& fault) {
  writer.Line(1, {NameText(fault.name), ":"});
  writer.Line(2, {"kind: ", kFaultKinds.NameOf(fault.kind)});
  writer.Line(2, {"target: ", NameText(fault.target)});
  if (!fault.hosts.empty()) {
    std::string hosts;
    for (int host : fault.hosts) hosts += Concat({hosts.empty() ? "" : ", ", std::to_string(host)});
    writer.Line(2, {"hosts: [", hosts, "]"});
  }
  if (!fault.zones.empty()) writer.Line(2, {"zones: ", NamesText(fault.zones)});
  WriteSchedule(writer, fault);
  WriteStrength(writer, fault);
}

}  // namespace groundhog::model
