// The parser's errors about a text, for tests of these errors.
#ifndef GROUNDHOG_TESTS_MODEL_SCENARIO_ERRORS_H_
#define GROUNDHOG_TESTS_MODEL_SCENARIO_ERRORS_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/scenario/parse/parser.h"

namespace groundhog::model {

// "(none)" if the text is sound.
inline std::string ErrorOf(std::string_view text) {
  const auto parsed = ParseScenario(text, "f.yaml");
  if (parsed.ok()) return "(none)";
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}

// A world to add sections to: `front` in two zones calls `back`; the journey `buy` enters at
// `front`, the journey `look`, which has no rate, at `back`.
inline constexpr std::string_view kSmallScenario = R"(name: small
services:
  front:
    hosts: 4
    zones: [east, west]
    service_time: 1ms
    dependencies: {back: {timeout: 1s}}
  back: {service_time: 1ms}
journeys:
  buy: {rate: 1/s, deadline: 1s, entry: {service: front, calls: [back]}}
  look: {rate: 0/s, deadline: 1s, entry: back}
)";

// The errors in `section` at the end of kSmallScenario, in line 12.
inline std::string ErrorOfSection(std::string_view section) {
  return ErrorOf(std::string(kSmallScenario) + std::string(section) + "\n");
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_SCENARIO_ERRORS_H_
