#include "cli/replayer/progress_text.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "text/table.h"
#include "text/time_text.h"
#include "traces/hash128.h"

namespace groundhog::cli {
namespace {

using text::Columns;
using text::WithCommas;

constexpr char kToLabel[] = "  to            ";
constexpr char kContinued[] = ",\n                ";

// The text after `key` up to the quotation mark that ends it, still escaped as in the JSON line.
std::string_view JsonText(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + key.size();
  std::size_t end = begin;
  while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
  return line.substr(begin, end - begin);
}

std::string RoundedWithCommas(double number) {
  return WithCommas(static_cast<std::uint64_t>(std::clamp(number, 0.0, 1e18) + 0.5));
}

// At least three significant digits: "0.0293", "2.33", "60", "1440".
std::string Rounded(double number) {
  return number < 100 ? absl::StrFormat("%.3g", number) : absl::StrFormat("%.0f", number);
}

// "60x", "2.33x", "100/s" or "max": rounded, as people know what they asked for.
std::string RoundedPace(const replay::Pace& pace) {
  switch (pace.kind) {
    case replay::PaceKind::kSpeed:
      return Rounded(pace.ratio.ToDouble()) + "x";
    case replay::PaceKind::kRate:
      return Rounded(pace.ratio.ToDouble()) + "/s";
    case replay::PaceKind::kMax:
      break;
  }
  return "max";
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
  return text::FormatDuration(std::chrono::floor<std::chrono::seconds>(time));
}

// "25 s", "1m40s", "3h5m": rounded up to what is shown, so that it never grows as time goes by.
std::string LeftText(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time);
  if (seconds < std::chrono::minutes(1)) return absl::StrCat(seconds.count(), " s");
  if (seconds <= std::chrono::hours(1)) return text::FormatDuration(seconds);
  return text::FormatDuration(std::chrono::ceil<std::chrono::minutes>(time));
}

// The time of day, after the date where the replay spans more than one.
std::string ClockText(const ReplayFrame& frame, sim::VirtualTime time) {
  const std::string text =
      text::FormatRfc3339Nanoseconds(text::UnixNanoseconds(frame.start_unix_nanoseconds, time));
  const std::string time_of_day = text.substr(11, 8);
  const bool is_one_day = frame.until && *frame.until - frame.from <= sim::Hours(24);
  return is_one_day ? time_of_day : absl::StrCat(text.substr(5, 5), " ", time_of_day);
}

std::string PercentText(const ReplayFrame& frame, sim::VirtualTime time) {
  if (!frame.until || *frame.until <= frame.from) return "";
  const double whole = static_cast<double>((*frame.until - frame.from).nanoseconds());
  const double done = static_cast<double>((time - frame.from).nanoseconds());
  return absl::StrFormat("%.0f %%", std::clamp(100 * done / whole, 0.0, 100.0));
}

std::string PercentilesText(const replay::Percentiles& values) {
  return absl::StrCat("p50 ", TimeText(values.p50), ", p99 ", TimeText(values.p99), ", max ",
                      TimeText(values.max));
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

bool IsInsideCharacter(char c) { return (c & 0xC0) == 0x80; }

// The beginning and the end of `text`, where it is longer than `columns`.
std::string CutMiddle(std::string_view text, std::size_t columns) {
  if (Columns(text) <= columns || columns == 0) return std::string(text);
  std::size_t begin = columns / 2;
  std::size_t end = text.size() - (columns - 1 - columns / 2);
  while (begin > 0 && IsInsideCharacter(text[begin])) --begin;
  while (end < text.size() && IsInsideCharacter(text[end])) ++end;
  return absl::StrCat(std::string(text.substr(0, begin)), "…", std::string(text.substr(end)));
}

// How many columns `label` leaves of a line; at least 1.
std::size_t Room(std::size_t columns, std::string_view label) {
  return columns > label.size() ? columns - label.size() : 1;
}

// "1440x of 1440x", or what keeps the replay from playing.
std::string StateText(const replay::Progress& progress, bool is_short) {
  const std::string asked = RoundedPace(progress.pace);
  if (progress.is_paused) return absl::StrCat("paused (", asked, ")");
  if (progress.starts_in) return absl::StrCat("starts in ", LeftText(*progress.starts_in));
  const bool is_rate = progress.pace.kind == replay::PaceKind::kRate;
  if (!progress.rates.speed) return is_rate ? "" : asked;
  const std::string reached = Rounded(*progress.rates.speed) + "x";
  if (is_rate || (is_short && reached == asked)) return reached;
  return absl::StrCat(reached, " of ", asked);
}

std::string RateText(const replay::Progress& progress) {
  std::string text;
  if (progress.rates.records_per_second) {
    const double reached = *progress.rates.records_per_second;
    text = absl::StrCat(reached < 100 ? Rounded(reached) : RoundedWithCommas(reached), "/s");
  }
  if (progress.pace.kind != replay::PaceKind::kRate) return text;
  return absl::StrCat(text, text.empty() ? "" : " of ", RoundedPace(progress.pace));
}

// The parts of a progress line that are not empty, two blanks between them.
class ProgressLine {
 public:
  // In their order from left to right.
  enum Part { kClock, kPercent, kState, kRate, kLateness, kFailed, kLeft, kIncident, kCount };

  std::string& operator[](Part part) { return parts_[part]; }

  std::string Join() const {
    std::string text;
    for (const std::string& part : parts_) {
      if (!part.empty()) absl::StrAppend(&text, text.empty() ? "" : "  ", part);
    }
    return text;
  }
  bool Fits(std::size_t columns) const { return Columns(Join()) <= columns; }

 private:
  std::array<std::string, kCount> parts_;
};

}  // namespace

std::string ProgressText(const ReplayFrame& frame, const replay::Progress& progress,
                         std::size_t columns) {
  using Line = ProgressLine;
  Line line;
  line[Line::kClock] = ClockText(frame, progress.virtual_time);
  if (frame.loops > 1) {
    absl::StrAppend(&line[Line::kClock], "  loop ", progress.loop + 1);
    if (frame.until) absl::StrAppend(&line[Line::kClock], "/", frame.loops);
  }
  line[Line::kPercent] = PercentText(frame, progress.virtual_time);
  line[Line::kState] = StateText(progress, /*is_short=*/false);
  line[Line::kRate] = RateText(progress);
  if (progress.rates.lateness_p99) {
    line[Line::kLateness] = absl::StrCat("late ", TimeText(*progress.rates.lateness_p99));
  }
  const std::uint64_t failed = progress.messages.messages_failed;
  line[Line::kFailed] = absl::StrCat(WithCommas(failed), " failed");
  if (progress.left) line[Line::kLeft] = absl::StrCat(LeftText(*progress.left), " left");
  line[Line::kIncident] = text::ShownName(progress.incident);
  if (!line.Fits(columns)) line[Line::kState] = StateText(progress, /*is_short=*/true);
  for (const Line::Part part :
       {Line::kPercent, Line::kFailed, Line::kRate, Line::kLeft, Line::kLateness}) {
    if (line.Fits(columns)) break;
    if (part != Line::kFailed || failed == 0) line[part].clear();
  }
  return Cut(line.Join(), columns);
}

std::string ReportText(std::string_view destination, const SinkWords& words,
                       const replay::Pace& pace, const replay::RunReport& report,
                       std::size_t columns) {
  const sinks::Counts& messages = report.messages;
  const std::string sent = absl::StrCat("sent ", WithCommas(report.records_sent), " records");
  std::string took = absl::StrCat(" in ", DurationText(report.duration));
  if (report.speed_reached) absl::StrAppend(&took, ", ", Rounded(*report.speed_reached), "x");
  absl::StrAppend(&took, " (asked ", RoundedPace(pace), ")");
  std::string text = absl::StrCat(sent, " to ", std::string(destination), took);
  if (Columns(text) > columns) {
    text =
        absl::StrCat(sent, took, "\n", kToLabel, CutMiddle(destination, Room(columns, kToLabel)));
  }
  const std::string acknowledged =
      absl::StrCat("  acknowledged  ", WithCommas(messages.messages_acknowledged), " of ",
                   WithCommas(messages.messages_sent), " messages");
  absl::StrAppend(&text, "\n", acknowledged);
  if (messages.copies_acknowledged != 0) {
    const std::string copies =
        absl::StrCat(WithCommas(messages.copies_acknowledged), " of them ", words.copies);
    const bool fits = acknowledged.size() + 2 + copies.size() <= columns;
    absl::StrAppend(&text, fits ? ", " : kContinued, copies);
  }
  absl::StrAppend(&text, "\n  failed        ", WithCommas(messages.messages_failed), "\n");
  if (messages.messages_forgotten.value_or(0) != 0) {
    absl::StrAppend(&text, "  gone by now   ", WithCommas(*messages.messages_forgotten),
                    " messages: ", words.forgetting, "\n");
  }
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
                       std::int64_t start_unix_nanoseconds, std::size_t columns) {
  const auto date = [&](sim::VirtualTime time) {
    return text::FormatRfc3339Nanoseconds(text::UnixNanoseconds(start_unix_nanoseconds, time));
  };
  std::string text = absl::StrCat("dry run at ", RoundedPace(pace), ": nothing was sent\n");
  absl::StrAppend(&text, "  records       ", WithCommas(report.records), "\n");
  if (report.records != 0) {
    absl::StrAppend(&text, "  first record  ", date(report.first_time), "\n");
    absl::StrAppend(&text, "  last record   ", date(report.last_time), "\n");
  }
  if (report.last_deadline) {
    absl::StrAppend(&text, "  first due     ", DurationText(*report.first_deadline),
                    " after the start\n", "  last due      ", DurationText(*report.last_deadline),
                    " after the start\n");
  }
  for (const auto& [name, destination] : report.destinations) {
    const std::string amount = absl::StrCat(": ", WithCommas(destination.messages), " messages, ",
                                            WithCommas(destination.bytes), " bytes");
    const std::string shown = CutMiddle(name, Room(columns, "  to " + amount));
    absl::StrAppend(&text, "  to ", shown, amount, "\n");
  }
  return text;
}

std::string StepText(const ReplayFrame& frame, sim::VirtualTime time, std::string_view line,
                     std::size_t columns) {
  return Cut(text::Printable(absl::StrCat("sent ", ClockText(frame, time), "  ",
                                          std::string(JsonText(line, "\"level\":\"")), "  ",
                                          std::string(JsonText(line, "\"service\":\"")), "  ",
                                          std::string(JsonText(line, "\"message\":\"")))),
             columns);
}

}  // namespace groundhog::cli
