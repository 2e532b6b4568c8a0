// Which records of a world are not in the same world without a fault, or are other there.
//
// Both worlds draw everything by what it is for, so a record that the fault did not reach is in
// both, the same. A record is looked for by what it is about: the request and the step (span), or
// the host and the time for a record of no request; its level and its error code. It differs where
// nothing of that is found, or where its latency in milliseconds is another. When it was written,
// and the values in its message, do not count.
//
// Deterministic. Not thread-safe. Memory follows the records that are not found, of the last
// kHorizon.
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
  // How far apart in virtual time two records may be and still be found to be one.
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

  // Forgets what is before `time`: nothing of it will be found any more.
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
  };

  static Key KeyOf(const traces::Record& record);
  void AddReal(const traces::Record& record, std::uint64_t number, std::vector<Verdict>* verdicts);
  void AddOther(const traces::Record& record, std::vector<Verdict>* verdicts);

  std::multimap<Key, Unfound> real_;
  std::multimap<Key, Unfound> other_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_TRUTH_COMPARISON_H_
