// The fields of a record that an audit compares, and what makes two of their values equal; what a
// user says about them (--fields, --key, --keep), and what follows from that and from the names
// that an output has.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_ANALYSIS_AUDIT_FIELDS_H_
#define GROUNDHOG_ANALYSIS_AUDIT_FIELDS_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "text/enum_names.h"

namespace groundhog::analysis {

// The keys of a record's JSON line, in its order.
enum class AuditField : std::uint8_t {
  kService,
  kLevel,
  kMessage,
  kTimestamp,
  kLatency,
  kTraceId,
  kDependency,
  kErrorCode,
  kHostname,
};

// kNumber: equal by value, 250 and 250.0 and "250". kInstant: equal as points in time.
enum class ValueKind : std::uint8_t { kText, kNumber, kInstant };

struct AuditFieldRow {
  AuditField value;
  std::string_view name;
  ValueKind kind = ValueKind::kText;
  bool is_in_every_record = true;
};

inline constexpr text::EnumNames kAuditFieldNames(std::to_array<AuditFieldRow>({
    {AuditField::kService, "service"},
    {AuditField::kLevel, "level"},
    {AuditField::kMessage, "message"},
    {AuditField::kTimestamp, "timestamp", ValueKind::kInstant},
    {AuditField::kLatency, "latency_ms", ValueKind::kNumber},
    {AuditField::kTraceId, "trace_id"},
    {AuditField::kDependency, "dependency", ValueKind::kText, false},
    {AuditField::kErrorCode, "error_code", ValueKind::kText, false},
    {AuditField::kHostname, "hostname"},
}));
inline constexpr std::size_t kAuditFieldCount = kAuditFieldNames.rows().size();

constexpr std::size_t Index(AuditField field) { return static_cast<std::size_t>(field); }

// Bits are the indices of fields.
using AuditFields = std::bitset<kAuditFieldCount>;

// "trace_id, service"
std::string ListFields(const AuditFields& fields);

// By field; empty: absent.
using AuditValues = std::array<std::string_view, kAuditFieldCount>;

// A point in time as programs write it, in nanoseconds since 1970: RFC 3339, also with a blank for
// the T, without the colon or the minutes of the offset, or without an offset (then UTC); or a
// number since 1970, in seconds below 10^11, in milliseconds below 10^14, in microseconds below
// 10^17, else in nanoseconds. nullopt: none of these.
std::optional<std::int64_t> ParseInstant(std::string_view text);

// Equal values of a field have equal hashes. What is no number, or no point in time, is equal only
// to the same text. The same in every process, so that what an audit says never differs.
std::uint64_t HashValue(AuditField field, std::string_view text);

// What --fields says: by field the name in the output, an empty one to leave it out, nullopt where
// nothing is said.
using FieldMap = std::array<std::optional<std::string>, kAuditFieldCount>;

// Reads "trace_id=traceId,hostname=-" into `map`, which may have entries already.
absl::Status ReadFieldMap(std::string_view text, FieldMap* map);

// Reads "trace_id,service".
absl::StatusOr<AuditFields> ReadFieldList(std::string_view text);
absl::StatusOr<AuditField> ReadField(std::string_view name);

// One condition on a record: "level=ERROR|WARN", "latency_ms>=100", "dependency=" (has none).
class KeepRule {
 public:
  static absl::StatusOr<KeepRule> Parse(std::string_view text);
  bool Holds(const AuditValues& record) const;

 private:
  enum class Comparison : std::uint8_t { kNotEqual, kAtMost, kAtLeast, kEqual, kLess, kGreater };
  KeepRule(AuditField field, Comparison comparison) : field_(field), comparison_(comparison) {}

  absl::Status SetValues(std::string_view text);

  AuditField field_;
  Comparison comparison_;
  std::vector<std::string> values_;  // one, unless for equality
  double bound_ = 0;                 // of the other comparisons
};

// What is compared with what.
struct AuditPlan {
  std::array<std::string, kAuditFieldCount> columns;  // names in the output; empty: not looked for
  // The fields with a column. Those that no row has are not compared in the end.
  AuditFields compared;
  AuditFields at_first;  // of `compared`: those that the first rows have
  AuditFields key;       // of `at_first`: tells which row is which record
  AuditFields left_out;  // by FIELD=-
  // If records have such a field and no row does, this is a finding: those that --fields names, and
  // with --strict all that are not left out.
  AuditFields required;
};

// What a user asks of a plan.
struct PlanRequest {
  FieldMap map;
  AuditFields key;  // none: no key is asked for
  bool is_strict = false;
  std::string_view key_flag = "--key";  // how messages call what asked for the key
};

// The plan for outputs whose first rows have these names; if they have none, as they are empty, all
// is taken to be there. InvalidArgument: the first rows lack a field of the key that was asked for,
// or nothing in them tells which row is which record; with the names of both sides.
absl::StatusOr<AuditPlan> PlanAudit(const PlanRequest& request, std::span<const std::string> names);

// "did you mean 'traceId'?" for a name that is not in the output, or a list of those that are.
std::string GuessName(std::string_view name, std::span<const std::string> names);

// "the trace has service, level, ...; the output has ts, msg, ..."
std::string NamesOfBothSides(std::span<const std::string> names);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_AUDIT_FIELDS_H_
