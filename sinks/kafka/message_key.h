// The key of a Kafka message, which decides which messages keep their order.
#ifndef GROUNDHOG_SINKS_KAFKA_MESSAGE_KEY_H_
#define GROUNDHOG_SINKS_KAFKA_MESSAGE_KEY_H_

#include <string_view>

#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::sinks {

enum class MessageKey { kService, kTraceId, kNone };

// The key of a record whose rendered line is `line`; a view into the catalogue or the line. No data
// at all (null) for kNone.
std::string_view KeyOf(MessageKey key, const traces::Catalogue& catalogue,
                       const traces::Record& record, std::string_view line);

// The trace_id in a rendered line; empty: it has none.
std::string_view TraceIdOf(std::string_view line);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_MESSAGE_KEY_H_
