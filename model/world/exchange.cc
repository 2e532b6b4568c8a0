#include "model/world/exchange.h"

#include <algorithm>
#include <vector>

namespace groundhog::model {
namespace {

// A partition without others needs nothing delivered. Its windows are as short, so that the stretch
// ends where it would with several.
sim::VirtualTime RunAlone(Partition& partition, const Stretch& stretch) {
  sim::VirtualTime next = partition.next_time();
  for (int i = 0; i < stretch.windows_max && next < stretch.until; ++i) {
    next = partition.AdvanceTo(std::min(stretch.until, next + stretch.lookahead));
  }
  return next;
}

}  // namespace

void DeliverParcels(std::span<const std::unique_ptr<Partition>> partitions) {
  for (const std::unique_ptr<Partition>& sender : partitions) {
    for (std::uint32_t to = 0; to < partitions.size(); ++to) {
      std::vector<Parcel>& parcels = sender->outbox(to);
      for (const Parcel& parcel : parcels) partitions[to]->TakeIn(parcel);
      parcels.clear();
    }
  }
}

sim::VirtualTime NextTime(std::span<const std::unique_ptr<Partition>> partitions) {
  sim::VirtualTime next = sim::VirtualTime::Max();
  for (const auto& partition : partitions) next = std::min(next, partition->next_time());
  return next;
}

sim::VirtualTime InTurn::Run(const Stretch& stretch) {
  if (partitions_.size() == 1) return RunAlone(*partitions_.front(), stretch);
  sim::VirtualTime next = NextTime(partitions_);
  for (int i = 0; i < stretch.windows_max && next < stretch.until; ++i) {
    const sim::VirtualTime end = std::min(stretch.until, next + stretch.lookahead);
    for (const auto& partition : partitions_) partition->AdvanceTo(end);
    DeliverParcels(partitions_);
    next = NextTime(partitions_);
  }
  return next;
}

}  // namespace groundhog::model
