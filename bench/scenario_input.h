// What the programs of this folder share that run a scenario: finding it, and ending with a
// message when something goes wrong.
#ifndef GROUNDHOG_BENCH_SCENARIO_INPUT_H_
#define GROUNDHOG_BENCH_SCENARIO_INPUT_H_

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "scenarios/shipped.h"

namespace groundhog {

[[noreturn]] inline void Fail(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  std::exit(2);
}

template <class T>
T OrFail(absl::StatusOr<T> value) {
  if (!value.ok()) Fail(std::string(value.status().message()));
  return *std::move(value);
}

inline void OrFail(const absl::Status& status) {
  if (!status.ok()) Fail(std::string(status.message()));
}

// The YAML of a file, or of a shipped scenario by its name.
inline std::string TextOf(const std::string& scenario) {
  if (const auto* shipped = scenarios::FindShippedScenario(scenario)) {
    return std::string(shipped->text);
  }
  std::ifstream file(scenario, std::ios::binary);
  if (!file) Fail("cannot read '" + scenario + "', and no shipped scenario has this name");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace groundhog

#endif  // GROUNDHOG_BENCH_SCENARIO_INPUT_H_
