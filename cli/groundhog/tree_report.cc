#include "cli/groundhog/tree_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/shared/shown.h"
#include "text/numbers.h"
#include "text/time_text.h"
#include "text/wrap.h"
#include "traces/hash128.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kTextColumnsMin = 20;
constexpr std::size_t kTextBytesMax = 1'000;
constexpr std::size_t kDepthShownMax = 12;

// "12.345", "1,234.500"; a hostile trace's may be negative.
std::string Milliseconds(sim::Duration duration) {
  const std::int64_t microseconds = std::max<std::int64_t>(duration.nanoseconds(), 0) / 1'000;
  return text::WithCommas(static_cast<std::uint64_t>(microseconds / 1'000)) + "." +
         text::FixedPoint(microseconds % 1'000, 3).substr(2);
}

}  // namespace

TreeReport::TreeReport(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
                       const RequestFound& found)
    : info_(info),
      catalogue_(catalogue),
      found_(found),
      spans_(analysis::SpansInTreeOrder(found.records)),
      start_(std::ranges::min(spans_, {}, &analysis::SpanNode::start).start),
      end_(found.records.back().time),
      words_(info, catalogue) {
  words_.set_trace_key(found.trace_key);
}

std::string TreeReport::TimeText(sim::VirtualTime time) const {
  return text::FormatRfc3339Nanoseconds(text::UnixNanoseconds(info_.start_unix_nanoseconds, time));
}

// "auth-outage/2 at auth-service, 1 call away"
std::string TreeReport::CauseText(const traces::Record& record) const {
  std::string cause = words_.Cause(record);
  if (record.truth.root != traces::ServiceId::kNone) {
    absl::StrAppend(&cause, " at ", std::string(words_.Service(record.truth.root)), ", ",
                    int{record.truth.hops}, record.truth.hops == 1 ? " call away" : " calls away");
  }
  return cause;
}

// A line for the span and one for each of its attempts that was tried again; and for what is no
// INFO, its message and its cause below it.
void TreeReport::AddLines(const analysis::SpanNode& span, std::vector<Line>* lines) const {
  const std::size_t indent = 2 * std::min(span.depth, kDepthShownMax);
  const auto add = [&](const traces::Record& record, std::size_t depth, std::string what) {
    const bool has_waited = record.queue_wait != sim::Duration();
    lines->push_back({.cells = {Milliseconds(record.time - record.duration - start_),
                                Milliseconds(record.duration),
                                has_waited ? Milliseconds(record.queue_wait) : "-",
                                std::string(traces::kLevelNames.NameOf(record.level))},
                      .indent = depth,
                      .text = std::move(what)});
    const auto add_below = [lines, depth](std::string text) {
      lines->push_back({.cells = {}, .indent = depth + 4, .text = std::move(text)});
    };
    if (record.level != traces::Level::kInfo) add_below(std::string(words_.Message(record)));
    if (record.truth.fault != traces::FaultId::kNone)
      add_below(absl::StrCat("cause: ", CauseText(record)));
  };
  const traces::Record& last = LastOf(span);
  std::string name(words_.Host(last));
  if (last.attempt > 1) absl::StrAppend(&name, ", attempt ", last.attempt);
  add(last, indent, std::move(name));
  for (std::size_t i = 0; i + 1 < span.records.size(); ++i) {
    add(found_.records[span.records[i]], indent + 2, "tried again:");
  }
}

std::string TreeReport::AsPage() const {
  const traces::EntityEntry& source =
      catalogue_.entities[sim::Index(found_.records.front().request.source)];
  std::string page = absl::StrCat(
      "request ", traces::ToHex(found_.trace_id), " of ", Shown(source.name, kTextColumnsMin), "\n",
      TimeText(start_), ", ", Milliseconds(end_ - start_), " ms, ", text::WithCommas(spans_.size()),
      spans_.size() == 1 ? " span, " : " spans, ", text::WithCommas(found_.count),
      found_.count == 1 ? " record\n\n" : " records\n\n");
  std::vector<Line> lines = {
      {.cells = {"start ms", "ms", "wait ms", "level"}, .indent = 0, .text = "call"}};
  for (const analysis::SpanNode& span : spans_) AddLines(span, &lines);
  std::array<std::size_t, kCells> widths{};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < kCells; ++i) widths[i] = std::max(widths[i], line.cells[i].size());
  }
  for (const Line& line : lines) {
    std::string before;
    for (std::size_t i = 0; i < kCells; ++i) {
      const std::string pad(widths[i] - line.cells[i].size(), ' ');
      const bool is_number = i + 1 < kCells;  // to the right; levels to the left
      absl::StrAppend(&before, is_number ? pad : "", line.cells[i], is_number ? "" : pad, "  ");
    }
    before.append(line.indent, ' ');
    const std::size_t left = kColumns - std::min(kColumns, before.size());
    for (const std::string& text :
         text::Wrap(Shown(line.text, kTextBytesMax), std::max(left, kTextColumnsMin))) {
      absl::StrAppend(&page, before, text, "\n");
      before.assign(before.size(), ' ');
    }
  }
  return page + MoreText(static_cast<std::size_t>(found_.count), found_.records.size());
}

