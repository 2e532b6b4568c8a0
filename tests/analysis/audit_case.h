// Records and rows of an audit in tests, and what it counts.
#ifndef GROUNDHOG_TESTS_ANALYSIS_AUDIT_CASE_H_
#define GROUNDHOG_TESTS_ANALYSIS_AUDIT_CASE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analysis/audit.h"
#include "analysis/audit_fields.h"

namespace groundhog::analysis {

using Values = std::array<std::string, kAuditFieldCount>;
using Counts = std::map<std::string, std::uint64_t>;

// Record `number` of twelve services' requests, one every two milliseconds.
inline Values Record(std::size_t number) {
  Values values;
  values[Index(AuditField::kService)] = "service-" + std::to_string(number % 3);
  values[Index(AuditField::kLevel)] = number % 5 == 0 ? "ERROR" : "INFO";
  values[Index(AuditField::kMessage)] = "step " + std::to_string(number % 4);
  values[Index(AuditField::kTimestamp)] = std::to_string(1'736'172'000'000 + 2 * number);
  values[Index(AuditField::kLatency)] = std::to_string(number % 100);
  values[Index(AuditField::kTraceId)] = "request-" + std::to_string(number / 4);
  if (number % 2 == 0) values[Index(AuditField::kDependency)] = "service-9";
  if (number % 5 == 0) values[Index(AuditField::kErrorCode)] = "ERR_504";
  values[Index(AuditField::kHostname)] = "host-1";
  return values;
}

inline std::vector<Values> Records(std::size_t count) {
  std::vector<Values> records;
  for (std::size_t i = 0; i < count; ++i) records.push_back(Record(i));
  return records;
}

inline AuditValues Views(const Values& values) {
  AuditValues views;
  std::copy(values.begin(), values.end(), views.begin());
  return views;
}

// Names are the same on both sides.
inline AuditOptions Options() {
  std::vector<std::string> names;
  for (const auto& field : kAuditFieldNames.rows()) names.emplace_back(field.name);
  return {.plan = *PlanAudit({}, names)};
}

struct Case {
  std::vector<Values> records;
  std::vector<std::vector<Values>> outputs;
  AuditOptions options = Options();
  std::vector<bool> is_wanted;  // all, if empty
};

inline AuditResult AuditOf(const Case& test) {
  Audit audit(test.options);
  for (std::size_t i = 0; i < test.records.size(); ++i) {
    audit.Expect(Views(test.records[i]),
                 sim::VirtualTime(sim::Milliseconds(2 * static_cast<std::int64_t>(i))),
                 test.is_wanted.empty() || test.is_wanted[i]);
  }
  for (std::uint32_t output = 0; output < test.outputs.size(); ++output) {
    std::uint32_t line = 0;
    for (const Values& row : test.outputs[output]) {
      audit.Take(Views(row), {.output = output, .line = ++line});
    }
  }
  return audit.Finish();
}

// Those that are not zero.
inline Counts CountsOf(const AuditResult& result) {
  Counts counts;
  for (const auto& finding : kFindingNames.rows()) {
    const std::uint64_t count = result.count(finding.value);
    if (count > 0) counts[std::string(finding.name)] = count;
  }
  return counts;
}

inline Counts AlteredIn(const AuditResult& result) {
  Counts counts;
  for (const auto& field : kAuditFieldNames.rows()) {
    const std::uint64_t count = result.altered_in[Index(field.value)];
    if (count > 0) counts[std::string(field.name)] = count;
  }
  return counts;
}

inline Values With(Values values, AuditField field, std::string value) {
  values[Index(field)] = std::move(value);
  return values;
}

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_TESTS_ANALYSIS_AUDIT_CASE_H_
