// The section expect: what is read, what is refused, and what overrides do to it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/scenario/claim.h"
#include "model/scenario/parse/parser.h"
#include "model/scenario/print/printer.h"
#include "sim/time.h"
#include "tests/model/scenario_errors.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

constexpr std::string_view kFault =
    "faults: {down: {kind: outage, target: back, at: 1h, for: 10m}}\n";

// The error about one expectation, in line 14, column 5.
std::string ErrorOfClaim(std::string_view keys) {
  return ErrorOfSection(Concat({kFault, "expect:\n  x: {", keys, "}"}));
}

absl::StatusOr<ParsedScenario> ParseClaims(std::string_view claims,
                                           const Overrides& overrides = {}) {
  return ParseScenario(Concat({kSmallScenario, kFault, "expect:\n", claims}), "f.yaml", overrides);
}

TEST(ScenarioClaims, AreReadAndPrintedAgain) {
  const auto parsed = ParseClaims(
      "  a: {service: back, during: down, error_rate: {at_least: 0.2, at_most: 1}}\n"
      "  b: {after: down, within: 30s, p99: {at_most: 200ms}}\n"
      "  c: {from: 0s, until: 1h, records: {at_least: 5}}\n");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const std::vector<Claim>& claims = parsed->scenario.claims;
  ASSERT_EQ(claims.size(), 3u);
  EXPECT_EQ(claims[0].service, "back");
  EXPECT_EQ(claims[0].during, "down");
  EXPECT_EQ(claims[0].error_rate, (Bounds<double>{.at_least = 0.2, .at_most = 1}));
  EXPECT_EQ(claims[1].within, sim::Seconds(30));
  EXPECT_EQ(claims[1].p99, (Bounds<sim::Duration>{.at_most = sim::Milliseconds(200)}));
  EXPECT_EQ(claims[2].until, sim::Hours(1));
  EXPECT_EQ(claims[2].records, (Bounds<std::uint64_t>{.at_least = 5}));
  const std::string text = ScenarioText(parsed->scenario);
  EXPECT_NE(text.find("expect:\n"
                      "  a:\n"
                      "    service: back\n"
                      "    during: down\n"
                      "    error_rate: {at_least: 0.2, at_most: 1}\n"
                      "  b:\n"
                      "    after: down\n"
                      "    within: 30s\n"
                      "    p99: {at_most: 200ms}\n"
                      "  c:\n"
                      "    from: 0s\n"
                      "    until: 1h\n"
                      "    records: {at_least: 5}\n"),
            std::string::npos)
      << text;
  const auto again = ParseScenario(text, "again.yaml");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->scenario, parsed->scenario);
}

TEST(ScenarioClaims, NameServicesAndFaultsThatThereAre) {
  EXPECT_EQ(ErrorOfClaim("service: bakc, error_rate: {at_most: 0}"),
            "f.yaml:14:16: expectation 'x' names the service 'bakc', which there is not; did you "
            "mean 'back'?");
  EXPECT_EQ(ErrorOfClaim("during: dwon, error_rate: {at_most: 0}"),
            "f.yaml:14:15: expectation 'x' names the fault 'dwon', which there is not; did you "
            "mean 'down'?");
  EXPECT_EQ(ErrorOfClaim("after: nothing, error_rate: {at_most: 0}"),
            "f.yaml:14:14: expectation 'x' names the fault 'nothing', which there is not; declare "
            "it under 'faults'");
}

