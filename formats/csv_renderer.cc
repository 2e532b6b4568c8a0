// CSV as RFC 4180 has it, and the _structured.csv of Loghub.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/renderers.h"
#include "formats/words.h"
#include "text/concat.h"

namespace groundhog::formats {
namespace {

// One row; a value that is there and empty is "", one that is not there is nothing.
class Row {
 public:
  explicit Row(std::string* out) : out_(*out) {}

  void Add(std::string_view value, bool has_value = true) {
    if (!is_first_) out_.push_back(',');
    is_first_ = false;
    if (!has_value) return;
    if (!value.empty() && value.find_first_of(",\"\r\n") == std::string_view::npos) {
      out_.append(value);
      return;
    }
    out_.push_back('"');
    for (const char c : value) {
      if (c == '"') out_.push_back('"');
      out_.push_back(c);
    }
    out_.push_back('"');
  }
  void End(std::string_view line_end) { out_.append(line_end); }

 private:
  std::string& out_;
  bool is_first_ = true;
};

class CsvRenderer : public Renderer {
 public:
  CsvRenderer(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
              const RendererOptions& options)
      : words_(info, catalogue), with_truth_(options.with_truth) {}

  void Begin(std::string* out) override {
    Row row(out);
    for (const std::string_view field : kFields) row.Add(field);
    if (with_truth_) {
      for (const std::string_view field : kTruthFields) row.Add(field);
    }
    row.End(kLineEnd);
  }

  void Add(const traces::Record& record, std::string* out) override {
    Row row(out);
    const auto add = [&row](std::string_view, std::string_view value, bool has_value) {
      row.Add(value, has_value);
    };
    words_.ForEachField(record, add);
    if (with_truth_) words_.ForEachTruthField(record, add);
    row.End(kLineEnd);
  }

  void set_trace_key(std::uint64_t trace_key) override { words_.set_trace_key(trace_key); }

 private:
  static constexpr std::string_view kLineEnd = "\r\n";

  Words words_;
  const bool with_truth_;
};

// Loghub's files end their lines as pandas does.
class LoghubRenderer : public Renderer {
 public:
  LoghubRenderer(const traces::TraceInfo& info, const traces::Catalogue& catalogue)
      : words_(info, catalogue) {
    for (const traces::MessageTemplate& message : catalogue.templates) {
      templates_.push_back(WithWildcards(message.text));
    }
  }

  void Begin(std::string* out) override {
    out->append("LineId,Date,Time,Level,Component,Content,EventId,EventTemplate\n");
  }

  void Add(const traces::Record& record, std::string* out) override {
    const std::string_view timestamp = words_.Timestamp(record);
    Row row(out);
    row.Add(std::to_string(++lines_));
    row.Add(timestamp.substr(0, 10));
    row.Add(timestamp.substr(11, 12));
    row.Add(traces::kLevelNames.NameOf(record.level));
    row.Add(words_.Service(record.service));
    row.Add(words_.Message(record));
    row.Add(text::Concat({"E", std::to_string(Index(record.message) + 1)}));
    row.Add(templates_[Index(record.message)]);
    row.End("\n");
  }

  void set_trace_key(std::uint64_t trace_key) override { words_.set_trace_key(trace_key); }

 private:
  // "Took {} ms" as "Took <*> ms"; a checked template pairs its braces.
  static std::string WithWildcards(std::string_view text) {
    std::string shown;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool is_slot = text.substr(i, 2) == "{}";
      if (is_slot) {
        shown.append("<*>");
      } else {
        shown.push_back(text[i]);
      }
      if (is_slot || text[i] == '{' || text[i] == '}') ++i;
    }
    return shown;
  }

  Words words_;
  std::vector<std::string> templates_;
  std::uint64_t lines_ = 0;
};

}  // namespace

std::unique_ptr<Renderer> MakeCsvRenderer(const traces::TraceInfo& info,
                                          const traces::Catalogue& catalogue,
                                          const RendererOptions& options) {
  return std::make_unique<CsvRenderer>(info, catalogue, options);
}

std::unique_ptr<Renderer> MakeLoghubRenderer(const traces::TraceInfo& info,
                                             const traces::Catalogue& catalogue) {
  return std::make_unique<LoghubRenderer>(info, catalogue);
}

}  // namespace groundhog::formats
