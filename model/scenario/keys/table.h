// The table of keys.h, in parts. Internal to it.
#ifndef GROUNDHOG_MODEL_SCENARIO_KEYS_TABLE_H_
#define GROUNDHOG_MODEL_SCENARIO_KEYS_TABLE_H_

#include <span>

#include "model/scenario/keys/keys.h"

namespace groundhog::model {

std::span<const ObjectSpec> WorldObjects();  // the whole scenario first
std::span<const ObjectSpec> ServiceObjects();
std::span<const ObjectSpec> RequestObjects();
std::span<const ObjectSpec> FaultObjects();
std::span<const ObjectSpec> ClaimObjects();

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_KEYS_TABLE_H_
