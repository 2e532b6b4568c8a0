// Fields that no row has, or that only later rows have.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/audit.h"
#include "analysis/audit_fields.h"
#include "tests/analysis/audit_case.h"

namespace groundhog::analysis {
namespace {

// The first rows have all names but these.
AuditOptions OptionsWithout(std::vector<AuditField> lacking, bool is_strict = false) {
  std::vector<std::string> names;
  for (const auto& field : kAuditFieldNames.rows()) {
    if (std::find(lacking.begin(), lacking.end(), field.value) == lacking.end()) {
      names.emplace_back(field.name);
    }
  }
  return {.plan = *PlanAudit({.is_strict = is_strict}, names)};
}

// Rows that lack a field, all of them or the first ones.
std::vector<Values> RowsWithout(AuditField field, std::size_t lacking = 100) {
  std::vector<Values> rows = Records(100);
  for (std::size_t i = 0; i < lacking; ++i) rows[i][Index(field)].clear();
  return rows;
}

TEST(AuditMissingFields, AFieldThatNoRowHasIsNotCompared) {
  for (const AuditField field :
       {AuditField::kDependency, AuditField::kLatency, AuditField::kTraceId}) {
    const AuditResult result = AuditOf({.records = Records(100),
                                        .outputs = {RowsWithout(field)},
                                        .options = OptionsWithout({field})});
    EXPECT_TRUE(result.is_all_well());
    EXPECT_EQ(result.as_expected, 100U);
    EXPECT_EQ(ListFields(~result.compared), kAuditFieldNames.NameOf(field));
    EXPECT_EQ(ListFields(result.not_found), kAuditFieldNames.NameOf(field));
  }
}

TEST(AuditMissingFields, AFieldThatWasAskedForAndNoRowHasIsAFinding) {
  Case test = {.records = Records(100),
               .outputs = {RowsWithout(AuditField::kLatency)},
               .options = OptionsWithout({AuditField::kLatency}, /*is_strict=*/true)};
  const AuditResult result = AuditOf(test);
  EXPECT_EQ(CountsOf(result), (Counts{{"fields_missing", 1}}));
  EXPECT_EQ(ListFields(result.missing), "latency_ms");
  // No record has it.
  test.records = test.outputs[0];
  EXPECT_TRUE(AuditOf(test).is_all_well());
  // None that was to be let through has it.
  test.records = Records(100);
  test.is_wanted.assign(100, false);
  test.outputs = {{Record(1)}};
  EXPECT_EQ(CountsOf(AuditOf(test)), (Counts{{"wrongly_kept", 1}}));
}

TEST(AuditMissingFields, AFieldThatTheFirstRowsLackIsComparedInEachRow) {
  for (const std::size_t lacking : {1U, 50U, 99U}) {
    const AuditResult result = AuditOf({.records = Records(100),
                                        .outputs = {RowsWithout(AuditField::kLatency, lacking)},
                                        .options = OptionsWithout({AuditField::kLatency})});
    EXPECT_EQ(CountsOf(result), (Counts{{"altered", lacking}}));
    EXPECT_EQ(AlteredIn(result), (Counts{{"latency_ms", lacking}}));
    EXPECT_TRUE(result.not_found.none());
    ASSERT_FALSE(result.examples.empty());
    EXPECT_EQ(result.examples[0].row, (RowPlace{.output = 0, .line = 1}));
    EXPECT_EQ(ListFields(result.examples[0].absent), "latency_ms");
  }
}

TEST(AuditMissingFields, ARecordWithoutAFieldMayBeAmongTheFirstRows) {
  std::vector<Values> rows = Records(100);  // odd ones have no dependency, even ones do
  std::swap(rows[0], rows[1]);
  EXPECT_TRUE(AuditOf({.records = Records(100),
                       .outputs = {rows},
                       .options = OptionsWithout({AuditField::kDependency, AuditField::kLevel})})
                  .is_all_well());
}

// Two records that only differ in what one of them has: their rows come the other way round.
TEST(AuditMissingFields, AFieldThatComesLateTellsRecordsThatAreAlikeOtherwise) {
  const Values has = With(Record(1), AuditField::kErrorCode, "ERR_1");
  AuditOptions options = OptionsWithout({AuditField::kErrorCode});
  options.order_by = std::nullopt;
  for (const auto& rows : {std::vector<Values>{Record(1), has}, {has, Record(1)}}) {
    EXPECT_TRUE(AuditOf({.records = {has, Record(1)}, .outputs = {rows}, .options = options})
                    .is_all_well());
  }
}

TEST(AuditMissingFields, ARowThatLacksWhatALaterOneHasGivesItsPlaceToIt) {
  const Values has = With(Record(1), AuditField::kErrorCode, "ERR_1");
  const AuditResult result = AuditOf({.records = {has},
                                      .outputs = {{Record(1), has}},
                                      .options = OptionsWithout({AuditField::kErrorCode})});
  EXPECT_EQ(CountsOf(result), (Counts{{"doubled", 1}}));
  EXPECT_EQ(result.as_expected, 1U);
}

TEST(AuditMissingFields, AFieldMayComeLateWhereArrivalsCount) {
  AuditOptions options = OptionsWithout({AuditField::kLatency});
  options.arrivals = {.origin = 5'000, .late_after = 50};
  Audit audit(options);
  const std::vector<Values> rows = RowsWithout(AuditField::kLatency, 1);
  for (std::size_t i = 0; i < 2; ++i) {
    audit.Expect(Views(Record(i)), sim::VirtualTime(), true, 0);
  }
  audit.Take(Views(rows[0]), {.output = 0, .line = 1}, 5'100);
  audit.Take(Views(rows[1]), {.output = 0, .line = 2}, 5'000);
  EXPECT_EQ(CountsOf(audit.Finish()), (Counts{{"altered", 1}, {"late", 1}}));
}

}  // namespace
}  // namespace groundhog::analysis
