// Parses scenarios that were damaged at random: the parser never crashes, its errors have the right
// form, and a text that it accepts means the same when printed and read again. The seed is --seed=N
// of this program; a failure prints it with the number of the round, and the damaged text.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/scenario_claims.h"
#include "model/review/offered_load.h"
#include "model/review/warnings.h"
#include "model/scenario/overrides.h"
#include "scenarios/shipped.h"
#include "tests/model/full_scenario.h"
#include "tests/sim/seed_flag.h"

namespace groundhog::model {
namespace {

// Pieces of text that are difficult for YAML, the units or the checks.
constexpr auto kTokens = std::to_array<std::string_view>({"{",
                                                          "}",
                                                          "[",
                                                          "]",
                                                          ": ",
                                                          ":",
                                                          "- ",
                                                          "-",
                                                          ", ",
                                                          "? ",
                                                          "&a ",
                                                          "*a",
                                                          "!!int ",
                                                          "! ",
                                                          "'",
                                                          "\"",
                                                          "|\n",
                                                          ">-\n",
                                                          "#",
                                                          " #",
                                                          "%YAML 1.2\n",
                                                          "---\n",
                                                          "...\n",
                                                          "\t",
                                                          "\r\n",
                                                          "\n",
                                                          "\n\n",
                                                          "  ",
                                                          "<<: ",
                                                          "~",
                                                          "null",
                                                          "true",
                                                          "\\",
                                                          "\\u0000",
                                                          "\xEF\xBB\xBF",
                                                          "\xFF",
                                                          "\xED\xA0\x80",
                                                          "é",
                                                          "-1",
                                                          "0",
                                                          "1",
                                                          "1e999",
                                                          "1e-999",
                                                          "0x10",
                                                          "nan",
                                                          ".inf",
                                                          "18446744073709551616",
                                                          "0.5",
                                                          "9223372036854775807ns",
                                                          "9223372036854775808ns",
                                                          "106751d",
                                                          "0s",
                                                          "1ns",
                                                          "1d",
                                                          "0.1ns",
                                                          "/s",
                                                          "1e6/s",
                                                          "forever",
                                                          "{user}",
                                                          "{",
                                                          "{{",
                                                          "1970-01-01T00:00:00Z",
                                                          "2199-12-31T23:59:59Z",
                                                          "ERR_999",
                                                          "services:",
                                                          "hosts:",
                                                          "calls:",
                                                          "name: x\n",
                                                          "auth-service",
                                                          "caller"});

class Damager {
 public:
  explicit Damager(std::uint64_t seed) : random_(seed) {}

  std::size_t Below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  std::string Damage(std::string text) {
    const std::size_t times = 1 + Below(4) * Below(3);
    for (std::size_t i = 0; i < times; ++i) DamageOnce(text);
    return text;
  }

 private:
  struct Stretch {
    std::size_t begin = 0;
    std::size_t length = 0;
  };

  Stretch AnyStretch(const std::string& text, std::size_t length_max) {
    const std::size_t begin = Below(text.size());
    return {begin, std::min(Below(length_max) + 1, text.size() - begin)};
  }

  Stretch AnyLine(const std::string& text) {
    const std::size_t newline = text.rfind('\n', Below(text.size()));
    const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
    const std::size_t end = text.find('\n', begin);
    return {begin, (end == std::string::npos ? text.size() : end + 1) - begin};
  }

  // A number or a word of the text.
  Stretch AnyWord(const std::string& text) {
    const auto is_inside = [&](std::size_t i) {
      return i < text.size() && std::string_view(" ,:{}[]\n\"").find(text[i]) == std::string::npos;
    };
    std::size_t begin = Below(text.size());
    while (begin < text.size() && !is_inside(begin)) ++begin;
    std::size_t length = 0;
    while (is_inside(begin + length)) ++length;
    return {begin, length};
  }

  std::string Copy(const std::string& text, Stretch stretch) {
    return text.substr(stretch.begin, stretch.length);
  }

