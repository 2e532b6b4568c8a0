// Journeys, their clients, and users as text.
#include "model/scenario/print/parts.h"
#include "text/numbers.h"

namespace groundhog::model {
namespace {

using text::FormatNumber;

void WriteCalls(LineWriter& writer, int depth, const std::vector<Call>& calls);

void WriteCall(LineWriter& writer, int depth, const Call& call, std::string_view dash) {
  writer.Line(depth, {dash, "service: ", NameText(call.service)});
  const int inner = dash.empty() ? depth : depth + 1;
  // A call without a dash is a journey's entry, which has no probability.
  if (!dash.empty()) writer.Line(inner, {"probability: ", FormatNumber(call.probability)});
  if (call.calls.empty()) return;
  writer.Line(inner, {"calls:"});
  WriteCalls(writer, inner + 1, call.calls);
}

void WriteCalls(LineWriter& writer, int depth, const std::vector<Call>& calls) {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const bool has_next = i + 1 < calls.size() && calls[i + 1].is_with_previous;
    const bool is_in_group = calls[i].is_with_previous || has_next;
    if (has_next && !calls[i].is_with_previous) writer.Line(depth, {"- parallel:"});
    WriteCall(writer, is_in_group ? depth + 2 : depth, calls[i], "- ");
  }
}

}  // namespace

void WriteJourney(LineWriter& writer, const Journey& journey) {
  writer.Line(1, {NameText(journey.name), ":"});
  WriteFields(writer, 2, ObjectNamed("journey"), StructRef::To(journey));
  writer.Line(2, {"entry:"});
  WriteCall(writer, 3, journey.root, "");
}

void WriteUsers(LineWriter& writer, const UserPopulation& users) {
  writer.Line(1, {NameText(users.name), ":"});
  WriteFields(writer, 2, ObjectNamed("users"), StructRef::To(users));
  writer.Line(2, {"session:"});
  for (const SessionStep& step : users.session) {
    writer.Line(3, {"- ", OneLineText(ObjectNamed("step"), StructRef::To(step))});
  }
}

}  // namespace groundhog::model