TEST(ScenarioClaims, HaveExactlyOneFigureWithBounds) {
  constexpr std::string_view kOne =
      "expectation 'x' needs exactly one of 'error_rate', 'p50', 'p95', 'p99' and 'records'";
  EXPECT_EQ(ErrorOfClaim("service: back"), Concat({"f.yaml:14:3: ", kOne}));
  EXPECT_EQ(ErrorOfClaim("p50: {at_most: 1s}, p99: {at_most: 2s}"),
            Concat({"f.yaml:14:27: ", kOne}));
  EXPECT_EQ(ErrorOfClaim("p50: {}"), "f.yaml:14:7: bounds need 'at_least', 'at_most' or both");
  EXPECT_EQ(ErrorOfClaim("error_rate: {at_least: 0.3, at_most: 0.2}"),
            "f.yaml:14:35: 'at_most', 0.2, must not be below 'at_least', 0.3");
  EXPECT_EQ(ErrorOfClaim("p95: {at_least: 2s, at_most: 1500ms}"),
            "f.yaml:14:27: 'at_most', 1500ms, must not be below 'at_least', 2s");
  EXPECT_EQ(ErrorOfClaim("during: down, records: {at_least: 3, at_most: 2}"),
            "f.yaml:14:44: 'at_most', 2, must not be below 'at_least', 3");
  EXPECT_EQ(ErrorOfClaim("error_rate: {at_least: 0.3, at_most: 0.3}"), "(none)");
}

TEST(ScenarioClaims, HaveOneTime) {
  EXPECT_EQ(ErrorOfClaim("during: down, after: down, p50: {at_most: 1s}"),
            "f.yaml:14:7: 'during' does not go with 'after'; leave one of them out");
  EXPECT_EQ(ErrorOfClaim("from: 0s, during: down, p50: {at_most: 1s}"),
            "f.yaml:14:7: 'from' does not go with 'during'; leave one of them out");
  EXPECT_EQ(ErrorOfClaim("from: 0s, after: down, p50: {at_most: 1s}"),
            "f.yaml:14:17: 'after' does not go with 'from'; leave one of them out");
  EXPECT_EQ(ErrorOfClaim("from: 10m, until: 10m, p50: {at_most: 1s}"),
            "f.yaml:14:18: 'until', 10m, must be after 'from', 10m");
  EXPECT_EQ(ErrorOfClaim("during: down, within: 1m, p50: {at_most: 1s}"),
            "f.yaml:14:21: 'within' needs the key 'after' beside it: the name of a fault");
  EXPECT_EQ(ErrorOfClaim("from: 0s, records: {at_most: 9}"),
            "f.yaml:14:17: expectation 'x' counts records, so it needs 'from' and 'until', "
            "'during' or 'after'");
}

TEST(ScenarioClaims, AreGuessedAtWhenMisspelt) {
  EXPECT_EQ(ErrorOfClaim("during: down, error_rte: {at_most: 0}, p50: {at_most: 1s}"),
            "f.yaml:14:21: unknown key 'error_rte' in an expectation; did you mean 'error_rate'?");
  EXPECT_EQ(ErrorOfClaim("error_rate: {below: 0.5, at_least: 0}"),
            "f.yaml:14:20: unknown key 'below' in the bounds of an error rate; write 'at_most'");
  EXPECT_EQ(ErrorOfClaim("error_rate: {at_most: 20%}"),
            "f.yaml:14:29: 'at_most' must be a number from 0 to 1, not '20%'");
}

TEST(ScenarioClaims, GoWithTheFaultThatTheyName) {
  const auto parsed = ParseClaims(
      "  a: {during: down, p50: {at_most: 1s}}\n"
      "  b: {after: down, p50: {at_most: 1s}}\n"
      "  c: {from: 0s, p50: {at_most: 1s}}\n",
      {{.kind = Override::Kind::kWithout, .value = "down"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_EQ(parsed->scenario.claims.size(), 1u);
  EXPECT_EQ(parsed->scenario.claims[0].name, "c");
}

TEST(ScenarioClaims, ScaleTheRecordsThatTheyCount) {
  const auto parsed = ParseClaims(
      "  a: {from: 0s, until: 1h, records: {at_least: 5, at_most: 7}}\n"
      "  b: {from: 0s, error_rate: {at_most: 0.5}}\n",
      {{.kind = Override::Kind::kScale, .value = "3"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->scenario.claims[0].records,
            (Bounds<std::uint64_t>{.at_least = 15, .at_most = 21}));
  EXPECT_EQ(parsed->scenario.claims[1].error_rate, (Bounds<double>{.at_most = 0.5}));
}

}  // namespace
}  // namespace groundhog::model
