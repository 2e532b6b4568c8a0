// The state of a host, and what any caller (host or traffic source) knows of its callees.
// Plain data, each changed by the handlers of its own entity only.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_HOST_H_
#define GROUNDHOG_MODEL_WORLD_STATE_HOST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/world/state/circuit_breaker.h"
#include "model/world/state/duration_sample.h"
#include "model/world/state/handle_table.h"
#include "model/world/state/retry_budget.h"
#include "sim/random.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

// The number of attempts that a caller has under way to each host; hosts with none are not kept.
class OutstandingCounts {
 public:
  std::uint32_t Of(std::uint32_t host) const {
    const auto found = Find(host);
    return found != counts_.end() && found->first == host ? found->second : 0;
  }
  void Add(std::uint32_t host) {
    const auto found = counts_.begin() + (Find(host) - counts_.cbegin());
    if (found != counts_.end() && found->first == host) {
      ++found->second;
    } else {
      counts_.insert(found, {host, 1});
    }
  }
  void Remove(std::uint32_t host) {
    const auto found = counts_.begin() + (Find(host) - counts_.cbegin());
    if (found == counts_.end() || found->first != host) return;
    if (--found->second == 0) counts_.erase(found);
  }

 private:
  using Entry = std::pair<std::uint32_t, std::uint32_t>;
  std::vector<Entry>::const_iterator Find(std::uint32_t host) const {
    return std::lower_bound(
        counts_.cbegin(), counts_.cend(), host,
        [](const Entry& entry, std::uint32_t key) { return entry.first < key; });
  }

  std::vector<Entry> counts_;  // by host
};

// Round robin: the next host of each callee.
class Turns {
 public:
  // The next number below `count`, cyclically; `first` (modulo count) the first time.
  std::uint32_t Next(std::uint32_t service, std::uint32_t first, std::uint32_t count) {
    const auto found = std::ranges::find(turns_, service, &Entry::first);
    std::uint32_t& turn =
        found != turns_.end() ? found->second : turns_.emplace_back(service, first).second;
    const std::uint32_t chosen = turn % count;
    turn = chosen + 1;
    return chosen;
  }

 private:
  using Entry = std::pair<std::uint32_t, std::uint32_t>;
  std::vector<Entry> turns_;  // a caller has few callees
};

// What a caller knows.
struct Caller {
  std::uint64_t events_sent = 0;  // so far: the sequence of the next
  OutstandingCounts outstanding;
  Turns turns;
};

// Spans that wait for a slot, first in first out. Spans that gave up remain as stale references
// until they come to the front or are dropped.
class WaitingLine {
 public:
  bool empty() const { return front_ == references_.size(); }
  std::size_t size() const { return references_.size() - front_; }
  void Push(ValueReference reference) { references_.push_back(reference); }
  // Needs !empty().
  ValueReference Pop() {
    const ValueReference reference = references_[front_++];
    if (front_ == references_.size()) {
      references_.clear();
      front_ = 0;
    } else if (front_ >= kCompactAt && front_ * 2 >= references_.size()) {
      references_.erase(references_.begin(),
                        references_.begin() + static_cast<std::ptrdiff_t>(front_));
      front_ = 0;
    }
    return reference;
  }
  // Keeps only those for which `is_current` is true, in their order.
  template <class Predicate>
  void KeepIf(const Predicate& is_current) {
    references_.erase(references_.begin(),
                      references_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
    std::erase_if(references_, [&](ValueReference each) { return !is_current(each); });
  }

 private:
  static constexpr std::size_t kCompactAt = 64;
  std::vector<ValueReference> references_;
  std::size_t front_ = 0;
};

// What a host's interval log reports, since the last one.
struct IntervalStatistics {
  DurationSample durations;  // of finished spans
  // The integral over time of the number of spans held or waiting: span-nanoseconds.
  std::uint64_t work_in_flight = 0;
  sim::VirtualTime integrated_until;
  std::uint32_t errors = 0;
  traces::Truth truth;       // of its failures that are due to a fault, the one that began first
  std::uint32_t blamed = 0;  // finished spans that were slowed down
  traces::Truth blamed_on;   // their cause that began first
};

// Workers and the line before them: a host has one for requests (its slots) and one for the
// messages of async calls (its consumers).
struct Station {
  std::uint32_t in_use = 0;   // workers that hold a span
  std::uint32_t waiting = 0;  // in line and not given up
  traces::Truth backlog;      // the cause that waiting spans inherit; none when no span waits
  std::uint32_t blamed = 0;   // of those in use: held by spans that have a cause
  traces::Truth blamed_on;    // the cause of the last of them
  WaitingLine line;
};

// What a host knows of one of its dependencies, if that has a retry budget or a breaker.
struct CallGuard {
  std::optional<RetryBudget> budget;
  std::optional<CircuitBreaker> breaker;
  traces::Truth failed_by;  // the cause of the last failure that has one
  traces::Truth opened_by;  // the cause of the failures that opened the breaker
};

// What every span needs comes first, in adjacent cache lines: of many thousand hosts few are in the
// cache.
struct alignas(64) Host {
  Caller caller;
  std::uint32_t service = 0;
  std::uint32_t number = 0;  // within the service, from 0
  Station requests;
  sim::VirtualTime delay_was_low;  // when a span last got a slot without waiting too long
  IntervalStatistics interval;
  std::uint32_t faults_down = 0;  // that keep it down now
  traces::Truth restarted_by;     // none: it never was down
  // Its spans in hand, those that wait or hold a worker: a list, in the order of arrival.
  Handle first_in_hand = kNoHandle;
  Handle last_in_hand = kNoHandle;
  Station messages;
  std::vector<CallGuard> guards;  // by DependencyInfo::guard
  sim::VirtualTime restarted_at;
  std::uint64_t own_records = 0;  // of no request, so far
  sim::StreamKey key;

  bool is_down() const { return faults_down > 0; }
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_HOST_H_
