// All mistakes of one scenario, reported at once: where, what, and how to correct it.
//
// Not thread-safe.
#ifndef GROUNDHOG_MODEL_SCENARIO_DIAGNOSTICS_H_
#define GROUNDHOG_MODEL_SCENARIO_DIAGNOSTICS_H_

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace groundhog::model {

// A place in the scenario's text or in an override. Lines and columns count from 1, columns in
// characters.
struct Position {
  int source = 0;  // 0: the file; n: the nth source added
  int line = 1;
  int column = 1;
  auto operator<=>(const Position&) const = default;
};

class Diagnostics {
 public:
  static constexpr std::size_t kShownMax = 10;

  // `file_name` is how a person would name the scenario.
  explicit Diagnostics(std::string_view file_name);

  // Registers another origin, such as "--set services.a.hosts=x", and returns its number. Problems
  // there are shown without line and column.
  int AddSource(std::string_view name);

  void Add(Position position, std::string_view message);

  bool ok() const { return problems_.empty(); }

  // Many more problems than are ever shown: further ones need no costly hints.
  bool is_crowded() const { return problems_.size() > 10 * kShownMax; }

  // OK, or InvalidArgument with one line per problem, those of overrides first, then in the order
  // of the text, kShownMax at most, then "and N more".
  absl::Status ToStatus() const;

 private:
  struct Problem {
    Position position;
    std::string message;
  };
  std::string Line(const Problem& problem) const;

  std::vector<std::string> sources_;
  std::vector<Problem> problems_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_DIAGNOSTICS_H_
