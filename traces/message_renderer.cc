#include "traces/message_renderer.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"
#include "traces/put.h"

namespace groundhog::traces {
namespace {

// 00384029110056712 as 003-8402911-0056712. Overwrites a byte after the returned end.
char* PutOrder(std::uint64_t number, char* out) {
  constexpr std::uint64_t kGroup = 10'000'000;
  StoreLittleEndian32(FourDigits(number / (kGroup * kGroup)) >> 8, out);
  for (const std::uint64_t group : {number / kGroup % kGroup, number % kGroup}) {
    out[3] = '-';
    StoreLittleEndian32(FourDigits(group / 1'000), out + 4);
    StoreLittleEndian32(FourDigits(group % 1'000) >> 8, out + 8);
    out += 8;
  }
  return out + 3;
}

}  // namespace

std::size_t LongestOf(const std::vector<std::string>& texts) {
  std::size_t longest = 0;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  return longest;
}

MessageRenderer::MessageRenderer(const Catalogue& catalogue, Escape escape)
    : escape_(escape), order_numbers_(catalogue) {
  const auto add = [this](const std::string& text, std::vector<std::string>* out) {
    out->push_back(escape_ == nullptr ? text : escape_(text));
  };
  for (const ServiceEntry& service : catalogue.services) add(service.name, &service_names_);
  for (const EntityEntry& entity : catalogue.entities) add(entity.name, &entity_names_);
  for (const std::string& code : catalogue.error_codes) add(code, &error_codes_);
  for (const MessageTemplate& source : catalogue.templates) templates_.push_back(Build(source));
  bytes_max_ = LongestMessage();
}

MessageRenderer::Template MessageRenderer::Build(const MessageTemplate& source) const {
  const auto escaped = [this](const std::string& text) {
    return escape_ == nullptr ? text : escape_(text);
  };
  Template built;
  built.text = escaped(source.text);
  std::string literal;
  std::size_t slot = 0;
  for (std::size_t i = 0; i < source.text.size(); ++i) {
    const char c = source.text[i];
    if (c != '{' && c != '}') {
      literal += c;
      continue;
    }
    const char next = i + 1 < source.text.size() ? source.text[i + 1] : '\0';
    sim::Check(next == '{' || next == '}', "a checked template pairs its braces");
    ++i;
    if (c == next) {
      literal += c;
      continue;
    }
    sim::Check(slot < source.slots.size(), "a checked template has a kind for each slot");
    const SlotKind kind = source.slots[slot++];
    Piece piece{.literal = escaped(literal), .has_slot = true, .slot = ShownAs(kind)};
    if (IsStored(kind)) piece.stored_index = built.stored_count++;
    built.pieces.push_back(std::move(piece));
    literal.clear();
  }
  built.pieces.push_back(Piece{.literal = escaped(literal)});
  return built;
}

std::size_t MessageRenderer::LongestMessage() const {
  const std::size_t value_max = std::max({LongestOf(service_names_), LongestOf(entity_names_),
                                          LongestOf(error_codes_), kIntegerBytesMax + 2});
  std::size_t longest = 0;
  for (const Template& one : templates_) {
    std::size_t bytes = 0;
    for (const Piece& piece : one.pieces) bytes += piece.literal.size() + value_max;
    longest = std::max(longest, bytes);
  }
  return longest;
}

char* MessageRenderer::PutMessage(const Record& record, std::uint64_t trace_key, char* out) const {
  for (const Piece& piece : templates_[Index(record.message)].pieces) {
    out = Put(piece.literal, out);
    if (piece.has_slot) out = PutSlot(record, piece, trace_key, out);
  }
  return out;
}

char* MessageRenderer::PutSlot(const Record& record, const Piece& piece, std::uint64_t trace_key,
                               char* out) const {
  const std::int64_t stored = record.slots[piece.stored_index];
  switch (piece.slot) {
    case SlotKind::kInteger:
      return PutInteger(stored, out);
    case SlotKind::kMilliseconds:
      return PutInteger(sim::Duration(stored).milliseconds(), out);
    case SlotKind::kHundredths:
      return PutHundredths(stored, out);
    case SlotKind::kHex:
      return PutHex32(HexId(stored), out);
    case SlotKind::kService:
      return Put(service_names_[static_cast<std::size_t>(stored)], out);
    case SlotKind::kHost:
      return Put(entity_names_[static_cast<std::size_t>(stored)], out);
    case SlotKind::kDuration:
      return PutInteger(record.duration.milliseconds(), out);
    case SlotKind::kQueueWait:
      return PutInteger(record.queue_wait.milliseconds(), out);
    case SlotKind::kDependency:
      if (record.dependency == ServiceId::kNone) return Put("none", out);
      return Put(service_names_[Index(record.dependency)], out);
    case SlotKind::kAttempt:
      return PutInteger(record.attempt, out);
    case SlotKind::kErrorCode:
      if (record.error_code == ErrorCodeId::kNone) return Put("none", out);
      return Put(error_codes_[Index(record.error_code)], out);
    case SlotKind::kOwnService:
      return Put(service_names_[Index(record.service)], out);
    case SlotKind::kOwnHost:
      return Put(entity_names_[sim::Index(record.host)], out);
    case SlotKind::kRequest:
      return PutInteger(record.request.ordinal, out);
    case SlotKind::kOrder:
      return PutOrder(order_numbers_.Of(record.request, trace_key), out);
  }
  sim::Check(false, "a checked template has known slot kinds");
  return out;
}

}  // namespace groundhog::traces
