// Templates with the same meaning in different words; a draw chooses one of them.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_MESSAGE_GROUP_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_MESSAGE_GROUP_H_

#include <cstdint>

namespace groundhog::model {

// Indices into the catalogue's templates: [first, first + count).
struct MessageGroup {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_MESSAGE_GROUP_H_
