// The events of the simulated world: what happens to an entity at a time.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_EVENT_H_
#define GROUNDHOG_MODEL_WORLD_STATE_EVENT_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/world/state/handle_table.h"
#include "traces/record.h"

namespace groundhog::model {

enum class EventKind : std::uint8_t {
  kArrival,         // source: the next candidate request
  kUserTurn,        // source: a user (the reference's handle) has done thinking
  kAttemptArrives,  // host: an attempt or message has crossed the network
  kWorkDone,        // host: a span's own work is finished
  kSpanDeadline,    // host: a waiting or working span has run out of time, or of time to wait
  kCancel,          // host: a span's caller has given up; the reference has the span's birth
  kCancelByCall,    // the same from another partition, which knows the caller's call only
  kReply,           // caller: an attempt was answered
  kAttemptTimeout,  // caller: an attempt was not answered in time
  kRetry,           // caller: the backoff of a call is over
  kBreakerRefused,  // caller: the breaker let no attempt through
  kNotice,          // caller: the attempt under way is affected by a fault (truth only)
  kInterval,        // host: time for the interval log
  kStop,            // host: a crash or a deploy (see truth) takes it down
  kRestart,         // host: and brings it up again
  kCapacity,        // host: a capacity fault may have given slots back
};

inline constexpr std::array<const char*, 16> kEventKindNames = {
    "arrival",        "user_turn", "attempt_arrives", "work_done", "span_deadline",   "cancel",
    "cancel_by_call", "reply",     "attempt_timeout", "retry",     "breaker_refused", "notice",
    "interval",       "stop",      "restart",         "capacity"};

using EventCounts = std::array<std::uint64_t, kEventKindNames.size()>;  // by EventKind

enum class Outcome : std::uint8_t { kOk, kFailed, kFailedForGood };  // for good: not to be retried

// Small and trivially copyable, as the queue wants it.
struct Event {
  EventKind kind = EventKind::kArrival;
  Outcome outcome = Outcome::kOk;
  bool is_late = false;        // of an answer: `truth` has held it up
  ValueReference reference{};  // to a span at its host, to a call at its caller
  traces::Truth truth{};
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_EVENT_H_
