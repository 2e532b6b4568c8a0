#include "analysis/audit_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace groundhog::analysis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kInstant = 1'736'172'207'918'000'000;  // 2025-01-06T14:03:27.918Z

bool AreEqual(AuditField field, std::string_view a, std::string_view b) {
  return HashValue(field, a) == HashValue(field, b);
}

TEST(AuditFields, AnInstantIsReadInEveryUsualForm) {
  for (const char* const text :
       {"2025-01-06T14:03:27.918Z", "2025-01-06T15:03:27.918+01:00", "2025-01-06 14:03:27.918",
        "2025-01-06T14:03:27.918000000Z", "2025-01-06 14:03:27.918+00",
        "2025-01-06T09:03:27.918-0500", "1736172207918", "1736172207.918", "1736172207918000",
        "1736172207918000000", "1.736172207918e12", "1736172207918.0"}) {
    EXPECT_EQ(ParseInstant(text), kInstant) << text;
  }
}

TEST(AuditFields, WhatIsNoInstantIsNone) {
  for (const char* const text : {"", "yesterday", "06/Jan/2025:14:03:27", "-5", "14:03:27", "1.2.3",
                                 "99999999999999999999", "9223372036.9", "9223372036854.9",
                                 "9223372036854775.9", "2025-01-06T14:03:27.918ZZ", "12x"}) {
    EXPECT_EQ(ParseInstant(text), std::nullopt) << text;
  }
}

TEST(AuditFields, ValuesAreEqualByTheirKind) {
  EXPECT_TRUE(AreEqual(AuditField::kLatency, "250", "250.0"));
  EXPECT_TRUE(AreEqual(AuditField::kLatency, "250", "2.5e2"));
  EXPECT_FALSE(AreEqual(AuditField::kLatency, "250", "251"));
  EXPECT_FALSE(AreEqual(AuditField::kLatency, "250", "250 ms"));
  EXPECT_FALSE(AreEqual(AuditField::kLatency, "0", ""));
  EXPECT_TRUE(AreEqual(AuditField::kTimestamp, "2025-01-06T14:03:27.918Z", "1736172207918"));
  EXPECT_FALSE(AreEqual(AuditField::kTimestamp, "2025-01-06T14:03:27.918Z", "1736172207919"));
  EXPECT_FALSE(AreEqual(AuditField::kMessage, "250", "250.0"));
  EXPECT_FALSE(AreEqual(AuditField::kLevel, "INFO", "info"));
}

// XXH3 of the text, as its specification has it: so an audit says the same in every run.
TEST(AuditFields, HashesOfValuesAreTheSameInEveryProcess) {
  EXPECT_EQ(HashValue(AuditField::kMessage, ""), 0x2D06'8005'38D3'94C2U);
  EXPECT_EQ(HashValue(AuditField::kLatency, "0"), HashValue(AuditField::kLatency, "-0.0"));
  EXPECT_NE(HashValue(AuditField::kLatency, "1"), HashValue(AuditField::kLatency, "2"));
}

TEST(AuditFields, AFieldMapSaysNamesAndWhatIsLeftOut) {
  FieldMap map;
  ASSERT_TRUE(ReadFieldMap("trace_id=traceId,hostname=-", &map).ok());
  ASSERT_TRUE(ReadFieldMap("message=log.text", &map).ok());
  EXPECT_EQ(map[Index(AuditField::kTraceId)], "traceId");
  EXPECT_EQ(map[Index(AuditField::kHostname)], "");
  EXPECT_EQ(map[Index(AuditField::kMessage)], "log.text");
  EXPECT_EQ(map[Index(AuditField::kLevel)], std::nullopt);
  EXPECT_THAT(std::string(ReadFieldMap("trace=x", &map).message()), HasSubstr("'trace_id'"));
  EXPECT_THAT(std::string(ReadFieldMap("level=traceId", &map).message()), HasSubstr("two fields"));
  EXPECT_THAT(std::string(ReadFieldMap("message=x", &map).message()), HasSubstr("already"));
  FieldMap blanks;
  ASSERT_TRUE(ReadFieldMap(" trace_id=traceId, hostname = - ", &blanks).ok());
  EXPECT_EQ(blanks[Index(AuditField::kTraceId)], "traceId");
  EXPECT_EQ(blanks[Index(AuditField::kHostname)], "");
  EXPECT_EQ(ReadFieldList("trace_id, service")->count(), 2U);
  for (const char* const wrong : {"", "level", "level=", "=x", "level=x,"}) {
    FieldMap other;
    EXPECT_FALSE(ReadFieldMap(wrong, &other).ok()) << wrong;
  }
}

bool Holds(std::string_view rule, const AuditValues& record) {
  const auto parsed = KeepRule::Parse(rule);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() && parsed->Holds(record);
}

TEST(KeepRule, ComparesByKind) {
  AuditValues record;
  record[Index(AuditField::kLevel)] = "WARN";
  record[Index(AuditField::kLatency)] = "99";
  record[Index(AuditField::kTimestamp)] = "2025-01-06T14:03:27.918Z";
  for (const char* const rule : {"level=WARN", "level=WARN|ERROR", "level!=INFO", "latency_ms<100",
                                 "latency_ms<=99", "latency_ms>=99.0", "latency_ms>9",
                                 "dependency=", "timestamp>=2025-01-06T15:03:27+01:00"}) {
    EXPECT_TRUE(Holds(rule, record)) << rule;
  }
  for (const char* const rule :
       {"level=ERROR", "level!=WARN|ERROR", "latency_ms<99", "latency_ms>99",
        "dependency!=", "timestamp<2025-01-06T14:03:27Z"}) {
    EXPECT_FALSE(Holds(rule, record)) << rule;
  }
}

TEST(KeepRule, RefusesWhatItCannotCompare) {
  for (const char* const rule : {"", "level", "severity=ERROR", "level>INFO", "latency_ms>slow",
                                 "latency_ms>1|2", "=x", "latency_ms="}) {
    EXPECT_FALSE(KeepRule::Parse(rule).ok()) << rule;
  }
}

TEST(KeepRule, RefusesALevelThatNoRecordHas) {
  for (const auto& [word, guess] : {std::pair("WARNING", "WARN"), std::pair("error", "ERROR"),
                                    std::pair("ERROR|Info", "INFO")}) {
    EXPECT_THAT(std::string(KeepRule::Parse(std::string("level=") + word).status().message()),
                HasSubstr(std::string("did you mean ") + guess + "?"));
  }
  EXPECT_THAT(std::string(KeepRule::Parse("level!=FATAL").status().message()),
              AllOf(HasSubstr("'FATAL'"), HasSubstr("INFO, WARN, ERROR"), Not(HasSubstr("mean"))));
}

const std::vector<std::string> kOwnNames = {"service",  "level",    "message", "timestamp",
                                            "trace_id", "hostname", "shard"};

TEST(PlanAudit, ComparesTheNamesThatTheFirstRowsHaveAndLooksForTheOthers) {
  const auto plan = PlanAudit({}, kOwnNames);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(ListFields(plan->key), "service, message, timestamp, trace_id");
  EXPECT_TRUE(plan->compared.all());
  EXPECT_EQ(ListFields(~plan->at_first), "latency_ms, dependency, error_code");
  EXPECT_TRUE(plan->required.none());
  EXPECT_TRUE(plan->left_out.none());
}

TEST(PlanAudit, TakesTheNamesOfTheMapAndNothingTwice) {
  PlanRequest request;
  ASSERT_TRUE(ReadFieldMap("message=level,error_code=shard,hostname=-", &request.map).ok());
  auto plan = PlanAudit(request, kOwnNames);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->columns[Index(AuditField::kMessage)], "level");
  EXPECT_EQ(plan->columns[Index(AuditField::kLevel)], "");
  EXPECT_EQ(ListFields(~plan->compared), "level, hostname");
  EXPECT_EQ(ListFields(plan->left_out), "hostname");
  EXPECT_EQ(ListFields(plan->required), "message, error_code");
  request.is_strict = true;
  plan = PlanAudit(request, kOwnNames);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(ListFields(~plan->required), "hostname");
}

