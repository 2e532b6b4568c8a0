// What the messages of a run say.
#ifndef GROUNDHOG_TESTS_MODEL_SAID_H_
#define GROUNDHOG_TESTS_MODEL_SAID_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/world/world.h"
#include "tests/model/lived.h"
#include "traces/json_renderer.h"

namespace groundhog::model {

// By record: its message, as a trace of this scenario's seed shows it.
inline std::vector<std::string> MessagesOf(const Lived& lived, std::uint64_t seed) {
  const std::string begin = "\"message\":\"";
  traces::JsonRenderer renderer({.trace_key = World::TraceKey(seed)}, lived.catalogue());
  std::vector<std::string> messages;
  for (const traces::Record& record : lived.records()) {
    const std::string line(renderer.Render(record));
    const std::size_t at = line.find(begin) + begin.size();
    messages.push_back(line.substr(at, line.find("\",\"timestamp\":") - at));
  }
  return messages;
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_SAID_H_
