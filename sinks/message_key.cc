#include "sinks/message_key.h"

#include <cstddef>

namespace groundhog::sinks {

// A quotation mark within a JSON string has a backslash before it, so this finds the key and
// nothing that looks like it.
std::string_view TraceIdOf(std::string_view line) {
  constexpr std::string_view kBefore = ",\"trace_id\":\"";
  constexpr std::size_t kDigits = 32;
  const std::size_t at = line.find(kBefore);
  return at == std::string_view::npos ? std::string_view()
                                      : line.substr(at + kBefore.size(), kDigits);
}

std::string_view KeyOf(MessageKey key, const traces::Catalogue& catalogue,
                       const traces::Record& record, std::string_view line) {
  switch (key) {
    case MessageKey::kService:
      return catalogue.services[traces::Index(record.service)].name;
    case MessageKey::kTraceId:
      return TraceIdOf(line);
    case MessageKey::kNone:
      break;
  }
  return {};
}

}  // namespace groundhog::sinks
