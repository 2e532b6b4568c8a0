#include "cli/replay_text.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "traces/hash128.h"
#include "traces/time_text.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kColumnsMax = 79;

// 1043212 as "1,043,212".
std::string WithCommas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string WithCommas(double number) {
  return WithCommas(static_cast<std::uint64_t>(std::clamp(number, 0.0, 1e18) + 0.5));
}

// Three digits that count: "0.042", "1.25", "14.4", "1440".
std::string Short(double number) {
  return number < 1     ? absl::StrFormat("%.3g", number)
         : number < 10  ? absl::StrFormat("%.2f", number)
         : number < 100 ? absl::StrFormat("%.1f", number)
                        : absl::StrFormat("%.0f", number);
}

std::string TimeText(std::chrono::nanoseconds time) {
  const double milliseconds = static_cast<double>(time.count()) / 1e6;
  return milliseconds < 1'000 ? absl::StrFormat("%.1f ms", milliseconds)
                              : absl::StrFormat("%.1f s", milliseconds / 1e3);
}

std::string DurationText(std::chrono::nanoseconds time) {
  if (time < std::chrono::seconds(100)) {
    return absl::StrFormat("%.2f s", static_cast<double>(time.count()) / 1e9);
  }
  return traces::FormatDuration(
      sim::Seconds(std::chrono::duration_cast<std::chrono::seconds>(time).count()));
}

// The time of day, after the date where the replay spans more than one.
std::string ClockText(const ReplayFrame& frame, sim::VirtualTime time) {
  const std::string text =
      traces::FormatRfc3339Nanoseconds(traces::UnixNanoseconds(frame.start_unix_nanoseconds, time));
  const std::string time_of_day = text.substr(11, 8);
  const bool is_one_day = frame.until && *frame.until - frame.from <= sim::Hours(24);
  return is_one_day ? time_of_day : absl::StrCat(text.substr(5, 5), " ", time_of_day);
}

std::string PercentText(const ReplayFrame& frame, sim::VirtualTime time) {
  if (!frame.until || *frame.until <= frame.from) return "";
  const double whole = static_cast<double>((*frame.until - frame.from).nanoseconds());
  const double done = static_cast<double>((time - frame.from).nanoseconds());
  return absl::StrFormat("  %.0f %%", std::clamp(100 * done / whole, 0.0, 100.0));
}

std::string PercentilesText(const replay::Percentiles& values) {
  return absl::StrCat("p50 ", TimeText(values.p50), ", p99 ", TimeText(values.p99), ", max ",
                      TimeText(values.max));
}

}  // namespace

std::string ProgressText(const ReplayFrame& frame, const replay::Progress& progress) {
  const std::string begin =
      absl::StrCat(ClockText(frame, progress.virtual_time),
                   PercentText(frame, progress.virtual_time), "  ", Short(progress.speed), "x");
  std::string asked = absl::StrCat(" (asked ", replay::PaceText(progress.pace), ")");
  std::string end = absl::StrCat("  ", WithCommas(progress.records_per_second), "/s");
  if (progress.lateness_p99) absl::StrAppend(&end, "  late p99 ", TimeText(*progress.lateness_p99));
  absl::StrAppend(&end, "  acked ", WithCommas(progress.messages.messages_acknowledged));
  if (begin.size() + asked.size() + end.size() > kColumnsMax) asked.clear();
  return absl::StrCat(begin, asked, end).substr(0, kColumnsMax);
}

std::string ReportText(std::string_view destination, const replay::Pace& pace,
                       const replay::RunReport& report) {
  const sinks::Counts& messages = report.messages;
  std::string text = absl::StrCat("sent ", WithCommas(report.records_sent), " records to ",
                                  std::string(destination), " in ", DurationText(report.duration));
  if (report.speed_reached) absl::StrAppend(&text, ", ", Short(*report.speed_reached), "x");
  absl::StrAppend(&text, " (asked ", replay::PaceText(pace), ")\n");
  absl::StrAppend(&text, "  acknowledged  ", WithCommas(messages.messages_acknowledged), " of ",
                  WithCommas(messages.messages_sent), " messages");
  if (messages.alerts_acknowledged != 0) {
    absl::StrAppend(&text, ", ", WithCommas(messages.alerts_acknowledged), " of them alerts");
  }
  absl::StrAppend(&text, "\n  failed        ", WithCommas(messages.messages_failed), "\n");
  if (report.lateness) {
    absl::StrAppend(&text, "  lateness      ", PercentilesText(*report.lateness), "\n");
  }
  if (report.acknowledgement) {
    absl::StrAppend(&text, "  acks after    ", PercentilesText(*report.acknowledgement), "\n");
  }
  if (report.trace_digest) {
    absl::StrAppend(&text, "  trace digest  ", traces::ToHex(*report.trace_digest), "\n");
  }
  return text;
}

}  // namespace groundhog::cli
