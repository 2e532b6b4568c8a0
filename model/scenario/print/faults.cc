// Faults as text.
#include "model/scenario/print/parts.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatNumber;

using Kind = Fault::Kind;

std::string_view KindText(Kind kind) {
  switch (kind) {
    case Kind::kOutage:
      return "outage";
    case Kind::kCrash:
      return "crash";
    case Kind::kLatency:
      return "latency";
    case Kind::kErrorRate:
      return "error_rate";
    case Kind::kCapacity:
      return "capacity";
    case Kind::kPartition:
      return "partition";
    case Kind::kLoss:
      return "loss";
    case Kind::kSurge:
      return "surge";
    case Kind::kDeploy:
      return "deploy";
    case Kind::kClockSkew:
      return "clock_skew";
  }
  return "";
}

void WriteFactor(LineWriter& writer, const Fault& fault) {
  writer.Line(2, {"factor: ", FormatNumber(fault.factor)});
}

void WriteRate(LineWriter& writer, const Fault& fault) {
  writer.Line(2, {"rate: ", FormatNumber(fault.rate)});
}

void WriteDeploy(LineWriter& writer, const Fault& fault) {
  WriteFactor(writer, fault);
  WriteRate(writer, fault);
  writer.Line(2, {"code: ", fault.code});
  writer.Line(2, {"restart: ", FormatDuration(fault.restart)});
  writer.Line(2, {"pause: ", FormatDuration(fault.pause)});
  writer.Line(2, {"drain: ", FormatDuration(fault.drain)});
  writer.Line(2, {"at_once: ", std::to_string(fault.at_once)});
}

// The keys that belong to the fault's kind.
void WriteStrength(LineWriter& writer, const Fault& fault) {
  switch (fault.kind) {
    case Kind::kCrash:
      break;
    case Kind::kOutage:
      WriteRate(writer, fault);
      break;
    case Kind::kLatency:
    case Kind::kCapacity:
      WriteFactor(writer, fault);
      break;
    case Kind::kErrorRate:
      WriteRate(writer, fault);
      writer.Line(2, {"code: ", fault.code});
      break;
    case Kind::kLoss:
      WriteRate(writer, fault);
      [[fallthrough]];
    case Kind::kPartition:
      if (!fault.callers.empty()) writer.Line(2, {"callers: ", NamesText(fault.callers)});
      break;
    case Kind::kSurge:
      WriteFactor(writer, fault);
      if (!fault.journeys.empty()) writer.Line(2, {"journeys: ", NamesText(fault.journeys)});
      break;
    case Kind::kDeploy:
      WriteDeploy(writer, fault);
      break;
    case Kind::kClockSkew:
      writer.Line(2, {"skew: ", FormatDuration(fault.skew)});
      writer.Line(2, {"direction: ", fault.is_behind ? "behind" : "ahead"});
      break;
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
  writer.Line(2, {"kind: ", KindText(fault.kind)});
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
