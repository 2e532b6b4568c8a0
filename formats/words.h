// What all formats show of a record, as words: the fields of the JSON line and of its truth.
#ifndef GROUNDHOG_FORMATS_WORDS_H_
#define GROUNDHOG_FORMATS_WORDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "traces/catalogue.h"
#include "traces/message_renderer.h"
#include "traces/record.h"
#include "traces/timestamp_renderer.h"
#include "traces/trace_id.h"

namespace groundhog::formats {

// Names of the fields, in their order. `kTruthFields` are those that --truth adds.
inline constexpr auto kFields =
    std::to_array<std::string_view>({"service", "level", "message", "timestamp", "latency_ms",
                                     "trace_id", "dependency", "error_code", "hostname"});
inline constexpr auto kTruthFields = std::to_array<std::string_view>(
    {"cause", "root", "hops", "also", "span", "parent_span", "call_path", "attempt", "duration_ns",
     "queue_wait_ns", "clock_skew_ns", "template", "slots"});
// Whether the values of a field are numbers.
bool IsNumber(std::string_view field);

// Records of one trace. What is returned is valid until the next call of the same function. Not
// thread-safe.
class Words {
 public:
  // `escape` as MessageRenderer's; call paths and faults are escaped, too.
  Words(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
        traces::MessageRenderer::Escape escape = nullptr);

  std::string_view Service(traces::ServiceId id) const {
    return names().service_names()[Index(id)];
  }
  std::string_view Host(const traces::Record& record) const {
    return names().entity_names()[sim::Index(record.host)];
  }
  std::string_view ErrorCode(const traces::Record& record) const {
    return names().error_codes()[Index(record.error_code)];
  }
  std::string_view CallPath(const traces::Record& record) const {
    return call_paths_[Index(record.call_path)];
  }
  std::string_view Message(const traces::Record& record);
  // "2025-01-06T14:03:27.918Z", by the host's clock.
  std::string_view Timestamp(const traces::Record& record);
  // Nanoseconds since 1970 by the host's clock, and of the true time.
  std::int64_t ClockNanoseconds(const traces::Record& record) const;
  std::int64_t TrueNanoseconds(const traces::Record& record) const;
  std::string_view TraceId(const traces::Record& record) {
    return trace_ids_.DeriveHex(record.request);
  }
  // "auth-outage/2"; the record has a cause.
  std::string Cause(const traces::Record& record) const;

  // Gives `put` the value of each of kFields, or of kTruthFields, in their order: empty, and false,
  // when the record has none.
  using Put =
      absl::FunctionRef<void(std::string_view field, std::string_view value, bool has_value)>;
  void ForEachField(const traces::Record& record, Put put);
  void ForEachTruthField(const traces::Record& record, Put put);

  const traces::MessageRenderer& names() const { return messages_; }
  void set_trace_key(std::uint64_t trace_key) { trace_ids_.set_trace_key(trace_key); }

 private:
  std::int64_t start_unix_nanoseconds_;
  traces::MessageRenderer messages_;
  traces::TimestampRenderer timestamps_;
  traces::TraceIdDeriver trace_ids_;
  std::vector<std::string> call_paths_;
  std::vector<std::string> fault_names_;
  std::vector<bool> fault_is_numbered_;
  std::string message_;
  std::array<char, traces::kTimestampBytes> timestamp_{};
};

// The span's eight hex digits.
std::string SpanText(traces::SpanId span);

}  // namespace groundhog::formats

#endif  // GROUNDHOG_FORMATS_WORDS_H_
