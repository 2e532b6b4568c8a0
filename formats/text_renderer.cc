// Lines for people: aligned, and coloured on a terminal.
#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "formats/renderers.h"
#include "formats/words.h"
#include "text/printable.h"
#include "text/table.h"

namespace groundhog::formats {
namespace {

constexpr std::size_t kTimeColumns = 23;
constexpr std::size_t kLevelColumns = 5;
constexpr std::size_t kHostColumnsMax = 28;
constexpr std::size_t kLatencyColumns = 7;
constexpr std::size_t kIdDigits = 8;
constexpr std::string_view kPlain = "\033[0m";
constexpr std::string_view kDim = "\033[2m";

std::string_view ColourOf(traces::Level level) {
  switch (level) {
    case traces::Level::kInfo:
      return "\033[32m";
    case traces::Level::kWarn:
      return "\033[33m";
    case traces::Level::kError:
      break;
  }
  return "\033[1;31m";
}

void Append(std::initializer_list<std::string_view> pieces, std::string* out) {
  for (const std::string_view piece : pieces) out->append(piece);
}

class TextRenderer : public Renderer {
 public:
  TextRenderer(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
               const RendererOptions& options)
      : words_(info, catalogue, text::Printable), options_(options) {
    for (std::size_t i = 0; i < catalogue.entities.size(); ++i) {
      if (catalogue.entities[i].kind != traces::EntityKind::kHost) continue;
      host_columns_ = std::max(host_columns_, text::Columns(words_.names().entity_names()[i]));
    }
    host_columns_ = std::min(host_columns_, kHostColumnsMax);
    // As AddHead pads; a host or a latency that is longer than its column is rare.
    const std::size_t taken = kTimeColumns + 1 + kLevelColumns + 1 + host_columns_ + 1 +
                              kLatencyColumns + std::string_view(" ms  ").size() + kIdDigits + 2;
    columns_left_ = options_.columns - std::min(options_.columns, taken);
  }

  void Add(const traces::Record& record, std::string* out) override {
    head_.clear();
    AddHead(record, &head_);
    tail_.assign(words_.Message(record));
    const std::size_t message_bytes = tail_.size();
    AddDetails(record, &tail_);
    const std::string_view tail = tail_;
    const bool is_one_line = text::Columns(tail) <= columns_left_;
    Append({head_, is_one_line ? "  " : "\n    ", tail.substr(0, message_bytes)}, out);
    Paint(kDim, out);
    out->append(tail.substr(message_bytes));
    Paint(kPlain, out);
    out->push_back('\n');
  }

  void set_trace_key(std::uint64_t trace_key) override { words_.set_trace_key(trace_key); }

 private:
  void Paint(std::string_view colour, std::string* out) const {
    if (options_.is_coloured) out->append(colour);
  }

  // Up to the first digits of the trace id.
  void AddHead(const traces::Record& record, std::string* out) {
    const std::string_view timestamp = words_.Timestamp(record);
    Paint(kDim, out);
    Append({timestamp.substr(0, 10), " ", timestamp.substr(11, 12)}, out);
    Paint(kPlain, out);
    out->push_back(' ');
    Paint(ColourOf(record.level), out);
    Pad(traces::kLevelNames.NameOf(record.level), kLevelColumns, out);
    Paint(kPlain, out);
    out->push_back(' ');
    Pad(words_.Host(record), host_columns_, out);
    const std::string latency = std::to_string(record.duration.milliseconds());
    out->append(std::max(latency.size(), kLatencyColumns) - latency.size() + 1, ' ');
    Append({latency, " ms  "}, out);
    Paint(kDim, out);
    Append({words_.TraceId(record).substr(0, kIdDigits)}, out);
    Paint(kPlain, out);
  }

  // What follows the message.
  void AddDetails(const traces::Record& record, std::string* out) {
    if (record.dependency != traces::ServiceId::kNone) {
      Append({"  dependency=", words_.Service(record.dependency)}, out);
    }
    if (record.error_code != traces::ErrorCodeId::kNone) {
      Append({"  ", words_.ErrorCode(record)}, out);
    }
    if (options_.with_truth) AddTruth(record, out);
  }

  static void Pad(std::string_view text, std::size_t columns, std::string* out) {
    const std::size_t taken = text::Columns(text);
    out->append(text);
    if (taken < columns) out->append(columns - taken, ' ');
  }

  void AddTruth(const traces::Record& record, std::string* out) {
    if (record.truth.fault != traces::FaultId::kNone) {
      Append({"  cause=", words_.Cause(record)}, out);
      if (record.truth.root != traces::ServiceId::kNone) {
        Append({" root=", words_.Service(record.truth.root)}, out);
      }
      Append({" hops=", std::to_string(record.truth.hops)}, out);
    }
    if (record.call_path != traces::CallPathId::kNone) {
      Append({"  ", words_.CallPath(record), " attempt=", std::to_string(record.attempt)}, out);
    }
  }

  Words words_;
  const RendererOptions options_;
  std::size_t host_columns_ = 0;
  std::size_t columns_left_ = 0;  // for the message and what follows, on the same line
  std::string head_;
  std::string tail_;
};

}  // namespace

std::unique_ptr<Renderer> MakeTextRenderer(const traces::TraceInfo& info,
                                           const traces::Catalogue& catalogue,
                                           const RendererOptions& options) {
  return std::make_unique<TextRenderer>(info, catalogue, options);
}

}  // namespace groundhog::formats
