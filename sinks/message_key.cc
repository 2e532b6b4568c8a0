#include "sinks/message_key.h"

#include "traces/json_renderer.h"

namespace groundhog::sinks {

std::string_view KeyOf(MessageKey key, const traces::Catalogue& catalogue,
                       const traces::Record& record, std::string_view line) {
  switch (key) {
    case MessageKey::kService:
      return catalogue.services[traces::Index(record.service)].name;
    case MessageKey::kTraceId:
      return traces::TraceIdIn(line);
    case MessageKey::kNone:
      break;
  }
  return {};
}

}  // namespace groundhog::sinks
