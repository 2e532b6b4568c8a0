// The parts of ScenarioText. Internal to it.
#ifndef GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_
#define GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
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
std::string_view BooleanText(bool value);
std::string DistributionText(const DurationDistribution& distribution);

// The keys that the table binds to fields of `from`, in the table's order, as {for: 1m, factor: 3}.
// Leaves out keys without a value, and keys that the parser would refuse beside the others.
std::string OneLineText(const ObjectSpec& object, StructRef from);
// The same with one line for each key, nested maps included. Calls `write_other` for each key
// without a field, where the table has it.
void WriteFields(LineWriter& writer, int depth, const ObjectSpec& object, StructRef from,
                 const std::function<void(const KeySpec&)>& write_other = nullptr);

void WriteService(LineWriter& writer, const Service& service);
void WriteJourney(LineWriter& writer, const Journey& journey);
void WriteUsers(LineWriter& writer, const UserPopulation& users);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PRINT_PARTS_H_
