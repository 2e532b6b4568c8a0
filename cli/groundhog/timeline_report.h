// How a trace went on, interval by interval, as a page for people and as JSON.
#ifndef GROUNDHOG_CLI_GROUNDHOG_TIMELINE_REPORT_H_
#define GROUNDHOG_CLI_GROUNDHOG_TIMELINE_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/course.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"
#include "traces/rollup.h"

namespace groundhog::cli {

struct TimelineOptions {
  std::optional<sim::Duration> every;  // nullopt: what suits a page, or is the finest, for JSON
  std::vector<traces::ServiceId> services;  // empty: all
};

class TimelineReport {
 public:
  // `rollup` covers the time up to `last`, with it. All must outlive this; options.every is a
  // multiple of the rollup's width.
  TimelineReport(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
                 const traces::Rollup& rollup, sim::VirtualTime last,
                 const TimelineOptions& options)
      : info_(info), catalogue_(catalogue), rollup_(rollup), last_(last), options_(options) {}

  // A picture and a table, at most 80 columns wide.
  std::string AsPage() const;
  // One JSON object, with a newline at its end. docs/INFO.md documents its keys.
  std::string AsJson() const;

 private:
  struct Line;  // of the picture

  std::string TimeText(std::int64_t interval, sim::Duration width) const;
  std::string Picture() const;
  std::vector<Line> LinesOf(sim::Duration width, std::size_t columns) const;
  std::string Axis(sim::Duration width, std::size_t columns) const;
  std::string Table() const;

  const traces::TraceInfo& info_;
  const traces::Catalogue& catalogue_;
  const traces::Rollup& rollup_;
  const sim::VirtualTime last_;
  const TimelineOptions& options_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_TIMELINE_REPORT_H_
