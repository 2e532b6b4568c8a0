// The section expect: what the scenario claims of its records.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/parse/sections.h"
#include "text/concat.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;

constexpr auto kFigures =
    std::to_array<std::string_view>({"error_rate", "p50", "p95", "p99", "records"});

void CheckFigure(const MapReader& reader, std::string_view subject, Position position,
                 Diagnostics& diagnostics) {
  std::vector<std::string_view> given;
  for (const std::string_view figure : kFigures) {
    if (reader.Has(figure)) given.push_back(figure);
  }
  if (given.size() == 1) return;
  diagnostics.Add(
      given.empty() ? position : reader.KeyPosition(given[1]),
      Concat({subject, " needs exactly one of 'error_rate', 'p50', 'p95', 'p99' and 'records'"}));
}

void CheckTimes(const MapReader& reader, const Claim& claim, std::string_view subject,
                Diagnostics& diagnostics) {
  if (reader.IsRead("from") && reader.IsRead("until") && *claim.until <= *claim.from) {
    diagnostics.Add(reader.KeyPosition("until"),
                    Concat({"'until', ", FormatDuration(*claim.until), ", must be after 'from', ",
                            FormatDuration(*claim.from)}));
  }
  // The number of records of a whole run depends on --duration.
  if (reader.Has("records") && !reader.Has("until") && !reader.Has("during") &&
      !reader.Has("after")) {
    diagnostics.Add(reader.KeyPosition("records"),
                    Concat({subject,
                            " counts records, so it needs 'from' and 'until', 'during' or "
                            "'after'"}));
  }
}

Claim ReadClaim(const NamedValue& entry, SectionContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  const std::string subject = Concat({"expectation '", entry.name, "'"});
  Claim claim;
  claim.name = entry.name;
  MapReader reader(entry.value, ObjectNamed("expectation"), subject, entry.name_position,
                   diagnostics);
  if (!reader.is_map()) return claim;
  reader.ReadFields(StructRef::To(claim));
  if (reader.IsRead("service")) {
    context.service_names.Check(*reader.Reference("service"), subject, diagnostics);
  }
  for (const std::string_view key : {"during", "after"}) {
    if (!reader.IsRead(key)) continue;
    context.fault_names.Check(*reader.Reference(key), subject, diagnostics);
  }
  CheckFigure(reader, subject, entry.name_position, diagnostics);
  CheckTimes(reader, claim, subject, diagnostics);
  return claim;
}

}  // namespace

void ReadClaims(MapReader& root, SectionContext& context) {
  for (const NamedValue& entry : root.Entries("expect", kClaimsMax)) {
    context.scenario.claims.push_back(ReadClaim(entry, context));
  }
}

}  // namespace groundhog::model
