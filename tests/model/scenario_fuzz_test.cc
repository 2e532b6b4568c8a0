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

#include "model/review/offered_load.h"
#include "model/review/warnings.h"
#include "model/scenario/parse/parser.h"
#include "model/scenario/print/printer.h"
#include "scenarios/shipped.h"
#include "tests/model/full_scenario.h"
#include "tests/sim/seed_flag.h"
#include "text/concat.h"
#include "text/utf8.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FirstInvalidUtf8;

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

bool Take(std::string_view& text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

bool TakeNumber(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(length);
  return length > 0;
}

// "f.yaml:3:7: what" or "--set PATH=VALUE: what".
bool IsComplaint(std::string_view line) {
  if (line.starts_with("--set ")) return line.find(": ") != std::string_view::npos;
  return Take(line, "f.yaml:") && TakeNumber(line) && Take(line, ":") && TakeNumber(line) &&
         Take(line, ": ") && !line.empty();
}

// "and 3 more".
bool IsRest(std::string_view line) {
  return Take(line, "and ") && TakeNumber(line) && line == " more";
}

// What is wrong with the form of an error; empty: nothing.
std::string FlawOfComplaint(const std::string& message) {
  if (FirstInvalidUtf8(message) != std::string_view::npos) return "not UTF-8";
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin <= message.size(); ++lines) {
    const std::size_t end = std::min(message.find('\n', begin), message.size());
    const std::string line = message.substr(begin, end - begin);
    begin = end + 1;
    for (const char c : line) {
      if (static_cast<unsigned char>(c) < 0x20) return Concat({"a control character: ", line});
    }
    if (lines == Diagnostics::kShownMax ? !IsRest(line) : !IsComplaint(line)) {
      return Concat({"not of the form: ", line});
    }
  }
  return lines <= Diagnostics::kShownMax + 1 ? "" : "too many lines";
}

// What is wrong with the parser's answer to `text`; empty: nothing.
std::string FlawOf(const std::string& text, const Overrides& overrides, bool* is_taken) {
  const auto parsed = ParseScenario(text, "f.yaml", overrides);
  *is_taken = parsed.ok();
  if (!parsed.ok()) {
    if (parsed.status().code() != absl::StatusCode::kInvalidArgument) return "another error";
    return FlawOfComplaint(std::string(parsed.status().message()));
  }
  ScenarioWarnings(parsed->scenario);
  LoadText(parsed->scenario);
  const auto again = ParseScenario(ScenarioText(parsed->scenario), "f.yaml");
  if (!again.ok()) return "what is printed does not read back";
  return again->scenario == parsed->scenario ? "" : "what is printed means something else";
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
  EXPECT_EQ(FlawOfComplaint("f.yaml:1:2: no"), "");
  EXPECT_NE(FlawOfComplaint("no place"), "");
  EXPECT_NE(FlawOfComplaint("f.yaml:1:2: \x01"), "");
  EXPECT_NE(FlawOfComplaint("f.yaml:1:2: \xFF"), "");
  EXPECT_NE(FlawOfComplaint("f.yaml:1:2: one\n\nf.yaml:1:2: two"), "");
  std::string many;
  for (int i = 0; i < 12; ++i) many += "f.yaml:1:2: no\n";
  EXPECT_NE(FlawOfComplaint(many), "");
}

}  // namespace
}  // namespace groundhog::model
