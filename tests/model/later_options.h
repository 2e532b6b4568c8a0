// Options that a user may give together with the text that `scenario show` printed.
#ifndef GROUNDHOG_TESTS_MODEL_LATER_OPTIONS_H_
#define GROUNDHOG_TESTS_MODEL_LATER_OPTIONS_H_

#include <vector>

#include "model/scenario/overrides.h"

namespace groundhog::model {

inline std::vector<Overrides> LaterOptions() {
  using Kind = Override::Kind;
  const Override start = {.kind = Kind::kStart, .value = "2025-03-05T07:08:09.25Z"};
  const Override duration = {.kind = Kind::kDuration, .value = "11h"};
  const Override scale = {.kind = Kind::kScale, .value = "3"};
  const Override seed = {.kind = Kind::kSeed, .value = "18446744073709551615"};
  return {{start}, {duration}, {scale}, {seed}, {start, duration, scale, seed}};
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_LATER_OPTIONS_H_
