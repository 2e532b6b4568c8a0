#include "traces/order_number.h"

#include <xxhash.h>

#include <string>

namespace groundhog::traces {

OrderNumbers::OrderNumbers(const Catalogue& catalogue) : keys_(catalogue) {
  starts_.reserve(catalogue.entities.size());
  for (const EntityEntry& entity : catalogue.entities) {
    const std::string text = KindAndName(entity);
    starts_.push_back(XXH3_64bits(text.data(), text.size()));
  }
}

}  // namespace groundhog::traces
