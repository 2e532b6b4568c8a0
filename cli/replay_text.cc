#include "cli/replay_text.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "traces/hash128.h"
#include "traces/time_text.h"

namespace groundhog::cli {
namespace {

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

// "25 s", "12m", "3h5m".
std::string LeftText(std::chrono::nanoseconds time) {
  if (time < std::chrono::seconds(100)) {
    return absl::StrFormat("%.0f s", static_cast<double>(time.count()) / 1e9);
  }
  return traces::FormatDuration(
      sim::Minutes(std::chrono::duration_cast<std::chrono::minutes>(time).count()));
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

// How many columns UTF-8 text takes, if no character takes two.
std::size_t Columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The first `columns` of `text`, with a mark where something is left out.
std::string Cut(std::string_view text, std::size_t columns) {
  if (Columns(text) <= columns) return std::string(text);
  std::size_t bytes = 0;
  for (std::size_t kept = 0; kept + 1 < columns; ++kept) {
    ++bytes;
    while ((text[bytes] & 0xC0) == 0x80) ++bytes;
  }
  return absl::StrCat(std::string(text.substr(0, bytes)), "…");
}

// "  1440x of 1440x", or what keeps the replay from playing.
std::string StateText(const replay::Progress& progress, bool is_short) {
  const std::string asked = replay::PaceText(progress.pace);
  if (progress.is_paused) return absl::StrCat("  paused (", asked, ")");
  if (progress.starts_in) return absl::StrCat("  starts in ", LeftText(*progress.starts_in));
  const std::string reached = Short(progress.speed) + "x";
  const bool is_rate = progress.pace.kind == replay::PaceKind::kRate;
  if (is_rate || (is_short && reached == asked)) return "  " + reached;
  return absl::StrCat("  ", reached, " of ", asked);
}

std::string RateText(const replay::Progress& progress) {
  const std::string reached = WithCommas(progress.records_per_second) + "/s";
  if (progress.pace.kind != replay::PaceKind::kRate) return reached;
  return absl::StrCat(reached, " of ", replay::PaceText(progress.pace));
}

}  // namespace

std::string ProgressText(const ReplayFrame& frame, const replay::Progress& progress,
                         std::size_t columns) {
  std::string begin = ClockText(frame, progress.virtual_time);
  if (frame.loops > 1) {
    absl::StrAppend(&begin, "  loop ", progress.loop + 1);
    if (frame.until) absl::StrAppend(&begin, "/", frame.loops);
  }
  std::string percent = PercentText(frame, progress.virtual_time);
  std::string speed = StateText(progress, /*is_short=*/false);
  std::string end = absl::StrCat("  ", RateText(progress));
  if (progress.lateness_p99) absl::StrAppend(&end, "  late ", TimeText(*progress.lateness_p99));
  absl::StrAppend(&end, "  ", WithCommas(progress.messages.messages_failed), " failed");
  if (progress.left) absl::StrAppend(&end, "  ", LeftText(*progress.left), " left");
  const std::size_t name = progress.incident.empty() ? 0 : Columns(progress.incident) + 2;
  const auto width = [&] {
    return begin.size() + percent.size() + speed.size() + end.size() + name;
  };
  if (width() > columns) speed = StateText(progress, /*is_short=*/true);
  if (width() > columns) percent.clear();
  std::string text = absl::StrCat(begin, percent, speed, end);
  if (name != 0 && text.size() + 4 <= columns) {
    absl::StrAppend(&text, "  ", Cut(progress.incident, columns - text.size() - 2));
  }
  return Cut(text, columns);
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
  if (report.paused != std::chrono::nanoseconds(0)) {
    absl::StrAppend(&text, "  paused for    ", DurationText(report.paused), "\n");
  }
  if (report.slipped != std::chrono::nanoseconds(0)) {
    absl::StrAppend(&text, "  slipped by    ", DurationText(report.slipped), "\n");
  }
  if (report.seeks != 0) {
    absl::StrAppend(&text, "  jumps         ", WithCommas(report.seeks), "\n");
  }
  if (report.trace_digest) {
    absl::StrAppend(&text, "  trace digest  ", traces::ToHex(*report.trace_digest), "\n");
  }
  return text;
}

std::string DryRunText(const replay::DryRunReport& report, const replay::Pace& pace,
                       std::int64_t start_unix_nanoseconds) {
  const auto date = [&](sim::VirtualTime time) {
    return traces::FormatRfc3339Nanoseconds(traces::UnixNanoseconds(start_unix_nanoseconds, time));
  };
  std::string text = absl::StrCat("dry run at ", replay::PaceText(pace), ": nothing was sent\n");
  absl::StrAppend(&text, "  records       ", WithCommas(report.records), "\n");
  if (report.records != 0) {
    absl::StrAppend(&text, "  first record  ", date(report.first_time), "\n");
    absl::StrAppend(&text, "  last record   ", date(report.last_time), "\n");
  }
  if (report.last_deadline) {
    absl::StrAppend(&text, "  first due     ", DurationText(*report.first_deadline),
                    " after the begin\n", "  last due      ", DurationText(*report.last_deadline),
                    " after the begin\n");
  }
  for (const auto& [name, destination] : report.destinations) {
    absl::StrAppend(&text, "  to ", name, ": ", WithCommas(destination.messages), " messages, ",
                    WithCommas(destination.bytes), " bytes\n");
  }
  return text;
}

}  // namespace groundhog::cli
