#include "analysis/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/audit_fields.h"
#include "tests/analysis/audit_case.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

using ::testing::ElementsAre;

TEST(Audit, FindsNothingWhereAllIsAsExpectedInAnyOrderOfServices) {
  std::vector<Values> rows = Records(300);
  std::stable_sort(rows.begin(), rows.end(), [](const Values& a, const Values& b) {
    return a[Index(AuditField::kService)] < b[Index(AuditField::kService)];
  });
  const AuditResult result = AuditOf({.records = Records(300), .outputs = {rows}});
  EXPECT_TRUE(result.is_all_well());
  EXPECT_EQ(result.as_expected, 300U);
  EXPECT_EQ(result.rows, 300U);
  EXPECT_TRUE(result.examples.empty());
}

TEST(Audit, FindsWhatIsMissing) {
  std::vector<Values> rows = Records(100);
  rows.erase(rows.begin() + 40);
  const AuditResult result = AuditOf({.records = Records(100), .outputs = {rows}});
  EXPECT_EQ(CountsOf(result), (Counts{{"missing", 1}}));
  ASSERT_EQ(result.examples.size(), 1U);
  EXPECT_EQ(result.examples[0].record, 40U);
  EXPECT_EQ(result.examples[0].row, std::nullopt);
}

TEST(Audit, FindsARowOfNoRecord) {
  std::vector<Values> rows = Records(100);
  Values foreign = Record(1'000);
  foreign[Index(AuditField::kMessage)] = "hello";
  rows.push_back(foreign);
  const AuditResult result = AuditOf({.records = Records(100), .outputs = {rows}});
  EXPECT_EQ(CountsOf(result), (Counts{{"extra", 1}}));
  ASSERT_EQ(result.examples.size(), 1U);
  EXPECT_EQ(result.examples[0].row, (RowPlace{.output = 0, .line = 101}));
  ASSERT_TRUE(result.examples[0].found);
  EXPECT_EQ((*result.examples[0].found)[Index(AuditField::kMessage)], "hello");
}

// 32 bits for each would make nine of them doubled.
TEST(Audit, RowsOfNoRecordAreExtraAlsoByAKeyOfOneField) {
  constexpr std::size_t kRecords = 200'000;
  AuditOptions options;
  PlanRequest request;
  request.key.set(Index(AuditField::kTraceId));
  options.plan = *PlanAudit(request, std::vector<std::string>{"trace_id"});
  Audit audit(options);
  const auto id = [](const char* of, std::size_t i) { return of + std::to_string(i); };
  const auto values = [](const std::string& trace_id) {
    AuditValues all;
    all[Index(AuditField::kTraceId)] = trace_id;
    return all;
  };
  for (std::size_t i = 0; i < kRecords; ++i) {
    audit.Expect(values(id("request-", i)), sim::VirtualTime(), /*is_wanted=*/true);
  }
  std::uint32_t line = 0;
  for (std::size_t i = 0; i < kRecords; ++i) {
    audit.Take(values(id("request-", i)), {.output = 0, .line = ++line});
    audit.Take(values(id("foreign-", i)), {.output = 0, .line = ++line});
  }
  EXPECT_EQ(CountsOf(audit.Finish()), (Counts{{"extra", kRecords}}));
}

TEST(Audit, FindsDoubledRowsAlsoWhenTheSecondOneIsAltered) {
  std::vector<Values> rows = Records(100);
  rows.push_back(Record(7));
  rows.push_back(With(Record(8), AuditField::kHostname, "host-2"));
  const AuditResult result = AuditOf({.records = Records(100), .outputs = {rows}});
  EXPECT_EQ(CountsOf(result), (Counts{{"doubled", 2}}));
  ASSERT_EQ(result.examples.size(), 2U);
  EXPECT_EQ(result.examples[0].record, 7U);
  EXPECT_EQ(result.examples[0].other_row, (RowPlace{.output = 0, .line = 8}));
  EXPECT_EQ(result.examples[1].record, 8U);
}

TEST(Audit, FindsAlteredFieldsWithBothValues) {
  std::vector<Values> rows = Records(100);
  rows[3] = With(rows[3], AuditField::kLevel, "WARN");
  rows[4] = With(With(rows[4], AuditField::kLevel, "WARN"), AuditField::kLatency, "5");
  rows[6] = With(rows[6], AuditField::kDependency, "");
  const AuditResult result = AuditOf({.records = Records(100), .outputs = {rows}});
  EXPECT_EQ(CountsOf(result), (Counts{{"altered", 3}}));
  EXPECT_EQ(AlteredIn(result), (Counts{{"level", 2}, {"latency_ms", 1}, {"dependency", 1}}));
  EXPECT_EQ(result.as_expected, 97U);
  ASSERT_EQ(result.examples.size(), 3U);
  EXPECT_EQ(result.examples[0].record, 3U);
  ASSERT_TRUE(result.examples[0].found);
  EXPECT_EQ((*result.examples[0].found)[Index(AuditField::kLevel)], "WARN");
}

TEST(Audit, EachFieldOfTheKeyMayBeTheAlteredOne) {
  for (const AuditField field :
       {AuditField::kTraceId, AuditField::kService, AuditField::kTimestamp, AuditField::kMessage}) {
    std::vector<Values> rows = Records(100);
    rows[13] = With(rows[13], field, "other");
    const AuditResult result = AuditOf({.records = Records(100), .outputs = {rows}});
    EXPECT_EQ(CountsOf(result), (Counts{{"altered", 1}}));
    EXPECT_EQ(AlteredIn(result), (Counts{{std::string(kAuditFieldNames.NameOf(field)), 1}}));
  }
}

TEST(Audit, RepeatedKeysAreMultisets) {
  // Three equal records and one with the same key, another latency; two of the equal ones come.
  const std::vector<Values> records = {Record(1), Record(1), Record(1),
                                       With(Record(1), AuditField::kLatency, "77")};
  const AuditResult result =
      AuditOf({.records = records, .outputs = {{records[0], records[0], records[3]}}});
  EXPECT_EQ(CountsOf(result), (Counts{{"missing", 1}}));
  EXPECT_EQ(result.as_expected, 3U);
}

TEST(Audit, AnAlteredRowIsPairedWithTheRecordThatIsMostLikeIt) {
  const Values other =
      With(With(Record(1), AuditField::kLatency, "77"), AuditField::kLevel, "WARN");
  Case test = {.records = {Record(1), other},
               .outputs = {{With(other, AuditField::kHostname, "x"),
                            With(Record(1), AuditField::kHostname, "y")}}};
  test.options.order_by = std::nullopt;
  const AuditResult result = AuditOf(test);
  EXPECT_EQ(CountsOf(result), (Counts{{"altered", 2}}));
  EXPECT_EQ(AlteredIn(result), (Counts{{"hostname", 2}}));
}

TEST(Audit, RowsOfOneServiceThatChangePlacesAreReordered) {
  std::vector<Values> rows = Records(100);
  std::swap(rows[30], rows[33]);  // of service-0
  std::swap(rows[50], rows[51]);  // of two services
  const Case test = {.records = Records(100), .outputs = {rows}};
  const AuditResult result = AuditOf(test);
  EXPECT_EQ(CountsOf(result), (Counts{{"reordered", 1}}));
  ASSERT_EQ(result.examples.size(), 1U);
  EXPECT_EQ(result.examples[0].record, 30U);
  EXPECT_EQ(result.examples[0].other_record, 33U);
  Case by_request = test;
  by_request.options.order_by = AuditField::kTraceId;
  EXPECT_EQ(CountsOf(AuditOf(by_request)), (Counts{{"reordered", 3}}));
  Case by_nothing = test;
  by_nothing.options.order_by = std::nullopt;
  EXPECT_TRUE(AuditOf(by_nothing).is_all_well());
}

TEST(Audit, OutputsHaveNoOrderAmongEachOther) {
  const std::vector<Values> records = Records(100);
  const std::vector<Values> early(records.begin(), records.begin() + 50);
  const std::vector<Values> late(records.begin() + 50, records.end());
  EXPECT_TRUE(AuditOf({.records = records, .outputs = {late, early}}).is_all_well());
}

TEST(Audit, FindsRequestsThatAreNotInOneOutput) {
  const std::vector<Values> records = Records(40);
  Case test = {
      .records = records,
      .outputs = {{records.begin(), records.begin() + 22}, {records.begin() + 22, records.end()}}};
  EXPECT_TRUE(AuditOf(test).is_all_well());
  test.options.whole = AuditField::kTraceId;
  const AuditResult result = AuditOf(test);
  EXPECT_EQ(CountsOf(result), (Counts{{"split", 1}}));
  ASSERT_EQ(result.examples.size(), 1U);
  EXPECT_EQ(result.examples[0].other_record, 20U);
  EXPECT_EQ(result.examples[0].record, 22U);
  // What is missing is nowhere else.
  test.outputs = {std::vector<Values>(records.begin(), records.begin() + 30)};
  EXPECT_EQ(CountsOf(AuditOf(test)), (Counts{{"missing", 10}}));
}

TEST(Audit, FindsWhatWasToBeLeftOut) {
  const std::vector<Values> records = Records(100);
  Case test = {.records = records, .outputs = {{}}};
  for (const Values& record : records) {
    const bool is_error = record[Index(AuditField::kLevel)] == "ERROR";
    test.is_wanted.push_back(is_error);
    if (is_error) test.outputs[0].push_back(record);
  }
  EXPECT_TRUE(AuditOf(test).is_all_well());
  test.outputs[0].push_back(Record(99));
  const AuditResult result = AuditOf(test);
  EXPECT_EQ(CountsOf(result), (Counts{{"wrongly_kept", 1}}));
  EXPECT_EQ(result.records, 20U);
  ASSERT_EQ(result.examples.size(), 1U);
  EXPECT_EQ(result.examples[0].record, 99U);
}

TEST(Audit, ExamplesAreFewAndOfEachAlteredField) {
  std::vector<Values> rows = Records(100);
  for (std::size_t i = 0; i < 50; ++i) rows[i] = With(rows[i], AuditField::kLevel, "x");
  rows[70] = With(rows[70], AuditField::kHostname, "x");
  rows.resize(90);
  Case test = {.records = Records(100), .outputs = {rows}};
  test.options.examples_max = 2;
  const AuditResult result = AuditOf(test);
  std::vector<Finding> findings;
  for (const AuditExample& example : result.examples) findings.push_back(example.finding);
  EXPECT_THAT(findings, ElementsAre(Finding::kMissing, Finding::kMissing, Finding::kAltered,
                                    Finding::kAltered, Finding::kAltered));
  EXPECT_EQ(result.examples[4].record, 70U);
}

TEST(Audit, SaysWhenMostRowsAreNoRecord) {
  std::vector<Values> rows = Records(400);
  for (std::size_t i = 0; i < 201; ++i) {
    rows[i] = With(With(rows[i], AuditField::kTraceId, "x"), AuditField::kMessage, "y");
  }
  EXPECT_TRUE(AuditOf({.records = Records(400), .outputs = {rows}}).are_most_rows_extra());
  rows[0] = Record(0);
  EXPECT_FALSE(AuditOf({.records = Records(400), .outputs = {rows}}).are_most_rows_extra());
  rows = Records(4);
  EXPECT_FALSE(AuditOf({.records = Records(400), .outputs = {rows}}).are_most_rows_extra());
}

TEST(Audit, SaysWhichFieldsChangedPlaces) {
  std::vector<Values> rows = Records(50);
  for (Values& row : rows) {
    std::swap(row[Index(AuditField::kTraceId)], row[Index(AuditField::kMessage)]);
  }
  const AuditResult result = AuditOf({.records = Records(50), .outputs = {rows}});
  EXPECT_EQ(result.known_elsewhere[Index(AuditField::kTraceId)], AuditField::kMessage);
  EXPECT_EQ(result.known_elsewhere[Index(AuditField::kMessage)], AuditField::kTraceId);
  EXPECT_EQ(result.known_elsewhere[Index(AuditField::kService)], std::nullopt);
  EXPECT_EQ(result.known_elsewhere[Index(AuditField::kDependency)], std::nullopt);
}

TEST(Audit, NoRowsAtAllIsEverythingMissing) {
  const AuditResult result = AuditOf({.records = Records(10), .outputs = {{}}});
  EXPECT_EQ(CountsOf(result), (Counts{{"missing", 10}}));
  EXPECT_TRUE(AuditOf({.records = {}, .outputs = {}}).is_all_well());
  EXPECT_EQ(CountsOf(AuditOf({.records = {}, .outputs = {Records(3)}})), (Counts{{"extra", 3}}));
}

// Record i is due at 10 i milliseconds after 5,000, and its row comes `lateness[i]` after that.
AuditResult AuditOfLateRows(const ArrivalOptions& arrivals, std::span<const std::int64_t> lateness,
                            const std::function<void(std::vector<Values>&)>& change = {}) {
  AuditOptions options = Options();
  options.arrivals = arrivals;
  Audit audit(options);
  std::vector<Values> rows = Records(lateness.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto time = sim::VirtualTime(sim::Milliseconds(2 * static_cast<std::int64_t>(i)));
    audit.Expect(Views(rows[i]), time, true, 10 * static_cast<std::int64_t>(i));
  }
  if (change) change(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t due = 5'000 + 10 * static_cast<std::int64_t>(i);
    audit.Take(Views(rows[i]), {.output = 0, .line = i + 1}, due + lateness[i]);
  }
  return audit.Finish();
}

std::vector<std::int64_t> From(std::int64_t first, std::size_t count) {
  std::vector<std::int64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

TEST(Audit, SaysHowLateRowsAreByRank) {
  const AuditResult result = AuditOfLateRows({.origin = 5'000, .late_after = 97}, From(0, 100));
  ASSERT_TRUE(result.lateness);
  EXPECT_EQ(result.lateness->p50, 49);
  EXPECT_EQ(result.lateness->p95, 94);
  EXPECT_EQ(result.lateness->p99, 98);
  EXPECT_EQ(result.lateness->max, 99);
  EXPECT_EQ(CountsOf(result), (Counts{{"late", 2}}));
  EXPECT_EQ(result.examples[0].record, 98U);
  EXPECT_EQ(result.examples[0].row, (RowPlace{.output = 0, .line = 99}));
  EXPECT_EQ(result.examples[0].lateness_milliseconds, 98);
}

TEST(Audit, WithoutAnOriginTheMostPunctualRowIsInTime) {
  const AuditResult result = AuditOfLateRows({}, From(-700, 100));
  ASSERT_TRUE(result.lateness);
  EXPECT_EQ(result.lateness->p50, 49);
  EXPECT_EQ(result.lateness->max, 99);
  EXPECT_TRUE(result.is_all_well());
}

TEST(Audit, AnAlteredRowIsLateToo) {
  const std::vector<std::int64_t> lateness = {0, 0, 60, 0};
  const AuditResult result = AuditOfLateRows(
      {.origin = 5'000, .late_after = 50}, lateness,
      [](std::vector<Values>& rows) { rows[2] = With(rows[2], AuditField::kHostname, "x"); });
  EXPECT_EQ(CountsOf(result), (Counts{{"altered", 1}, {"late", 1}}));
}

TEST(Audit, WithoutArrivalsNothingIsLate) {
  EXPECT_FALSE(AuditOf({.records = Records(9), .outputs = {Records(9)}}).lateness);
}

TEST(Audit, SaysWhichValuesAreKnownIfNoRowIsARecord) {
  std::vector<Values> rows = Records(50);
  for (Values& row : rows) {
    row = With(With(row, AuditField::kTraceId, "x"), AuditField::kTimestamp, "12");
  }
  const AuditResult result = AuditOf({.records = Records(50), .outputs = {rows}});
  EXPECT_TRUE(result.are_most_rows_extra());
  EXPECT_EQ(result.extra_examined, 50U);
  EXPECT_EQ(result.extra_with_known_value[Index(AuditField::kService)], 50U);
  EXPECT_EQ(result.extra_with_known_value[Index(AuditField::kMessage)], 50U);
  EXPECT_EQ(result.extra_with_known_value[Index(AuditField::kTraceId)], 0U);
  EXPECT_EQ(result.extra_with_known_value[Index(AuditField::kTimestamp)], 0U);
}

TEST(Audit, KeepsAnExtraRowAsItIs) {
  Audit audit(Options());
  audit.Expect(Views(Record(1)), sim::VirtualTime(), true);
  audit.Take(Views(Record(9)), {.output = 0, .line = 1}, 0, "{\"the\": \"row\"}");
  const AuditResult result = audit.Finish();
  ASSERT_EQ(result.count(Finding::kExtra), 1U);
  EXPECT_EQ(result.examples.back().text, "{\"the\": \"row\"}");
}

// Random changes of every kind at distinct records: each is counted, and nothing else.
TEST(Audit, CountsWhatWasPlanted) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    traces::TestRandom random(seed);
    const std::vector<Values> records = Records(2'000);
    std::vector<Values> rows;
    Counts planted;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::uint64_t kind = random.Below(20);
      if (kind == 0) {
        ++planted["missing"];
        continue;
      }
      rows.push_back(records[i]);
      if (kind == 1) {
        ++planted["doubled"];
        rows.push_back(records[i]);
      } else if (kind == 2) {
        ++planted["altered"];
        const auto field = static_cast<AuditField>(random.Below(kAuditFieldCount));
        rows.back() = With(rows.back(), field, "planted");
      } else if (kind == 3) {
        ++planted["extra"];
        rows.push_back(With(With(records[i], AuditField::kTraceId, "x" + std::to_string(i)),
                            AuditField::kMessage, "planted"));
      }
    }
    Case test = {.records = records, .outputs = {rows}};
    test.options.order_by = std::nullopt;
    for (std::size_t i = rows.size(); i-- > 1;) {
      std::swap(test.outputs[0][i], test.outputs[0][random.Below(i + 1)]);
    }
    EXPECT_EQ(CountsOf(AuditOf(test)), planted) << "seed " << seed;
  }
}

}  // namespace
}  // namespace groundhog::analysis
