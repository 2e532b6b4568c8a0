// When a fault or a burst is there: the keys that both have.
#include "model/scenario/parse/sections.h"
#include "text/concat.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::TimeOfDay;

constexpr sim::Duration kDay = sim::Hours(24);

void CheckBegin(const MapReader& reader, std::string_view subject, Position position,
                Diagnostics& diagnostics) {
  const bool is_given_twice = reader.Has("at") && reader.Has("time_of_day");
  const bool is_given = reader.Has("at") || reader.Has("time_of_day");
  // Without either, random occurrences may come from the start of the run on.
  if (!is_given_twice && (is_given || reader.Has("mtbf"))) return;
  diagnostics.Add(is_given_twice ? reader.KeyPosition("time_of_day") : position,
                  Concat({subject, " needs exactly one of 'at' and 'time_of_day'"}));
}

}  // namespace

template <class Scheduled>
void ReadScheduled(MapReader& reader, std::string_view subject, Position position,
                   SectionContext& context, Scheduled& out) {
  Diagnostics& diagnostics = context.diagnostics;
  CheckBegin(reader, subject, position, diagnostics);
  reader.ReadFields(StructRef::To(out));
  if (out.time_of_day) {
    const sim::Duration start = TimeOfDay(context.scenario.start_unix_nanoseconds);
    out.at = (*out.time_of_day - start + kDay) % kDay;
  }
  if (!reader.IsRead("for")) return;
  if (reader.IsRead("every") && out.every < out.duration) {
    diagnostics.Add(reader.KeyPosition("every"),
                    Concat({"'every', ", FormatDuration(out.every), ", must not be below 'for', ",
                            FormatDuration(out.duration), ": ", subject,
                            " cannot begin again before it ends"}));
  }
  if (out.ramp * 2 > out.duration) {
    diagnostics.Add(
        reader.KeyPosition("ramp"),
        Concat({"'ramp', ", FormatDuration(out.ramp), ", must not be above half of 'for', ",
                FormatDuration(out.duration), "; shorten it"}));
  }
}

template void ReadScheduled(MapReader& reader, std::string_view subject, Position position,
                            SectionContext& context, Fault& out);
template void ReadScheduled(MapReader& reader, std::string_view subject, Position position,
                            SectionContext& context, Burst& out);

}  // namespace groundhog::model