  void DamageOnce(std::string& text) {
    const std::string token(kTokens[Below(kTokens.size())]);
    const std::size_t place = Below(text.size() + 1);
    Stretch stretch;
    switch (Below(9)) {
      case 0:  // another byte
        if (!text.empty()) text[Below(text.size())] = static_cast<char>(Below(256));
        return;
      case 1:
        text.insert(place, token);
        return;
      case 2:  // a stretch is lost
        stretch = AnyStretch(text, 40);
        break;
      case 3:  // a line is lost
        stretch = AnyLine(text);
        break;
      case 4:  // a line comes again elsewhere
        text.insert(AnyLine(text).begin, Copy(text, AnyLine(text)));
        return;
      case 5:  // a line moves in or out
        stretch = AnyLine(text);
        text.insert(stretch.begin, std::string(1 + Below(4), ' '));
        return;
      case 6:  // one word becomes another of the text
        stretch = AnyWord(text);
        text.replace(stretch.begin, stretch.length, Copy(text, AnyWord(text)));
        return;
      case 7:  // or a token
        stretch = AnyWord(text);
        text.replace(stretch.begin, stretch.length, token);
        return;
      default:  // it ends early
        if (Below(8) == 0) text.resize(place);
        return;
    }
    text.erase(stretch.begin, stretch.length);
  }

  std::mt19937_64 random_;
};

// What is wrong with the parser's answer to `text`; empty: nothing.
std::string FlawOf(const std::string& text, const Overrides& overrides, bool* is_taken) {
  const fuzz::ScenarioAnswer answer = fuzz::AskForScenario(text, overrides);
  *is_taken = answer.scenario.has_value();
  if (*is_taken) {
    ScenarioWarnings(*answer.scenario);
    LoadText(*answer.scenario);
  }
  return answer.flaw;
}

void Fuzz(std::string_view base, std::uint64_t rounds) {
  std::uint64_t taken = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Damager damager(sim::TestSeed() * 1'000'003 + round);
    const std::string text = damager.Damage(std::string(base));
    Overrides overrides;
    if (round % 4 == 0) {
      overrides.push_back({.value = damager.Damage("services.caller.hosts=3")});
      overrides.push_back(
          {.value = damager.Damage("journeys.buy.entry.calls.0={service: callee}")});
    }
    bool is_taken = false;
    const std::string flaw = FlawOf(text, overrides, &is_taken);
    ASSERT_EQ(flaw, "") << "seed " << sim::TestSeed() << ", round " << round << "\n" << text;
    taken += is_taken;
  }
  // If all damage or none were noticed, the test would check little.
  EXPECT_GT(taken, rounds / 20);
  EXPECT_LT(taken, rounds * 19 / 20);
}

TEST(ScenarioFuzz, DamagedScenarioWithEveryKeyIsRefusedOrReadsBack) { Fuzz(kFullScenario, 4000); }

TEST(ScenarioFuzz, DamagedShopIsRefusedOrReadsBack) {
  const scenarios::ShippedScenario* shop = scenarios::FindShippedScenario("shop");
  ASSERT_NE(shop, nullptr);
  Fuzz(shop->text, 1000);
}

TEST(ScenarioFuzz, AFlawIsNoticed) {
  EXPECT_EQ(fuzz::FlawOfComplaint("f.yaml:1:2: no"), "");
  EXPECT_NE(fuzz::FlawOfComplaint("no place"), "");
  EXPECT_NE(fuzz::FlawOfComplaint("f.yaml:1:2: \x01"), "");
  EXPECT_NE(fuzz::FlawOfComplaint("f.yaml:1:2: \xFF"), "");
  EXPECT_NE(fuzz::FlawOfComplaint("f.yaml:1:2: one\n\nf.yaml:1:2: two"), "");
  std::string many;
  for (int i = 0; i < 12; ++i) many += "f.yaml:1:2: no\n";
  EXPECT_NE(fuzz::FlawOfComplaint(many), "");
}

}  // namespace
}  // namespace groundhog::model