TEST(PlanAudit, AMappedNameThatTheFirstRowsLackIsLookedFor) {
  PlanRequest request;
  ASSERT_TRUE(ReadFieldMap("latency_ms=took", &request.map).ok());
  const auto plan = PlanAudit(request, kOwnNames);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->columns[Index(AuditField::kLatency)], "took");
  EXPECT_FALSE(plan->at_first[Index(AuditField::kLatency)]);
  EXPECT_EQ(ListFields(plan->required), "latency_ms");
}

TEST(ReadFieldList, RefusesAFieldThatIsGivenTwice) {
  EXPECT_EQ(ReadFieldList("level,service, level").status().message(),
            "level is given twice; give it once");
}

TEST(ReadFieldList, ShortensALongName) {
  const std::string message(ReadFieldList(std::string(10'000, 'x')).status().message());
  EXPECT_LT(message.size(), 400U);
  EXPECT_THAT(message, HasSubstr("no field 'xxx"));
}

TEST(PlanAudit, ExplainsAWrongMapping) {
  const auto error = [](std::string_view fields, std::string_view key,
                        const std::vector<std::string>& names) {
    PlanRequest request;
    if (!fields.empty()) {
      EXPECT_TRUE(ReadFieldMap(fields, &request.map).ok());
    }
    if (!key.empty()) request.key = *ReadFieldList(key);
    return std::string(PlanAudit(request, names).status().message());
  };
  EXPECT_THAT(error("", "", {"ts", "msg", "service"}),
              AllOf(HasSubstr("ts, msg"), HasSubstr("trace_id"), HasSubstr("--fields")));
  EXPECT_THAT(error("trace_id=traceID", "", {"traceId", "msg"}),
              AllOf(HasSubstr("no 'traceID'"), HasSubstr("'traceId'")));
  EXPECT_THAT(error("", "", {"\x7F", "\xC2\x80"}), HasSubstr("\\x7f, \\x80"));
  EXPECT_THAT(error("trace_id=\x1B", "", {"\x1BX"}),
              AllOf(HasSubstr("no '\\x1b'"), HasSubstr("\\x1bX")));
  EXPECT_THAT(error("", "latency_ms", kOwnNames), HasSubstr("--key latency_ms: the first rows"));
  EXPECT_THAT(error("hostname=-", "hostname", kOwnNames), HasSubstr("it is not compared"));
  EXPECT_THAT(error("", "", {"auth-service", "2025-01-06T14:03:27.918Z", "INFO"}),
              HasSubstr("is the header missing?"));
  EXPECT_THAT(error("", "", {"ts", "1736172207918"}), Not(HasSubstr("header")));
}

}  // namespace
}  // namespace groundhog::analysis
