// The state of a host, and what any caller (host or traffic source) knows of its callees.
#ifndef GROUNDHOG_MODEL_HOST_H_
#define GROUNDHOG_MODEL_HOST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/slot_table.h"
#include "sim/random.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

// How many attempts a caller has under way to each host; only hosts with some are kept.
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

// Spans that wait for a slot, first in first out. Those that gave up stay as stale references until
// they come to the front.
class WaitingLine {
 public:
  bool empty() const { return front_ == references_.size(); }
  void Push(SlotReference reference) { references_.push_back(reference); }
  // Needs !empty().
  SlotReference Pop() {
    const SlotReference reference = references_[front_++];
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

 private:
  static constexpr std::size_t kCompactAt = 64;
  std::vector<SlotReference> references_;
  std::size_t front_ = 0;
};

// What a host's interval log reports, since the last one.
struct IntervalStatistics {
  std::vector<sim::Duration> durations;  // of finished spans, in order of finishing
  std::uint32_t errors = 0;
  // The integral over time of the number of spans held or waiting: span-nanoseconds. Unsigned
  // wrap-around is harmless: only differences are used.
  std::uint64_t work_in_flight = 0;
  sim::VirtualTime integrated_until;
  traces::Truth truth;  // of its first failure that is due to a fault
};

struct Host {
  std::uint32_t service = 0;
  sim::StreamKey key;
  std::uint32_t slots_in_use = 0;
  std::uint32_t waiting = 0;  // in line and not given up
  WaitingLine line;
  traces::Truth backlog;        // the cause that those who wait inherit; none when nobody waits
  std::uint64_t intervals = 0;  // logged so far
  IntervalStatistics interval;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_HOST_H_
