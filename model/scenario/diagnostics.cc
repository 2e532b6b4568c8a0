#include "model/scenario/diagnostics.h"

#include <algorithm>
#include <utility>

#include "text/concat.h"
#include "text/printable.h"

namespace groundhog::model {

using text::Concat;
using text::Printable;

Diagnostics::Diagnostics(std::string_view file_name) : sources_{std::string(file_name)} {}

int Diagnostics::AddSource(std::string_view name) {
  sources_.emplace_back(name);
  return static_cast<int>(sources_.size()) - 1;
}

void Diagnostics::Add(Position position, std::string_view message) {
  problems_.push_back({.position = position, .message = std::string(message)});
}

std::string Diagnostics::Line(const Problem& problem) const {
  const std::string& source = sources_[static_cast<std::size_t>(problem.position.source)];
  if (problem.position.source > 0) return Concat({source, ": ", problem.message});
  return Concat({source, ":", std::to_string(problem.position.line), ":",
                 std::to_string(problem.position.column), ": ", problem.message});
}

absl::Status Diagnostics::ToStatus() const {
  if (problems_.empty()) return absl::OkStatus();
  std::vector<Problem> ordered = problems_;
  // An override's mistakes first: those of the file may follow from them.
  std::ranges::stable_sort(ordered, {}, [](const Problem& problem) {
    return std::pair(problem.position.source == 0, problem.position);
  });
  std::string text;
  const std::size_t shown = std::min(ordered.size(), kShownMax);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += "\n";
    text += Printable(Line(ordered[i]));
  }
  if (ordered.size() > shown) {
    text += Concat({"\nand ", std::to_string(ordered.size() - shown), " more"});
  }
  return absl::InvalidArgumentError(text);
}

}  // namespace groundhog::model
