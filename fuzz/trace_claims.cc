#include "fuzz/trace_claims.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "analysis/course.h"
#include "analysis/facts.h"
#include "analysis/stats.h"
#include "analysis/verify.h"
#include "formats/renderer.h"
#include "fuzz/require.h"
#include "text/utf8.h"
#include "traces/catalogue_check.h"
#include "traces/digest.h"
#include "traces/format.h"
#include "traces/json_renderer.h"
#include "traces/rollup.h"
#include "traces/summary.h"

namespace groundhog::fuzz {
namespace {

using traces::Reader;
using traces::Record;

// Records of a chunk that are rendered: all are alike, and a chunk has up to 65,536.
constexpr std::size_t kRenderedMax = 500;

void RequireComplaint(const absl::Status& status) {
  const std::string_view message(status.message().data(), status.message().size());
  Require(status.code() == absl::StatusCode::kDataLoss, "damage is a loss of data",
          status.ToString());
  Require(IsOneLine(message), "a complaint is one line", message);
  Require(message.find("byte ") != std::string_view::npos, "a complaint has a byte offset",
          message);
}

bool IsInOrder(const Record& before, const Record& after) {
  return before.time < after.time || (before.time == after.time && before.host <= after.host);
}

// Holds each chunk's records against what must be true of them.
class RecordClaims {
 public:
  explicit RecordClaims(const Reader& reader)
      : reader_(reader),
        renderer_(reader.info(), reader.catalogue(), {.with_truth = true}),
        digest_(reader.info(), reader.catalogue()) {}

  void Check(const std::vector<Record>& records, const Record* last) {
    Require(!records.empty(), "a chunk that is given has records");
    renderer_.set_trace_key(reader_.trace_key());
    digest_.Add(records, reader_.trace_key());
    for (std::size_t i = 0; i < records.size(); ++i) {
      const absl::Status sound = traces::CheckRecord(records[i], reader_.catalogue());
      Require(sound.ok(), "a record that is given is sound", sound.ToString());
      Require(last == nullptr || IsInOrder(*last, records[i]), "records are in order");
      last = &records[i];
      if (i >= kRenderedMax) continue;
      const std::string_view line = renderer_.Render(records[i]);
      Require(line.starts_with("{\"service\":\"") && line.ends_with("]}}") && IsJsonLine(line),
              "a record has a JSON line", line);
    }
  }