void TreeReport::PutRecord(const traces::Record& record, text::JsonWriter* json) const {
  json->Put("end", TimeText(record.time));
  json->Put("duration_ns", record.duration.nanoseconds());
  json->Put("queue_wait_ns", record.queue_wait.nanoseconds());
  json->Put("level", traces::kLevelNames.NameOf(record.level));
  const auto optional = [json](std::string_view key, bool is_there, auto&& text) {
    json->Key(key);
    if (is_there) {
      json->Value(std::string_view(text()));
    } else {
      json->Null();
    }
  };
  optional("dependency", record.dependency != traces::ServiceId::kNone,
           [&] { return words_.Service(record.dependency); });
  optional("error_code", record.error_code != traces::ErrorCodeId::kNone,
           [&] { return words_.ErrorCode(record); });
  json->Put("message", words_.Message(record));
  const bool has_cause = record.truth.fault != traces::FaultId::kNone;
  const std::string cause = has_cause ? words_.Cause(record) : "";
  optional("cause", has_cause, [&] { return std::string_view(cause); });
  optional("root", record.truth.root != traces::ServiceId::kNone,
           [&] { return words_.Service(record.truth.root); });
  json->Put("hops", int{record.truth.hops});
}

std::string TreeReport::AsJson() const {
  using Layout = text::JsonWriter::Layout;
  const traces::EntityEntry& source =
      catalogue_.entities[sim::Index(found_.records.front().request.source)];
  text::JsonWriter json;
  json.BeginObject(Layout::kLines);
  json.Put("trace_id", traces::ToHex(found_.trace_id));
  json.Put("source", source.name);
  json.Put("start", TimeText(start_)).Put("end", TimeText(end_));
  json.Put("records", found_.count);
  json.Key("spans").BeginArray(Layout::kLines);
  for (const analysis::SpanNode& span : spans_) {
    const traces::Record& last = LastOf(span);
    json.BeginObject(Layout::kSpaced).Put("depth", span.depth);
    json.Put("span", formats::SpanText(last.span));
    json.Put("parent_span", formats::SpanText(last.parent_span));
    json.Put("service", words_.Service(last.service)).Put("host", words_.Host(last));
    json.Key("call_path");
    if (last.call_path != traces::CallPathId::kNone) {
      json.Value(words_.CallPath(last));
    } else {
      json.Null();
    }
    json.Put("attempt", int{last.attempt}).Put("start", TimeText(span.start));
    PutRecord(last, &json);
    json.Key("tried_again").BeginArray(Layout::kSpaced);
    for (std::size_t i = 0; i + 1 < span.records.size(); ++i) {
      json.BeginObject(Layout::kSpaced);
      PutRecord(found_.records[span.records[i]], &json);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

}  // namespace groundhog::cli
