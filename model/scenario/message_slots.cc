#include "model/scenario/message_slots.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "text/concat.h"
#include "text/suggestion.h"
#include "text/utf8.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FirstInvalidUtf8;

using traces::RequestField;
using traces::SlotKind;

constexpr std::size_t kMessageLengthMax = 1000;

constexpr std::array<MessageSlotEntry, 24> kMessageSlots = {{
    {"duration_ms", MessageSlot::kDurationMs, SlotKind::kDuration, "how long the span took, in ms"},
    {"queue_wait_ms", MessageSlot::kQueueWaitMs, SlotKind::kQueueWait,
     "how long it waited for a slot, in ms"},
    {"dependency", MessageSlot::kDependency, SlotKind::kDependency,
     "the callee that it waited for longest, none if it called nobody"},
    {"attempt", MessageSlot::kAttempt, SlotKind::kAttempt, "the attempt's number, from 1"},
    {"attempts_max", MessageSlot::kAttemptsMax, SlotKind::kInteger,
     "how many attempts the caller makes at most", false},
    {"service", MessageSlot::kService, SlotKind::kOwnService, "the service's name"},
    {"host", MessageSlot::kHost, SlotKind::kOwnHost, "the host's name"},
    {"error_code", MessageSlot::kErrorCode, SlotKind::kErrorCode, "the record's error code"},
    {"request", MessageSlot::kRequest, SlotKind::kRequest, "the request's number in its journey"},
    {"user", MessageSlot::kUser, RequestField(0, SlotKind::kInteger),
     "the number of the user who asks; a closed-loop user keeps it"},
    {"order", MessageSlot::kOrder, SlotKind::kOrder,
     "the number of the request's order, such as 417-2847583-0183745; no other request has it"},
    {"items", MessageSlot::kItems, RequestField(1, SlotKind::kInteger),
     "how many items the request is about"},
    {"amount", MessageSlot::kAmount, RequestField(2, SlotKind::kHundredths),
     "what they cost, with two decimals"},
    {"sku", MessageSlot::kSku, RequestField(3, SlotKind::kHex),
     "the first item's stock number, eight hex digits"},
    {"timeout_ms", MessageSlot::kTimeoutMs, SlotKind::kMilliseconds,
     "the time allowed for the attempt, in ms", false},
    {"queue_depth", MessageSlot::kQueueDepth, SlotKind::kInteger, "spans that wait on the host"},
    {"in_flight", MessageSlot::kInFlight, SlotKind::kInteger, "slots in use on the host"},
    {"slots", MessageSlot::kSlots, SlotKind::kInteger, "the host's slots"},
    {"peer_host", MessageSlot::kPeerHost, SlotKind::kHost, "the callee's host that was called",
     false},
    {"call_attempt", MessageSlot::kCallAttempt, SlotKind::kInteger,
     "the number of the span's latest attempt of its latest call, from 1", false},
    {"backoff_ms", MessageSlot::kBackoffMs, SlotKind::kMilliseconds,
     "the wait before the next attempt, in ms", false},
    {"spans", MessageSlot::kSpans, SlotKind::kInteger,
     "spans that the host finished in the log interval", false},
    {"errors", MessageSlot::kErrors, SlotKind::kInteger, "how many of those failed", false},
    {"load", MessageSlot::kLoad, SlotKind::kHundredths,
     "spans held or waiting on the host, averaged over the log interval", false},
}};

const MessageSlotEntry* FindSlot(std::string_view name) {
  const auto found = std::ranges::find(kMessageSlots, name, &MessageSlotEntry::name);
  return found == kMessageSlots.end() ? nullptr : &*found;
}

absl::Status UnknownSlot(std::string_view name) {
  std::vector<std::string_view> names;
  for (const MessageSlotEntry& entry : kMessageSlots) {
    if (entry.is_for_services) names.push_back(entry.name);
  }
  std::string hint = text::DidYouMean(name, names);
  if (hint.empty()) hint = "; docs/SCENARIO.md lists the slots, and {{ writes a brace";
  return absl::InvalidArgumentError(Concat({"unknown slot '{", name, "}'", hint}));
}

absl::Status CheckText(std::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("a message must not be empty");
  if (text.size() > kMessageLengthMax) {
    return absl::InvalidArgumentError("a message may have 1000 bytes at most");
  }
  if (FirstInvalidUtf8(text) != std::string_view::npos) {
    return absl::InvalidArgumentError("a message must be UTF-8");
  }
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return absl::InvalidArgumentError(
          "a message is one line without control characters; leave out line breaks and tabs");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::span<const MessageSlotEntry> MessageSlots() { return kMessageSlots; }

absl::StatusOr<ParsedMessage> ParseMessage(std::string_view text) {
  const absl::Status status = CheckText(text);
  if (!status.ok()) return status;
  ParsedMessage parsed;
  int stored = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_doubled = i + 1 < text.size() && text[i + 1] == c;
    if ((c == '{' || c == '}') && is_doubled) {
      parsed.message.text += {c, c};
      ++i;
    } else if (c == '}') {
      return absl::InvalidArgumentError("'}' without its '{'; }} writes a brace");
    } else if (c == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) {
        return absl::InvalidArgumentError("'{' without its '}'; {{ writes a brace");
      }
      const std::string_view name = text.substr(i + 1, end - i - 1);
      const MessageSlotEntry* entry = FindSlot(name);
      if (entry == nullptr) return UnknownSlot(name);
      if (traces::IsStored(entry->kind)) ++stored;
      parsed.message.text += "{}";
      parsed.message.slots.push_back(entry->kind);
      parsed.fills.push_back(entry->slot);
      i = end;
    } else {
      parsed.message.text += c;
    }
  }
  if (stored > traces::kStoredSlotsMax) {
    return absl::InvalidArgumentError(
        "a message may have six slots at most besides duration_ms, queue_wait_ms, dependency, "
        "attempt, service, host, error_code, request and order");
  }
  return parsed;
}

}  // namespace groundhog::model
