#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/foreign_words.h"
#include "model/scenario/parse/parser.h"
#include "text/concat.h"
#include "text/spaced_words.h"

namespace groundhog::model {
namespace {

using text::Concat;

using testing::HasSubstr;

bool IsOfChoices(const ForeignWords& row) { return row.object.find('.') != std::string_view::npos; }

// The words in quotes: keys that the advice names, perhaps with an example after a colon. A quote
// within a word ("the map's key") opens nothing.
std::vector<std::string_view> QuotedKeys(std::string_view advice) {
  std::vector<std::string_view> keys;
  for (std::size_t at = advice.find(" '"); at != std::string_view::npos;) {
    const std::size_t end = advice.find('\'', at + 2);
    const std::string_view quoted = advice.substr(at + 2, end - at - 2);
    keys.push_back(quoted.substr(0, quoted.find(':')));
    at = advice.find(" '", end);
  }
  return keys;
}

TEST(ForeignWords, NameKeysThatThereAreAndNeverOneOfTheObjectsOwn) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const ForeignWords& row : ForeignWordTable()) {
    for (const std::string_view word : text::SplitWords(row.words)) {
      EXPECT_TRUE(seen.insert({row.object, word}).second) << row.object << " " << word;
    }
    if (IsOfChoices(row)) continue;
    const ObjectSpec& object = ObjectNamed(row.object);
    for (const std::string_view word : text::SplitWords(row.words)) {
      EXPECT_EQ(FindKey(object, word), nullptr) << row.object << " " << word;
    }
    for (const std::string_view key : QuotedKeys(row.advice)) {
      const bool is_of_scenario = FindKey(ObjectNamed("scenario"), key) != nullptr;
      EXPECT_TRUE(is_of_scenario || FindKey(object, key) != nullptr) << row.object << " " << key;
    }
  }
}

TEST(ForeignWords, OfChoicesNameOneOfThem) {
  for (const ForeignWords& row : ForeignWordTable()) {
    if (!IsOfChoices(row)) continue;
    const std::size_t dot = row.object.find('.');
    const KeySpec* key =
        FindKey(ObjectNamed(row.object.substr(0, dot)), row.object.substr(dot + 1));
    ASSERT_NE(key, nullptr) << row.object;
    const auto choices = text::SplitWords(key->choices);
    for (const std::string_view word : text::SplitWords(row.words)) {
      EXPECT_EQ(std::ranges::count(choices, word), 0) << row.object << " " << word;
    }
    EXPECT_TRUE(std::ranges::any_of(choices, [&](std::string_view choice) {
      return row.advice.find(choice) != std::string_view::npos;
    })) << row.advice;
  }
}

TEST(ForeignWords, AreToldForEachObject) {
  for (const ForeignWords& row : ForeignWordTable()) {
    if (IsOfChoices(row)) continue;
    for (const std::string_view word : text::SplitWords(row.words)) {
      EXPECT_EQ(AdviceForKey(ObjectNamed(row.object), word), Concat({"; ", row.advice}));
    }
  }
}

TEST(ForeignWords, OtherSpellingsOfAKeyAreKnown) {
  const ObjectSpec& service = ObjectNamed("service");
  for (const std::string_view word : {"serviceTime", "service-time", "ServiceTime"}) {
    EXPECT_EQ(AdviceForKey(service, word), "; write 'service_time'") << word;
  }
  EXPECT_EQ(AdviceForKey(service, "service_time_ms"),
            "; write 'service_time' with its unit in the value, as in 250ms");
  EXPECT_EQ(AdviceForKey(service, "Replicas"), "; write 'hosts'");
  EXPECT_EQ(
      AdviceForKey(service, "latency_seconds"),
      "; write 'service_time', such as {p50: 4ms, p99: 15ms} with its unit in the value, as in "
      "250ms");
  EXPECT_EQ(AdviceForKey(service, "hots"), "");
  EXPECT_EQ(AdviceForKey(service, "_ms"), "");
}

std::string Error(const std::string& service) {
  const auto parsed = ParseScenario(Concat({"name: x\nservices: {a: {", service, "}}\n"}), "f");
  return parsed.ok() ? "" : std::string(parsed.status().message());
}

TEST(ForeignWords, StandInTheParsersErrors) {
  EXPECT_EQ(Error("service_time: 1ms, replicas: 3"),
            "f:2:35: unknown key 'replicas' in a service; write 'hosts'");
  EXPECT_THAT(Error("service_time: {p50: 1ms, p90: 2ms, p99: 3ms}"),
              HasSubstr("unknown key 'p90' in a distribution; there are 'p50', 'p95', 'p99'"));
  EXPECT_THAT(Error("service_time: 1ms, balancer: least_connections"),
              HasSubstr("not 'least_connections'; write least_outstanding"));
  EXPECT_THAT(
      Error("service_time: 1ms, dependencies: {a: {timeout: 1s, retries: 3}}"),
      HasSubstr("'retries' must be a map with keys such as 'max', not '3'; write {max: 3}"));
  EXPECT_THAT(Error("service_time: 1ms, hots: 3"), HasSubstr("did you mean 'hosts'?"));
}

}  // namespace
}  // namespace groundhog::model
