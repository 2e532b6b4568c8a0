// The vocabulary of message templates: what `{slot}` may say in a scenario's messages, and how the
// trace keeps it. One table for the parser, which refuses other words, and for the log model, which
// fills them from simulated state.
//
// Pure functions over a constant table; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_MESSAGE_SLOTS_H_
#define GROUNDHOG_MODEL_SCENARIO_MESSAGE_SLOTS_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "traces/catalogue.h"

namespace groundhog::model {

enum class MessageSlot : std::uint8_t {
  kDurationMs,
  kQueueWaitMs,
  kDependency,
  kAttempt,
  kAttemptsMax,
  kService,
  kHost,
  kErrorCode,
  kRequest,
  kUser,
  kOrder,
  kItems,
  kAmount,
  kSku,
  kTimeoutMs,
  kQueueDepth,
  kInFlight,
  kSlots,
  kPeerHost,
  kCallAttempt,
  kBackoffMs,
  kSpans,
  kErrors,
  kLoad,
};

struct MessageSlotEntry {
  std::string_view name;  // as written between the braces
  MessageSlot slot;
  traces::SlotKind kind;     // how the trace keeps and shows it
  std::string_view meaning;  // half a sentence for SCENARIO.md
  // Whether a service's own messages may have it: what a span knows at its end. The others are
  // about one call or one interval, which only built-in messages are.
  bool is_for_services = true;
};

// All of them, in the order of MessageSlot.
std::span<const MessageSlotEntry> MessageSlots();

// A template as it enters the trace's catalogue, and which value goes into each of its slots:
// `fills[i]` belongs to `message.slots[i]`.
struct ParsedMessage {
  traces::MessageTemplate message;
  std::vector<MessageSlot> fills;
};

// Reads "Authenticated user {user} in {duration_ms} ms"; {{ and }} are literal braces.
// InvalidArgument: an unknown slot (with a suggestion), a brace without its pair, more than
// traces::kStoredSlotsMax slots that are stored, an empty or overlong text, a control character or
// bytes that are not UTF-8.
absl::StatusOr<ParsedMessage> ParseMessage(std::string_view text);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_MESSAGE_SLOTS_H_
