// A span in the making: a host's handling of one attempt, from the moment the attempt is sent until
// its record is emitted. Also the client's view of a request (host = the traffic source), so that
// sources call the entry service by the same code that hosts call dependencies.
//
// A span belongs to the entity that it is addressed to; while it travels it is the message itself.
#ifndef GROUNDHOG_MODEL_SPAN_H_
#define GROUNDHOG_MODEL_SPAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/failure.h"
#include "model/log_model.h"
#include "sim/entity.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

using SpanHandle = std::uint32_t;
inline constexpr SpanHandle kNoSpan = 0xFFFFFFFFu;

// Refers to a span as it was: once the span has moved on (another attempt, ended, reused) its epoch
// differs and whatever comes for the reference is stale.
struct SpanReference {
  SpanHandle handle = kNoSpan;
  std::uint32_t epoch = 0;
};

enum class SpanState : std::uint8_t {
  kFree,
  kTravelling,
  kQueued,
  kWorking,
  kCalling,
  kBackingOff
};

struct Span {
  // Who and what.
  sim::EntityId host{};
  std::uint32_t node = 0;
  std::uint32_t journey = 0;
  std::uint32_t path = 0;  // for draws: the chain of calls and earlier attempts that led here
  std::uint64_t ordinal = 0;
  traces::SpanId id = traces::SpanId::kNone;
  traces::SpanId parent = traces::SpanId::kNone;
  std::uint16_t attempt = 1;
  SpanState state = SpanState::kFree;
  std::uint32_t epoch = 0;
  // Who waits for it.
  sim::EntityId caller{};
  SpanReference caller_span;
  std::uint32_t way_back_word = 0;  // the draw of the reply's network latency
  // When.
  sim::VirtualTime arrival;
  sim::VirtualTime started;  // of its own work: after waiting for a slot
  sim::VirtualTime deadline;
  // Its own work.
  Failure failure = Failure::kNone;    // decided for the end of the own work
  traces::ErrorCodeId failure_code{};  // with kOwn
  MessageGroup failure_messages;       // with kOwn
  bool failure_retryable = true;
  bool caller_notified = false;    // that it is affected, see truth
  std::uint32_t message_word = 0;  // the draw that chooses the INFO message
  // Its calls.
  std::uint16_t child = 0;
  std::uint16_t call_attempt = 0;
  sim::EntityId callee{};
  std::uint16_t call_attempts_max = 0;
  sim::VirtualTime attempt_sent;
  sim::VirtualTime attempt_deadline;
  sim::Duration longest_wait;
  traces::ServiceId longest_dependency = traces::ServiceId::kNone;
  traces::ServiceId degraded_dependency = traces::ServiceId::kNone;  // a fallback was used
  traces::Truth truth;
};

// All spans of a run, in reused slots; memory follows the number in flight.
class SpanTable {
 public:
  // A fresh span; earlier references to its slot are stale. May move all spans: pointers obtained
  // before are invalid.
  SpanHandle Allocate() {
    if (free_.empty()) {
      spans_.emplace_back();
      return static_cast<SpanHandle>(spans_.size() - 1);
    }
    const SpanHandle handle = free_.back();
    free_.pop_back();
    return handle;
  }

  void Free(SpanHandle handle) {
    const std::uint32_t epoch = spans_[handle].epoch + 1;
    spans_[handle] = Span();
    spans_[handle].epoch = epoch;
    free_.push_back(handle);
  }

  Span& operator[](SpanHandle handle) { return spans_[handle]; }
  const Span& operator[](SpanHandle handle) const { return spans_[handle]; }

  SpanReference Reference(SpanHandle handle) const { return {handle, spans_[handle].epoch}; }
  bool IsCurrent(SpanReference reference) const {
    return spans_[reference.handle].epoch == reference.epoch;
  }

  std::size_t in_use() const { return spans_.size() - free_.size(); }

 private:
  std::vector<Span> spans_;
  std::vector<SpanHandle> free_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SPAN_H_
