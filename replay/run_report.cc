#include "replay/run_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace groundhog::replay {
namespace {

std::string Milliseconds(std::chrono::nanoseconds time) {
  return absl::StrFormat("%d.%06d", time.count() / 1'000'000, time.count() % 1'000'000);
}

std::string Text(const std::optional<Percentiles>& values) {
  if (!values) return "null";
  return absl::StrCat("{\"p50\":", Milliseconds(values->p50),
                      ",\"p99\":", Milliseconds(values->p99),
                      ",\"max\":", Milliseconds(values->max), "}");
}

std::string Text(const std::optional<double>& value) {
  return value ? absl::StrFormat("%.12g", *value) : "null";
}

std::string Text(const std::optional<traces::Hash128>& hash) {
  if (!hash) return "null";
  return absl::StrCat("\"", traces::ToHex(*hash), "\"");
}

}  // namespace

std::optional<Percentiles> PercentilesOf(const sinks::Histogram& histogram) {
  if (histogram.count() == 0) return std::nullopt;
  return Percentiles{
      .p50 = histogram.Percentile(50), .p99 = histogram.Percentile(99), .max = histogram.max()};
}

std::string ToJson(const RunReport& report) {
  const sinks::Counts& messages = report.messages;
  return absl::StrCat(
      "{\"trace_digest\":", Text(report.trace_digest), ",\"records_read\":", report.records_read,
      ",\"records_sent\":", report.records_sent,
      ",\"messages_acknowledged\":", messages.messages_acknowledged,
      ",\"messages_failed\":", messages.messages_failed,
      ",\"alerts_acknowledged\":", messages.alerts_acknowledged, ",\"messages_forgotten\":",
      messages.messages_forgotten ? absl::StrCat(*messages.messages_forgotten) : "null",
      ",\"bytes\":", messages.bytes, ",\"duration_ms\":", Milliseconds(report.duration),
      ",\"speed_asked\":", Text(report.speed_asked),
      ",\"speed_reached\":", Text(report.speed_reached), ",\"seeks\":", report.seeks,
      ",\"paused_ms\":", Milliseconds(report.paused),
      ",\"slipped_ms\":", Milliseconds(report.slipped), ",\"lateness_ms\":", Text(report.lateness),
      ",\"ack_ms\":", Text(report.acknowledgement),
      ",\"resumed_at\":", report.resumed_at ? absl::StrCat(*report.resumed_at) : "null",
      ",\"payload_xxh128\":", Text(report.payload_hash),
      ",\"complete\":", report.complete ? "true" : "false", "}\n");
}

}  // namespace groundhog::replay
