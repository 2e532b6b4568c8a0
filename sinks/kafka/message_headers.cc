#include "sinks/kafka/message_headers.h"

#include <string_view>

#include "traces/occurrences.h"

namespace groundhog::sinks {
namespace {

constexpr std::size_t kHeadersMax = 3;

// Calls `add` with the name and value of each.
template <class Add>
void ForEach(const HeaderOptions& options, const std::string& trace_digest,
             const traces::Catalogue& catalogue, std::uint64_t position,
             const traces::Record& record, Add add) {
  if (options.has_position) add("position", std::to_string(position));
  const traces::Truth& truth = record.truth;
  if (options.has_cause && truth.fault != traces::FaultId::kNone) {
    add("cause",
        traces::OccurrenceName(catalogue.faults[traces::Index(truth.fault)], truth.occurrence));
  }
  if (options.has_trace_digest) add("trace_digest", trace_digest);
}

}  // namespace

KafkaHeaders MakeHeaders(const HeaderOptions& options, const std::string& trace_digest,
                         const traces::Catalogue& catalogue, const Delivery& delivery) {
  KafkaHeaders headers(rd_kafka_headers_new(kHeadersMax));
  ForEach(options, trace_digest, catalogue, delivery.position, delivery.record,
          [&](std::string_view name, std::string_view value) {
            rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()),
                                value.data(), static_cast<ssize_t>(value.size()));
          });
  return headers;
}

std::string HeadersText(const HeaderOptions& options, const std::string& trace_digest,
                        const traces::Catalogue& catalogue, std::uint64_t position,
                        const traces::Record& record) {
  std::string text;
  ForEach(options, trace_digest, catalogue, position, record,
          [&](std::string_view name, std::string_view value) {
            text.append(name).append("=").append(value).append(";");
          });
  return text;
}

}  // namespace groundhog::sinks
