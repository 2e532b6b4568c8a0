// Tries a scenario's requests one by one: what happens to a request that finds idle hosts, without
// faults? Own work, own errors, the network, timeouts, retries, deadlines and slots are those of
// the world (world.h); waiting behind other requests, retry budgets and breakers are left out. So
// the share of requests that fail here fails in every run, though not the same ones, and
// `groundhog scenario check` can report it before any run.
//
// Deterministic, and the same for every seed of the scenario. Not thread-safe.
#ifndef GROUNDHOG_MODEL_REVIEW_REQUEST_TRIAL_H_
#define GROUNDHOG_MODEL_REVIEW_REQUEST_TRIAL_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "model/world/plan/topology.h"
#include "sim/random.h"
#include "sim/time.h"

namespace groundhog::model {

// The limit that ended an attempt, a span or a request without an answer.
struct TrialLimit {
  enum class Kind {
    kNone,              // no limit: an error of a service's own
    kTimeout,           // of dependencies[index]
    kJourney,           // deadline or patience of the journey
    kTimeLimit,         // of services[index]
    kConsumerDeadline,  // of services[index]
    kOwnSlots,          // services[index] waited for a slot that its own caller holds
  };
  Kind kind = Kind::kNone;
  std::uint32_t index = 0;
  auto operator<=>(const TrialLimit&) const = default;
};

// The counts for one node of a journey's tree, from its caller's side.
struct CallTrial {
  std::uint64_t calls = 0;
  std::uint64_t attempts = 0;
  std::uint64_t timeouts = 0;  // at the dependency's own timeout
  std::uint64_t blocked = 0;   // ended while something in it waited for its own caller's slot
  double seconds_left = 0;     // from each call's start to its caller's deadline; the sum
  // The sum of the retries that would fit in if each attempt failed at once, or by its timeout.
  std::uint64_t retries_after_errors = 0;
  std::uint64_t retries_after_timeouts = 0;
};

struct JourneyTrial {
  std::uint64_t requests = 0;
  std::map<TrialLimit, std::uint64_t> failed;            // by what ended them
  std::map<std::uint32_t, CallTrial> calls;              // by node, without the root
  std::map<std::uint32_t, std::uint64_t> messages;       // by node that consumers handle
  std::map<std::uint32_t, std::uint64_t> messages_late;  // that their deadline ended

  std::uint64_t failed_total() const;
};

// How long a caller waits for a good answer when no limit ends the call before.
struct AnswerTimes {
  sim::Duration p50;
  sim::Duration p95;
  sim::Duration p99;
};

class RequestTrial {
 public:
  // `topology` must outlive this.
  explicit RequestTrial(const Topology& topology);

  // Tries `requests` of the journey, fewer if they would make more than `spans_max` spans.
  JourneyTrial Try(const JourneyInfo& journey, std::uint64_t requests, std::uint64_t spans_max);

  // The times of the call `node` (not a root), or of a whole request, without a limit by its
  // callers. Tried `attempts` times; nullopt: there is hardly ever an answer.
  std::optional<AnswerTimes> AnswerTimesOf(std::uint32_t node, std::uint64_t attempts);
  std::optional<AnswerTimes> AnswerTimesOf(const JourneyInfo& journey, std::uint64_t attempts);

  // The shortest time of a good answer to the call or request `node`, network included;
  // Duration::Max(): there is none. Exact, because each distribution's least value is exact.
  sim::Duration LeastAnswerTime(std::uint32_t node) const { return least_[node]; }

 private:
  struct Deadline {
    std::int64_t at = 0;  // ns
    TrialLimit limit;
  };
  struct Outcome {
    std::int64_t end = 0;
    bool is_ok = true;
    bool is_retryable = true;
    TrialLimit limit = {};  // if it is not ok
  };
  // The host of a span.
  struct Place {
    std::uint32_t service = 0;
    std::uint32_t host = 0;  // number within the service
    std::uint32_t zone = 0;
    bool operator==(const Place&) const = default;
  };

  void Begin(std::uint64_t spans_max);
  double Uniform();
  bool IsTaken(std::uint64_t threshold);
  std::int64_t Latency(std::uint32_t from_zone, std::uint32_t to_zone);
  Place Choose(std::uint32_t service, std::uint32_t from_zone);
  std::int64_t Pause(const RetryPolicy& retries, int attempt);
  Outcome Work(std::uint32_t node, Place place, std::int64_t start, Deadline deadline);
  Outcome Span(std::uint32_t node, Place place, std::int64_t start, Deadline deadline);
  Outcome OwnWork(const ServiceInfo& service, std::int64_t start, const Deadline& deadline);
  std::optional<Outcome> Blocked(Place place, std::int64_t start, const Deadline& deadline) const;
  Outcome MakeCall(std::uint32_t node, std::uint32_t zone, std::int64_t start,
                   const Deadline& deadline);
  Outcome Attempt(std::uint32_t node, std::uint32_t zone, std::int64_t start,
                  const Deadline& deadline);
  void HandleMessage(std::uint32_t node, std::uint32_t zone);
  std::uint64_t RetriesThatFit(const RetryPolicy& retries, std::int64_t attempt_time,
                               std::int64_t time_left);
  // The call, its time left, and the retries that would fit into that.
  void CountCall(std::uint32_t node, std::int64_t time_left);
  std::int64_t FindLeast(std::uint32_t node, std::vector<std::uint32_t>& held);
  std::optional<std::int64_t> AnswerTime(std::uint32_t node, std::uint32_t zone);

  const Topology& topology_;
  sim::DrawBlock block_{{}};
  std::uint64_t draws_ = 0;
  int words_left_ = 0;
  std::uint64_t spans_left_ = 0;
  bool is_exhausted_ = false;
  std::vector<Place> held_;        // slots held by spans that wait for the current one
  JourneyTrial* trial_ = nullptr;  // null: nothing is counted
  std::int64_t hop_min_ = 0;
  std::vector<sim::Duration> least_;  // answer times, by node
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_REVIEW_REQUEST_TRIAL_H_
