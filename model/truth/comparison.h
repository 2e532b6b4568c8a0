// Which records of a world are missing, or have another latency, in the same world without a fault.
//
// Both worlds draw everything by what it is for, so a record that the fault did not reach is in
// both, the same. A record is looked for by what it is about: the request and the step (span), or
// the host and the time for a record of no request; its level and its error code. When it was
// written does not count, within kHorizon, nor does its message: but of several in a stretch that
// may be it, one with the same message is preferred.
//
// Deterministic. Not thread-safe. Memory follows the records of both worlds that are not found and
// that ForgetBefore has left.
#ifndef GROUNDHOG_MODEL_TRUTH_COMPARISON_H_
#define GROUNDHOG_MODEL_TRUTH_COMPARISON_H_

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

class Comparison {
 public:
  // Two records that are further apart in virtual time are never found to be one.
  static constexpr sim::Duration kHorizon = sim::Minutes(10);

  // Of a record that is found in the other world.
  struct Verdict {
    std::uint64_t number = 0;  // in the real world
    bool has_other_latency = false;
  };

  // The records of both worlds in the same stretch of time, which begins where the last one ended,
  // each in the order of (time, host). The real ones are numbered from `first`. Appends what is
  // known now to `verdicts`; of a record that is not found there is none.
  void Add(std::span<const traces::Record> real, std::uint64_t first,
           std::span<const traces::Record> other, std::vector<Verdict>* verdicts);

  // Frees the memory of what is before `time`, which is at least kHorizon before the end of the
  // last stretch, so that no verdict depends on it.
  void ForgetBefore(sim::VirtualTime time);

 private:
  // What a record is about.
  struct Key {
    std::uint64_t ordinal = 0;  // of the request; of no request: the time
    std::uint32_t source = 0;
    std::uint32_t span = 0;
    std::uint16_t error_code = 0;
    std::uint8_t level = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Unfound {
    sim::VirtualTime time;
    std::int64_t milliseconds = 0;
    std::uint64_t number = 0;  // in the real world
    std::uint16_t message = 0;
  };

  static Key KeyOf(const traces::Record& record);
  using UnfoundByKey = std::multimap<Key, Unfound>;

  // Pairs the real records of a key with the others, each with the earliest that it may have.
  void Pair(const Key& key, bool needs_same_message, std::vector<Verdict>* verdicts);

  UnfoundByKey real_;
  UnfoundByKey other_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_TRUTH_COMPARISON_H_
