// One request's calls, as a page for people and as JSON.
#ifndef GROUNDHOG_CLI_GROUNDHOG_TREE_REPORT_H_
#define GROUNDHOG_CLI_GROUNDHOG_TREE_REPORT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/request_tree.h"
#include "formats/words.h"
#include "sim/time.h"
#include "text/json_writer.h"
#include "traces/catalogue.h"
#include "traces/record.h"
#include "traces/trace_id.h"

namespace groundhog::cli {

// The records of one request.
struct RequestFound {
  traces::TraceId trace_id{};
  std::uint64_t trace_key = 0;
  std::vector<traces::Record> records;
  std::uint64_t count = 0;  // of its records, of which `records` has the first
};

class TreeReport {
 public:
  // All must outlive this; there is a record.
  TreeReport(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
             const RequestFound& found);

  // 80 columns wide, apart from names that are longer.
  std::string AsPage() const;
  // One JSON object, with a newline at its end. docs/TREE.md documents its keys.
  std::string AsJson() const;

 private:
  static constexpr std::size_t kCells = 4;
  // Times, waits and level, then what they are about. Without cells: more about the line above.
  struct Line {
    std::array<std::string, kCells> cells;
    std::size_t indent;
    std::string text;
  };

  const traces::Record& LastOf(const analysis::SpanNode& span) const {
    return found_.records[span.records.back()];
  }
  std::string TimeText(sim::VirtualTime time) const;
  std::string CauseText(const traces::Record& record) const;
  void AddLines(const analysis::SpanNode& span, std::vector<Line>* lines) const;
  void PutRecord(const traces::Record& record, text::JsonWriter* json) const;

  const traces::TraceInfo& info_;
  const traces::Catalogue& catalogue_;
  const RequestFound& found_;
  const std::vector<analysis::SpanNode> spans_;
  sim::VirtualTime start_;
  sim::VirtualTime end_;
  mutable formats::Words words_;  // keeps buffers
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_TREE_REPORT_H_
