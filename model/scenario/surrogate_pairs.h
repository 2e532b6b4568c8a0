// Characters beyond U+FFFF as JSON writes them: "\ud83d\ude00", a pair of UTF-16 surrogates.
// YAML 1.2 means to read every JSON text, but yaml-cpp refuses surrogates. Here each half of a pair
// is put into the private use area (\ud83d becomes \ue83d) before yaml-cpp reads the text, which
// leaves its length and so all positions, and is put together in the values that yaml-cpp gives.
// Where yaml-cpp reads no escapes (plain text, single quotes) a value gets its own letters back.
//
// A plain value; any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_SURROGATE_PAIRS_H_
#define GROUNDHOG_MODEL_SCENARIO_SURROGATE_PAIRS_H_

#include <string>
#include <string_view>

namespace groundhog::model {

class SurrogatePairs {
 public:
  // Pairs stay as they are, and yaml-cpp refuses them, in a text that uses the private use area
  // from U+E800 to U+EFFF itself. So it does with halves that stand alone.
  explicit SurrogatePairs(std::string_view text);

  // For yaml-cpp; as long as the text given.
  const std::string& text() const { return text_; }

  // What a scalar of text() was meant to be.
  std::string Restored(const std::string& scalar) const;

 private:
  std::string text_;
  bool has_pairs_ = false;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_SURROGATE_PAIRS_H_
