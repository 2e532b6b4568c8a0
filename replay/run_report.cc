#include "replay/run_report.h"

#include <string_view>

#include "text/json_writer.h"
#include "text/numbers.h"

namespace groundhog::replay {
namespace {

using Layout = text::JsonWriter::Layout;

std::string Milliseconds(std::chrono::nanoseconds time) {
  return text::FixedPoint(time.count(), 6);
}

void Put(std::string_view key, const std::optional<Percentiles>& values, text::JsonWriter& json) {
  json.Key(key);
  if (!values) {
    json.Null();
    return;
  }
  json.BeginObject(Layout::kCompact);
  json.PutJson("p50", Milliseconds(values->p50));
  json.PutJson("p99", Milliseconds(values->p99));
  json.PutJson("max", Milliseconds(values->max));
  json.EndObject();
}

// With twelve digits: more would show no speed, but how a machine divides.
void Put(std::string_view key, const std::optional<double>& speed, text::JsonWriter& json) {
  json.PutJson(key, speed ? text::FormatRounded(*speed, 12) : "null");
}

void Put(std::string_view key, const std::optional<traces::Hash128>& hash, text::JsonWriter& json) {
  json.Put(key, hash ? std::optional(traces::ToHex(*hash)) : std::nullopt);
}

}  // namespace

std::optional<Percentiles> PercentilesOf(const sinks::Histogram& histogram) {
  if (histogram.count() == 0) return std::nullopt;
  return Percentiles{
      .p50 = histogram.Percentile(50), .p99 = histogram.Percentile(99), .max = histogram.max()};
}

std::string ToJson(const RunReport& report) {
  const sinks::Counts& messages = report.messages;
  text::JsonWriter json;
  json.BeginObject(Layout::kCompact);
  Put("trace_digest", report.trace_digest, json);
  json.Put("records_read", report.records_read);
  json.Put("records_sent", report.records_sent);
  json.Put("messages_acknowledged", messages.messages_acknowledged);
  json.Put("messages_failed", messages.messages_failed);
  json.Put("alerts_acknowledged", messages.copies_acknowledged);
  json.Put("messages_forgotten", messages.messages_forgotten);
  json.Put("bytes", messages.bytes);
  json.PutJson("duration_ms", Milliseconds(report.duration));
  Put("speed_asked", report.speed_asked, json);
  Put("speed_reached", report.speed_reached, json);
  json.Put("seeks", report.seeks);
  json.PutJson("paused_ms", Milliseconds(report.paused));
  json.PutJson("slipped_ms", Milliseconds(report.slipped));
  Put("lateness_ms", report.lateness, json);
  Put("ack_ms", report.acknowledgement, json);
  json.Put("resumed_at", report.resumed_at);
  Put("payload_xxh128", report.payload_hash, json);
  json.Put("complete", report.complete);
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace groundhog::replay
