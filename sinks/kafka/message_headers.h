// The headers of a Kafka message that --headers selects.
#ifndef GROUNDHOG_SINKS_KAFKA_MESSAGE_HEADERS_H_
#define GROUNDHOG_SINKS_KAFKA_MESSAGE_HEADERS_H_

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>

#include "sinks/kafka/kafka_handles.h"
#include "sinks/kafka/kafka_options.h"
#include "sinks/sink.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::sinks {

using KafkaHeaders = std::unique_ptr<rd_kafka_headers_t, KafkaDeleter<rd_kafka_headers_destroy>>;

// Headers of one message. `trace_digest` is the trace's, in hex.
KafkaHeaders MakeHeaders(const HeaderOptions& options, const std::string& trace_digest,
                         const traces::Catalogue& catalogue, const Delivery& delivery);

// The same as a text: NAME=VALUE; for each.
std::string HeadersText(const HeaderOptions& options, const std::string& trace_digest,
                        const traces::Catalogue& catalogue, std::uint64_t position,
                        const traces::Record& record);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_MESSAGE_HEADERS_H_
