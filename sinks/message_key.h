// The key of a message, where a sink has keys: it decides which messages keep their order.
#ifndef GROUNDHOG_SINKS_MESSAGE_KEY_H_
#define GROUNDHOG_SINKS_MESSAGE_KEY_H_

#include <array>
#include <string_view>

#include "text/enum_names.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::sinks {

enum class MessageKey { kService, kTraceId, kNone };
inline constexpr text::EnumNames kMessageKeyNames(
    std::to_array<text::EnumName<MessageKey>>({{MessageKey::kService, "service"},
                                               {MessageKey::kTraceId, "trace_id"},
                                               {MessageKey::kNone, "none"}}));

// The key of a record whose rendered line is `line`; a view into the catalogue or the line. No data
// at all (null) for kNone.
std::string_view KeyOf(MessageKey key, const traces::Catalogue& catalogue,
                       const traces::Record& record, std::string_view line);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_MESSAGE_KEY_H_
