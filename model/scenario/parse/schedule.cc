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

}  // namespace

Schedule ReadSchedule(MapReader& reader, std::string_view subject, Position position,
                      SectionContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  Schedule schedule;
  const bool has_time_of_day = reader.Has("time_of_day");
  const bool is_given = reader.Has("at") || has_time_of_day;
  const bool is_given_twice = reader.Has("at") && has_time_of_day;
  // What comes at random may begin to at the start.
  if (is_given_twice || (!is_given && !reader.Has("mtbf"))) {
    diagnostics.Add(is_given_twice ? reader.KeyPosition("time_of_day") : position,
                    Concat({subject, " needs exactly one of 'at' and 'time_of_day'"}));
  }
  reader.Duration("at", schedule.at);
  sim::Duration time_of_day;
  if (reader.TimeOfDay("time_of_day", time_of_day)) {
    const sim::Duration start = TimeOfDay(context.scenario.start_unix_nanoseconds);
    schedule.at = (time_of_day - start + kDay) % kDay;
    schedule.time_of_day = time_of_day;
  }
  const bool has_length = reader.Duration("for", schedule.duration);
  const bool repeats = reader.Duration("every", schedule.every);
  if (has_length && repeats && schedule.every < schedule.duration) {
    diagnostics.Add(reader.KeyPosition("every"),
                    Concat({"'every', ", FormatDuration(schedule.every),
                            ", must not be below 'for', ", FormatDuration(schedule.duration), ": ",
                            subject, " cannot begin again before it ends"}));
  }
  const bool has_ramp = reader.Duration("ramp", schedule.ramp);
  if (has_length && has_ramp && schedule.ramp * 2 > schedule.duration) {
    diagnostics.Add(
        reader.KeyPosition("ramp"),
        Concat({"'ramp', ", FormatDuration(schedule.ramp), ", must not be above half of 'for', ",
                FormatDuration(schedule.duration), "; shorten it"}));
  }
  return schedule;
}

}  // namespace groundhog::model
