#include "replay/progress.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "text/time_text.h"

namespace groundhog::replay {

std::string StatusText(const Progress& progress, std::int64_t start_unix_nanoseconds) {
  std::string text = absl::StrCat("state=",
                                  progress.is_paused   ? "paused"
                                  : progress.starts_in ? "waiting"
                                                       : "playing",
                                  " time=",
                                  text::FormatRfc3339Nanoseconds(text::UnixNanoseconds(
                                      start_unix_nanoseconds, progress.virtual_time)),
                                  " loop=", progress.loop, " position=", progress.position,
                                  " pace=", PaceText(progress.pace));
  const Rates& rates = progress.rates;
  if (rates.speed) absl::StrAppendFormat(&text, " speed_reached=%.6g", *rates.speed);
  if (rates.records_per_second) {
    absl::StrAppendFormat(&text, " records_per_second=%.6g", *rates.records_per_second);
  }
  if (rates.lateness_p99) {
    absl::StrAppendFormat(&text, " lateness_p99_ms=%.3f",
                          static_cast<double>(rates.lateness_p99->count()) / 1e6);
  }
  absl::StrAppend(&text, " records_sent=", progress.records_sent,
                  " messages_acknowledged=", progress.messages.messages_acknowledged,
                  " messages_failed=", progress.messages.messages_failed,
                  " incident=", progress.incident.empty() ? "none" : progress.incident);
  if (progress.left) {
    absl::StrAppendFormat(&text, " left_s=%.3f", static_cast<double>(progress.left->count()) / 1e9);
  }
  return text;
}

}  // namespace groundhog::replay
