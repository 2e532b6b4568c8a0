// The parts of ScenarioText. Internal to it.
#ifndef GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_
#define GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/scenario.h"
#include "text/concat.h"

namespace groundhog::model {

// Writes lines at a depth of indentation.
class LineWriter {
 public:
  void Line(int depth, std::initializer_list<std::string_view> pieces) {
    text_.append(static_cast<std::size_t>(depth) * 2, ' ');
    text_ += text::Concat(pieces);
    text_ += '\n';
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// In double quotes.
std::string QuotedText(std::string_view text);
std::string NameText(std::string_view name);
std::string NamesText(const std::vector<std::string>& names);
// When a fault or a burst begins, as it was given.
std::string BeginText(sim::Duration at, std::optional<sim::Duration> time_of_day);
std::string_view BooleanText(bool value);
std::string DistributionText(const DurationDistribution& distribution);

void WriteRetries(LineWriter& writer, int depth, const RetryPolicy& retries);
void WriteService(LineWriter& writer, const Service& service);
void WriteJourney(LineWriter& writer, const Journey& journey);
void WriteUsers(LineWriter& writer, const UserPopulation& users);
void WriteFault(LineWriter& writer, const Fault& fault);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_
