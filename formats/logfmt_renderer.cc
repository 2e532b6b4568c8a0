// logfmt: key=value pairs, one line a record.
#include <string>
#include <string_view>

#include "formats/renderers.h"
#include "formats/words.h"
#include "text/json_writer.h"

namespace groundhog::formats {
namespace {

// Quoted, with the escapes of JSON, unless it is a plain word.
void AppendValue(std::string_view value, std::string* out) {
  bool is_plain = !value.empty();
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    is_plain &= byte > ' ' && byte != 0x7F && c != '"' && c != '=' && c != '\\';
  }
  if (is_plain) {
    out->append(value);
  } else {
    text::AppendJsonString(value, out);
  }
}

class LogfmtRenderer : public Renderer {
 public:
  LogfmtRenderer(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
                 const RendererOptions& options)
      : words_(info, catalogue), with_truth_(options.with_truth) {}

  void Add(const traces::Record& record, std::string* out) override {
    const char* separator = "";
    const auto add = [&](std::string_view field, std::string_view value, bool has_value) {
      if (!has_value) return;
      out->append(separator).append(field).push_back('=');
      AppendValue(value, out);
      separator = " ";
    };
    words_.ForEachField(record, add);
    if (with_truth_) words_.ForEachTruthField(record, add);
    out->push_back('\n');
  }

  void set_trace_key(std::uint64_t trace_key) override { words_.set_trace_key(trace_key); }

 private:
  Words words_;
  const bool with_truth_;
};

}  // namespace

std::unique_ptr<Renderer> MakeLogfmtRenderer(const traces::TraceInfo& info,
                                             const traces::Catalogue& catalogue,
                                             const RendererOptions& options) {
  return std::make_unique<LogfmtRenderer>(info, catalogue, options);
}

}  // namespace groundhog::formats
