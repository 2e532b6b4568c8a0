// --fail-if-lateness: how late a replay may be before it has failed.
#ifndef GROUNDHOG_CLI_REPLAYER_LATENESS_BOUND_H_
#define GROUNDHOG_CLI_REPLAYER_LATENESS_BOUND_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "replay/run_report.h"

namespace groundhog::cli {

// A bound on one of the report's figures.
struct LatenessBound {
  enum class Figure { kP50, kP99, kMax };
  Figure figure = Figure::kP99;
  std::chrono::nanoseconds most{};
};

// "p99=5ms", "p50=…" or "max=…". InvalidArgument says how to write one, without the text itself.
absl::StatusOr<LatenessBound> ParseLatenessBound(std::string_view text);

// One line for each bound that `lateness` breaks. A replay that sent nothing breaks none.
std::vector<std::string> BrokenBounds(const std::vector<LatenessBound>& bounds,
                                      const std::optional<replay::Percentiles>& lateness);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_LATENESS_BOUND_H_