 private:
  const Reader& reader_;
  traces::JsonRenderer renderer_;
  traces::DigestBuilder digest_;
};

}  // namespace

TraceReading ReadAsTrace(const std::string& path, std::size_t size, bool is_thorough) {
  TraceReading reading;
  const auto reader = Reader::Open(path, {.is_thorough = is_thorough});
  reading.open = reader.status();
  if (!reader.ok()) {
    const auto message = std::string(reader.status().message());
    Require(absl::IsInvalidArgument(reader.status()) || absl::IsUnimplemented(reader.status()),
            "what is no trace is an invalid argument, or of a newer format", message);
    Require(IsOneLine(message), "a complaint is one line", message);
    return reading;
  }
  const absl::Status sound = traces::CheckCatalogue((*reader)->catalogue());
  Require(sound.ok(), "a catalogue that is given is sound", sound.ToString());
  RecordClaims claims(**reader);
  std::vector<Record> records;
  for (std::size_t calls = 0;; ++calls) {
    Require(calls < 2 * size / traces::kEntryBytesMin + 4, "reading ends");
    const absl::StatusOr<bool> more = (*reader)->NextChunk(&records);
    if (!more.ok()) {
      RequireComplaint(more.status());
      Require(records.empty(), "damage comes without records");
      reading.damages.push_back(more.status());
      continue;
    }
    if (!*more) break;
    claims.Check(records, reading.records.empty() ? nullptr : &reading.records.back());
    reading.records.insert(reading.records.end(), records.begin(), records.end());
  }
  const absl::Status incompleteness = (*reader)->incompleteness();
  Require((*reader)->complete() == incompleteness.ok(), "an incomplete trace is said to be one");
  if (!incompleteness.ok()) RequireComplaint(incompleteness);
  reading.is_whole = reading.damages.empty() && (*reader)->complete();
  return reading;
}

void VerifyAsTrace(const std::string& path, const TraceReading& reading) {
  const auto reader = Reader::Open(path);
  Require(reader.ok() == reading.open.ok(), "a trace that was opened once is opened again");
  if (!reader.ok()) return;
  const absl::Status verdict = analysis::VerifyTrace("input", **reader);
  if (verdict.ok()) {
    Require(reading.is_whole, "what is found to be sound was read without a complaint");
  } else {
    RequireComplaint(verdict);
  }
}

void SeekInTrace(const std::string& path, const TraceReading& reading) {
  const auto reader = Reader::Open(path);
  // With damage, what an index leads to depends on where one comes from.
  if (!reader.ok() || !reading.is_whole || reading.records.empty()) return;
  const std::size_t middle = reading.records.size() / 2;
  const Record& wanted = reading.records[middle];
  std::vector<Record> records;
  const auto first = [&]() -> const Record* {
    while (true) {
      const absl::StatusOr<bool> more = (*reader)->NextChunk(&records);
      if (!more.ok()) continue;  // an index may point astray
      return *more ? records.data() : nullptr;
    }
  };
  // A footer that contradicts the chunks is for verify to find: only safety is claimed here.
  if ((*reader)->SeekToPosition(middle).ok()) {
    const Record* const found = first();
    Require(found == nullptr || (*reader)->position() >= middle, "seeking leads forward");
  }
  if ((*reader)->SeekTo(wanted.time).ok()) {
    const Record* const found = first();
    Require(found == nullptr || found->time >= wanted.time, "seeking leads to the time or later");
  }
}

void FollowTrace(const std::string& path, const TraceReading& reading) {
  const auto reader = Reader::Open(path);
  if (!reader.ok()) return;
  sim::VirtualTime last;
  const auto next_chunk = [&](std::vector<Record>* records) {
    absl::StatusOr<bool> more = false;
    do {
      more = (*reader)->NextChunk(records);
    } while (!more.ok());
    if (*more) last = records->back().time;
    return *more;
  };
  const absl::StatusOr<traces::Rollup> rollup = analysis::RollupOf(**reader, next_chunk);
  if (!rollup.ok()) {
    if (!absl::IsResourceExhausted(rollup.status())) RequireComplaint(rollup.status());
    return;
  }
  std::uint64_t of_footer = 0;
  if (const traces::Summary* const summary = (*reader)->summary()) {
    last = std::max(summary->last_time, summary->end_time - sim::Nanoseconds(1));
    of_footer = summary->records;
  }
  constexpr std::int64_t kIntervalsMax = 24;
  const sim::Duration width = analysis::PleasantWidth(*rollup, last, kIntervalsMax);
  std::uint64_t records = 0;
  analysis::ForEachCourseRow(
      traces::Joined(*rollup, width), {}, [&](const analysis::CourseRow& row) {
        Require(row.interval >= 0 && row.interval <= last.since_start() / width &&
                    row.interval < kIntervalsMax,
                "an interval is within the trace");
        Require(row.figures.counts().total() > 0, "an interval that is shown has records");
        Require(row.figures.LatencyAtMost(0.5) <= row.figures.LatencyAtMost(0.95),
                "percentiles ascend");
        if (!row.service) records += row.figures.counts().total();
      });
  Require(records == of_footer || records == reading.records.size(), "a timeline has all records",
          std::to_string(records));
}

void DescribeTrace(const std::string& path, std::size_t choice) {
  const auto reader = Reader::Open(path);
  if (!reader.ok()) return;
  const auto formats = formats::kFormatNames.rows();
  const auto renderer =
      formats::MakeRenderer(formats[choice % formats.size()].value, (*reader)->info(),
                            (*reader)->catalogue(), {.with_truth = choice % 2 == 0});
  analysis::StatsCollector stats((*reader)->info(), (*reader)->catalogue(), sim::Minutes(1));
  std::string text;
  const auto next_chunk = [&](std::vector<Record>* records) {
    absl::StatusOr<bool> more = false;
    do {
      more = (*reader)->NextChunk(records);
    } while (!more.ok());
    if (!*more || stats.is_full()) return false;
    text.clear();
    renderer->Flush(&text);
    renderer->set_trace_key((*reader)->trace_key());
    stats.set_trace_key((*reader)->trace_key());
    for (std::size_t i = 0; i < records->size(); ++i) {
      stats.Take((*records)[i]);
      if (i < kRenderedMax) renderer->Add((*records)[i], &text);
    }
    Require(text::IsUtf8(text), "what is printed is UTF-8");
    return true;
  };
  renderer->Begin(&text);
  const analysis::Facts facts = analysis::GatherFacts(**reader, next_chunk);
  Require(text::IsUtf8(analysis::FactsAsJson(facts)), "facts are UTF-8");
  std::vector<Record> records;
  while (next_chunk(&records)) {
  }
  renderer->End(&text);
  const absl::StatusOr<analysis::Stats> figures = stats.Finish();
  if (!figures.ok()) return;
  analysis::WriteStatsAsJson(*figures, (*reader)->catalogue(), [](std::string_view piece) {
    Require(text::IsUtf8(piece), "figures are UTF-8");
    return true;
  });
}

}  // namespace groundhog::fuzz
