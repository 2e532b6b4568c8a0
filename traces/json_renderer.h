// The JSON line of a record: one piece of code, so that `groundhog cat` and every sink give the
// same bytes. traces/FORMAT.md, "The JSON line", gives the keys, their order and their meaning. A
// line has no newline at its end.
#ifndef GROUNDHOG_TRACES_JSON_RENDERER_H_
#define GROUNDHOG_TRACES_JSON_RENDERER_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traces/catalogue.h"
#include "traces/message_renderer.h"
#include "traces/record.h"
#include "traces/timestamp_renderer.h"
#include "traces/trace_id.h"

namespace groundhog::traces {

struct JsonRendererOptions {
  // Appends "truth":{…}: cause, root and hops where there is a cause; span, parent_span, call_path
  // and attempt where there is a request; clock_skew_ns where it is not 0; duration_ns,
  // queue_wait_ns, template and slots always.
  bool with_truth = false;
};

// The trace_id in a rendered line, a view into it; empty: the line has none.
std::string_view TraceIdIn(std::string_view line);

// Renders records of one trace. Copies what it needs of the catalogue, which must satisfy
// CheckCatalogue; records must satisfy CheckRecord (catalogue_check.h). Not thread-safe.
class JsonRenderer {
 public:
  JsonRenderer(const TraceInfo& info, const Catalogue& catalogue, JsonRendererOptions options = {});

  // The line with the record's own timestamp, or with another. Valid until the next call.
  std::string_view Render(const Record& record);
  std::string_view Render(const Record& record, std::int64_t timestamp_unix_milliseconds);

  // The record's own timestamp, by its host's clock, in milliseconds since 1970.
  std::int64_t TimestampUnixMilliseconds(const Record& record) const;

  // For chunks with a key of their own (Reader::trace_key).
  void set_trace_key(std::uint64_t trace_key) { trace_ids_.set_trace_key(trace_key); }
  std::string_view DeriveTraceIdHex(const RequestId& request) {
    return trace_ids_.DeriveHex(request);
  }

 private:
  std::size_t LineBytesMax(const Catalogue& catalogue) const;
  char* PutTruth(const Record& record, char* out) const;

  std::int64_t start_unix_nanoseconds_;
  JsonRendererOptions options_;
  TraceIdDeriver trace_ids_;
  MessageRenderer messages_;
  TimestampRenderer timestamps_;

  // All escaped.
  std::vector<std::string> call_paths_;
  std::vector<std::string> fault_names_;
  std::vector<bool> fault_is_numbered_;
  std::vector<std::array<std::string, kLevelCount>> openings_;  // by service, level: up to message
  std::vector<std::string> dependencies_;                       // ,"dependency":"NAME"
  std::vector<std::string> error_code_keys_;                    // ,"error_code":"NAME"
  std::vector<std::string> hostnames_;                          // ,"hostname":"NAME"

  std::string line_;  // as long as the longest line can be
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_JSON_RENDERER_H_
