// The log model: which message a record carries. Templates (the scenario's and the built-in ones)
// become the catalogue's; their slots are filled from simulated state.
//
// Immutable after construction; safe to read from any thread.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_LOG_MODEL_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_LOG_MODEL_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/scenario/message_slots.h"
#include "model/scenario/scenario.h"
#include "model/world/plan/failure.h"
#include "model/world/plan/message_group.h"
#include "model/world/plan/topology.h"
#include "sim/entity.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

// Simulated state that slots may show and that a record's own fields do not have.
struct MessageContext {
  const SourceInfo* source = nullptr;  // of the request; null: of none
  std::uint64_t ordinal = 0;
  sim::Duration timeout{};
  sim::Duration backoff{};
  std::int64_t call_attempt = 0;
  std::int64_t attempts_max = 0;
  std::int64_t queue_depth = 0;
  std::int64_t in_flight = 0;
  std::int64_t slots = 0;
  sim::EntityId peer_host{};
  // Of an interval.
  std::int64_t spans = 0;
  std::int64_t errors = 0;
  std::int64_t load_hundredths = 0;
};

// What a request is about, drawn once and the same on every host that it reaches. Closed-loop users
// keep their number.
struct RequestFacts {
  std::int64_t user = 0;
  std::int64_t items = 0;
  std::int64_t amount_hundredths = 0;
  std::int64_t sku = 0;
};

// The messages of a span's WARN records that are about a call that is tried again. Its other
// records say how the span ended.
std::vector<traces::MessageTemplate> RetryMessages();

class LogModel {
 public:
  LogModel(const Scenario& scenario, const Topology& topology);

  const std::vector<traces::MessageTemplate>& templates() const { return templates_; }

  MessageGroup Ok(std::uint32_t service) const { return ok_[service]; }
  // Of a service's own error, by its index in the scenario.
  MessageGroup Own(std::uint32_t service, std::uint32_t error) const {
    return own_[service][error];
  }
  // For a code that a fault injects: the service's own templates for that code, if it has any.
  MessageGroup Injected(std::uint32_t service, traces::ErrorCodeId code) const;
  // Of a failure with a code of its own; not kNone or kOwn.
  MessageGroup Failed(Failure failure) const {
    return failures_[static_cast<std::size_t>(failure)];
  }
  MessageGroup RetryAfterTimeout() const { return retry_after_timeout_; }
  MessageGroup RetryAfterError() const { return retry_after_error_; }
  MessageGroup Degraded() const { return degraded_; }
  MessageGroup Slow() const { return slow_; }
  MessageGroup Started() const { return started_; }
  MessageGroup Interval() const { return interval_; }
  MessageGroup DegradedInterval() const { return degraded_interval_; }

  // Sets the record's message and stored slots. `word` is a uniform draw.
  void Fill(MessageGroup group, std::uint32_t word, const MessageContext& context,
            traces::Record* record) const;

 private:
  MessageGroup Add(const std::vector<std::string>& texts);
  static std::int64_t Value(MessageSlot slot, const MessageContext& context,
                            const RequestFacts& facts);

  std::vector<traces::MessageTemplate> templates_;
  std::vector<std::vector<MessageSlot>> stored_;  // by template: what its stored slots show
  std::vector<bool> tells_facts_;                 // by template: whether any is a RequestFact
  std::vector<MessageGroup> ok_;
  std::vector<std::vector<MessageGroup>> own_;
  std::vector<std::vector<traces::ErrorCodeId>> own_codes_;
  MessageGroup internal_error_;
  std::array<MessageGroup, kFailureCount> failures_{};
  MessageGroup retry_after_timeout_;
  MessageGroup retry_after_error_;
  MessageGroup degraded_;
  MessageGroup slow_;
  MessageGroup started_;
  MessageGroup interval_;
  MessageGroup degraded_interval_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_LOG_MODEL_H_
