// The state of a traffic source. Plain data, changed by the source's own handlers only.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_SOURCE_H_
#define GROUNDHOG_MODEL_WORLD_STATE_SOURCE_H_

#include <cstdint>
#include <vector>

#include "model/world/state/host.h"

namespace groundhog::model {

// A user of a population.
struct User {
  std::uint64_t turns = 0;  // taken so far; each has draws of its own
  std::uint32_t step = 0;   // of the session
  std::uint32_t times = 0;  // how often the step was done
};

struct Source {
  Caller caller;
  std::uint64_t next_ordinal = 0;  // of its candidate requests
  sim::VirtualTime exact_arrival;  // of the latest candidate; its event is on the grid
  std::vector<User> users;         // none: its requests arrive at a rate
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_SOURCE_H_
