// Words that people know from other tools: `replicas`, `p90`, `timeout_ms`. Here the known word
// with the most similar spelling would be a wrong suggestion; a table says what they mean.
//
// Constant data and pure functions; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_FOREIGN_WORDS_H_
#define GROUNDHOG_MODEL_SCENARIO_FOREIGN_WORDS_H_

#include <span>
#include <string>
#include <string_view>

#include "model/scenario/keys/keys.h"

namespace groundhog::model {

// One row of the table.
struct ForeignWords {
  std::string_view object;  // the ObjectSpec, or OBJECT.KEY for the choices of a key
  std::string_view words;   // in lower case with '_', separated by single spaces
  std::string_view advice;  // what to write instead; keys of the object are in quotes
};

std::span<const ForeignWords> ForeignWordTable();

// "; write 'hosts'" for the unknown key `word` of `object`: from the table, or because `word` is
// another spelling of a key (timeout_ms, serviceTime). Empty: there is no advice.
std::string AdviceForKey(const ObjectSpec& object, std::string_view word);

// The same for an unknown choice of the object's `key`.
std::string AdviceForChoice(std::string_view object, const KeySpec& key, std::string_view word);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_FOREIGN_WORDS_H_
