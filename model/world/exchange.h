// Advances partitions together and delivers what they send each other. InTurn does it in one
// thread; an exchange for threads or processes keeps the same contract, and the records stay the
// same.
#ifndef GROUNDHOG_MODEL_WORLD_EXCHANGE_H_
#define GROUNDHOG_MODEL_WORLD_EXCHANGE_H_

#include <memory>
#include <span>

#include "model/world/partition.h"
#include "sim/time.h"

namespace groundhog::model {

// A stretch of virtual time, to be gone through window by window. A window begins with the earliest
// event of all partitions, and ends `lookahead` after it, or at `until` if that is earlier; neither
// end belongs to it.
struct Stretch {
  sim::VirtualTime until;   // exclusive
  sim::Duration lookahead;  // no event has an effect on another entity before this has passed
  int windows_max = 0;      // it ends after at most this many windows
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  // Goes through the stretch: for each window advances every partition to its end, in any order or
  // at once, then delivers what they sent each other. Returns the time of the next event of all;
  // VirtualTime::Max() if none is pending. Where a stretch ends does not depend on how many
  // partitions there are.
  virtual sim::VirtualTime Run(const Stretch& stretch) = 0;
};

// Moves all parcels from the partitions' outboxes to the partitions that they are for.
void DeliverParcels(std::span<const std::unique_ptr<Partition>> partitions);

// The time of the next event of all partitions; VirtualTime::Max() if none is pending.
sim::VirtualTime NextTime(std::span<const std::unique_ptr<Partition>> partitions);

// One partition after the other, in the calling thread. The partitions must outlive it.
class InTurn : public Exchange {
 public:
  explicit InTurn(std::span<const std::unique_ptr<Partition>> partitions)
      : partitions_(partitions) {}

  sim::VirtualTime Run(const Stretch& stretch) override;

 private:
  const std::span<const std::unique_ptr<Partition>> partitions_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_EXCHANGE_H_
