// Failure kinds: every way in which a span can fail, each with a stable error code.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_FAILURE_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_FAILURE_H_

#include <array>
#include <cstdint>

namespace groundhog::model {

// kOwn fails with a code of the service or of the fault; the others have one code each.
enum class Failure : std::uint8_t {
  kNone = 0,
  kOwn,                // the service's own error, or an error-rate fault
  kUnavailable,        // in an outage: refused at once
  kQueueFull,          // no slot free and no place to wait
  kQueueTimeout,       // its deadline or the queue_timeout passed while it waited for a slot
  kWorkTimeout,        // its deadline passed during its own work
  kDependencyTimeout,  // a dependency did not answer in time, on the last attempt
  kDependencyFailed,   // a dependency answered with an error, on the last attempt
  kShed,               // turned away by load shedding
  kCancelled,          // its caller gave up and said so
  kBreakerOpen,        // the caller's circuit breaker let no attempt through
};
inline constexpr int kFailureCount = 11;

// By Failure; kNone and kOwn have no code of their own.
inline constexpr std::array<const char*, kFailureCount> kFailureCodes = {
    "",        "",        "ERR_503", "ERR_429", "ERR_408", "ERR_524",
    "ERR_504", "ERR_502", "ERR_529", "ERR_499", "ERR_530"};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_FAILURE_H_
