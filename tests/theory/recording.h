// Recordings for the tests against theory: they run `groundhog record` as a user does and take
// times from the trace, to the nanosecond.
#ifndef GROUNDHOG_TESTS_THEORY_RECORDING_H_
#define GROUNDHOG_TESTS_THEORY_RECORDING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/entity.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::theory {

// --seed=N on the test program's command line, 1 without.
std::uint64_t Seed();

// A span, from its record at completion.
struct Span {
  sim::VirtualTime arrival;  // at its host, or of the message in the consumers' queue
  sim::VirtualTime end;
  sim::Duration queue_wait;
  sim::EntityId host{};
  traces::ServiceId service{};
  traces::ErrorCodeId error_code = traces::ErrorCodeId::kNone;
  std::uint16_t attempt = 1;
  traces::RequestId request;
  traces::SpanId id{};
  traces::SpanId parent{};

  bool failed() const { return error_code != traces::ErrorCodeId::kNone; }
  sim::Duration duration() const { return end - arrival; }
};

// The load that an interval log reports: the number of spans in service or waiting on the host,
// averaged over the log interval that ends at `time`.
struct IntervalLoad {
  sim::VirtualTime time;
  sim::EntityId host{};
  std::int64_t load_hundredths = 0;
};

class Recording {
 public:
  // Records the scenario, a file of this folder ("single_queue.yaml") or the name of a shipped one,
  // with the test's seed and these further arguments. Throws std::runtime_error if that fails.
  explicit Recording(const std::string& scenario, const std::vector<std::string>& arguments = {});

  const traces::TraceInfo& info() const { return info_; }
  const traces::Catalogue& catalogue() const { return catalogue_; }

  // In order of their ends.
  const std::vector<Span>& spans() const { return spans_; }
  const std::vector<IntervalLoad>& intervals() const { return intervals_; }

  // The service's spans in order of arrival, up to the time from which some spans might not have
  // ended before the run did.
  std::vector<Span> Arrivals(std::string_view service) const;

  traces::ServiceId Service(std::string_view name) const;
  // The service's hosts: `count` entities, beginning with `first`.
  struct Hosts {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  Hosts HostsOf(traces::ServiceId service) const;

 private:
  void Read(const std::string& path);

  traces::TraceInfo info_;
  traces::Catalogue catalogue_;
  std::vector<Span> spans_;
  std::vector<IntervalLoad> intervals_;
};

// The program's standard output; throws std::runtime_error unless it ends with 0.
std::string RunGroundhog(const std::vector<std::string>& arguments);

// One number for each span.
template <class Function>
std::vector<double> Each(const std::vector<Span>& spans, const Function& function) {
  std::vector<double> values;
  values.reserve(spans.size());
  for (const Span& span : spans) values.push_back(function(span));
  return values;
}

constexpr double InSeconds(sim::Duration duration) {
  return static_cast<double>(duration.nanoseconds()) / 1e9;
}
constexpr double InSeconds(sim::VirtualTime time) { return InSeconds(time.since_start()); }

struct Period {
  sim::VirtualTime from;
  sim::VirtualTime until;
};

// From the first to the last arrival. `spans` in order of arrival.
inline Period ArrivalsPeriod(std::span<const Span> spans) {
  return {.from = spans.front().arrival, .until = spans.back().arrival};
}

// The average number of spans on their hosts in each of `windows` equal parts of the period.
std::vector<double> NumberInSystem(std::span<const Span> spans, const Period& period, int windows);

}  // namespace groundhog::theory

#endif  // GROUNDHOG_TESTS_THEORY_RECORDING_H_
