// What four trivial detectors make of a trace's incidents. They know no truth, no call graph and
// no model: each looks at one number of each service. An incident whose root service they all
// name is no test for a method of finding root causes; one that they all miss is. So a data set
// says of itself how much it is worth.
//
// Virtual time is cut into buckets of one length, the first from 0. The baseline of an incident
// is the last whole buckets before its start that no incident touches, as many as `baseline_max`.
// Its own buckets are those that it touches and that are whole within the trace. In each of them,
// each service has a value, which is compared with the service's own baseline:
//
//   detector      value x of a bucket                    suspects the service if        score
//   error rate    WARN and ERROR / records               x - p > 0.05                   x - p
//   latency       mean duration, records of requests     x > m + 3 s                    (x - m) / s
//   new message   records whose template the service     x > 0                          x
//                 never logged before the incident /
//                 records
//   record count  records                                |x - m| > 3 s                  |x - m| / s
//
// p: the value over all of the baseline. m, s: mean and standard deviation (n - 1) of the values of
// the baseline's buckets; s is at least 1 % of m for latency, and at least 1 record for record
// count. Error rate looks only at buckets with 20 records of the service or more; latency, also in
// the baseline, only at those with 20 records of requests, and needs `baseline_min` of them.
//
// A suspect's score is its largest one. Suspects are ordered by score, the largest first; equal
// ones by their first bucket that is suspicious, then by the catalogue's order. The first is
// blamed.
//
// Memory: about 24 bytes for each service and bucket of the baseline, 300 bytes for each service
// and incident that goes on, 32 bytes for each template that a service uses.
//
// Deterministic. Not thread-safe.
#ifndef GROUNDHOG_ANALYSIS_DETECTORS_H_
#define GROUNDHOG_ANALYSIS_DETECTORS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "sim/time.h"
#include "text/enum_names.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::analysis {

enum class Detector : std::uint8_t { kErrorRate, kLatency, kNewMessage, kRecordCount };
inline constexpr text::EnumNames kDetectorNames(
    std::to_array<text::EnumName<Detector>>({{Detector::kErrorRate, "error rate"},
                                             {Detector::kLatency, "latency"},
                                             {Detector::kNewMessage, "new message"},
                                             {Detector::kRecordCount, "record count"}}));
inline constexpr std::size_t kDetectorCount = kDetectorNames.rows().size();

// What the detectors are to find. Incidents may overlap.
struct Incident {
  sim::VirtualTime start;
  sim::VirtualTime end;
  traces::ServiceId root = traces::ServiceId::kNone;  // the truth
};

// A service that a detector suspects.
struct Suspect {
  traces::ServiceId service = traces::ServiceId::kNone;
  sim::VirtualTime first_bucket;  // where the first bucket begins that is suspicious
  double score = 0;
  // The baseline's value, and that of the bucket with this score: shares for error rate and new
  // message, milliseconds for latency, records for record count.
  double usual = 0;
  double seen = 0;
  traces::TemplateId message{};  // new message: the first one
};

// What a detector says of an incident.
struct Verdict {
  std::optional<Suspect> blamed;
  std::size_t suspects = 0;
  std::size_t rank_of_root = 0;  // among the suspects, from 1; 0: not one of them

  bool is_right() const { return rank_of_root == 1; }
};

// By how many detectors blame the root: hard 0, medium 1 or 2, easy 3 or 4. With a majority a vote
// of the four finds it; otherwise one has to know which detector to believe.
enum class Difficulty : std::uint8_t { kEasy, kMedium, kHard };
inline constexpr text::EnumNames kDifficultyNames(std::to_array<text::EnumName<Difficulty>>(
    {{Difficulty::kEasy, "easy"}, {Difficulty::kMedium, "medium"}, {Difficulty::kHard, "hard"}}));

// What all detectors say of an incident.
struct Detection {
  std::size_t baseline_buckets = 0;
  std::size_t buckets = 0;                       // of its own
  bool has_baseline = false;                     // false: all verdicts are empty
  std::array<Verdict, kDetectorCount> verdicts;  // by Detector

  std::size_t right() const;
  // nullopt: there is no baseline, or no whole bucket of the incident in the trace.
  std::optional<Difficulty> difficulty() const;
};

struct DetectorOptions {
  sim::Duration bucket = sim::Minutes(1);  // > 0
  std::size_t baseline_max = 60;           // buckets
  std::size_t baseline_min = 10;           // buckets; with fewer there is no baseline; at least 2
};

class Detectors {
 public:
  // `service_count`: of the trace's catalogue. `incidents`: all of the trace, in any order, so that
  // none is in the baseline of another.
  Detectors(std::size_t service_count, std::vector<Incident> incidents,
            const DetectorOptions& options = {});

  // Takes a trace's records, all of them, in their order.
  void Add(std::span<const traces::Record> records);

  // Takes the end of the trace, not before its last record; nothing is added afterwards. In the
  // order of the incidents.
  std::vector<Detection> Finish(sim::VirtualTime end);

 private:
  // A service in a bucket.
  struct Tally {
    std::uint32_t records = 0;
    std::uint32_t bad = 0;       // WARN or ERROR
    std::uint32_t timed = 0;     // of requests
    std::uint64_t duration = 0;  // of these, in all; nanoseconds; may wrap in a hostile trace
  };
  using Bucket = std::vector<Tally>;  // by service

  // A service's values in the baseline.
  struct Usual {
    double bad_share = 0;
    double latency_ms = 0;
    double latency_deviation = 0;  // 0: there are too few buckets to know
    double count = 0;
    double count_deviation = 0;
  };

  // An incident that goes on. By service:
  struct Ongoing {
    struct Service {
      std::uint32_t unheard = 0;  // records in the bucket with a new message
      std::optional<traces::TemplateId> first_message;
      std::array<std::optional<Suspect>, kDetectorCount> suspects;  // by Detector
    };
    std::size_t incident;  // its index
    std::vector<Service> services;
  };

  std::int64_t FirstBucketOf(const Incident& incident) const;
  std::int64_t LastBucketOf(const Incident& incident) const;
  // Whether all incidents are over: nothing that follows counts.
  bool IsDone() const;
  void CloseBucketsBefore(std::int64_t number);
  void Add(const traces::Record& record);
  void OpenBucket();
  void CloseBucket();
  std::vector<Usual> UsualOfServices() const;
  void Judge(Ongoing& ongoing);
  void JudgeService(Ongoing::Service& service, const Tally& tally, const Usual& usual,
                    traces::ServiceId id) const;
  void EndIncident(const Ongoing& ongoing);

  const std::size_t service_count_;
  const std::vector<Incident> incidents_;
  const DetectorOptions options_;
  std::vector<std::size_t> by_start_;  // indices of incidents
  std::size_t begun_ = 0;              // so many of these
  std::vector<Ongoing> ongoing_;
  std::vector<Detection> detections_;

  std::int64_t number_ = 0;  // of the bucket
  Bucket bucket_;
  std::deque<Bucket> baseline_;
  std::vector<Usual> usual_;  // of this baseline; empty: not computed
  absl::flat_hash_map<std::pair<traces::ServiceId, traces::TemplateId>, sim::VirtualTime>
      first_logged_;
};

// What a suspect did, for people: "0.1 % -> 43 %", "12.1 ms -> 204 ms (31 sigma)",
// "38 % of records: Breaker of {} opened", "62 -> 3 records (5.9 sigma)".
std::string SuspicionInWords(Detector detector, const Suspect& suspect,
                             const traces::Catalogue& catalogue);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_DETECTORS_H_
