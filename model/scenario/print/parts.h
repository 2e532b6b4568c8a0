// The parts of ScenarioText. Internal to it.
#ifndef GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_
#define GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/keys/field.h"
#include "model/scenario/keys/keys.h"
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
  // Lines that are indented already.
  void Append(std::string_view lines) { text_ += lines; }
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

// The keys that the table binds to fields of `from`, in the table's order, as {for: 1m, factor: 3}.
// A key without a value is left out, as is one that would not be taken beside the others.
std::string OneLineText(const ObjectSpec& object, StructRef from);
// The same on lines of their own, nested maps included. `write_other` is called for each key
// without a field, in its turn.
void WriteFields(LineWriter& writer, int depth, const ObjectSpec& object, StructRef from,
                 const std::function<void(const KeySpec&)>& write_other = nullptr);

void WriteService(LineWriter& writer, const Service& service);
void WriteJourney(LineWriter& writer, const Journey& journey);
void WriteUsers(LineWriter& writer, const UserPopulation& users);
void WriteFault(LineWriter& writer, const Fault& fault);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_
