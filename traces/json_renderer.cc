#include "traces/json_renderer.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "sim/check.h"
#include "text/json_writer.h"
#include "text/time_text.h"
#include "traces/byte_order.h"
#include "traces/hash128.h"
#include "traces/occurrences.h"

namespace groundhog::traces {
namespace {

constexpr std::size_t kIntegerBytesMax = 20;  // "-9223372036854775808"
// An upper bound for a line without names and message: all keys, quotes and numbers.
constexpr std::size_t kFixedBytesMax = 1024;
constexpr std::string_view kBeforeTraceId = ",\"trace_id\":\"";

char* Put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

constexpr std::array<char, 200> kDecimalPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// 0 to 99.
char* PutTwoDigits(std::uint64_t value, char* out) {
  std::memcpy(out, &kDecimalPairs[2 * value], 2);
  return out + 2;
}

// Four digits of 0 to 9999, the first in the lowest byte.
std::uint32_t FourDigits(std::uint64_t value) {
  return LoadLittleEndian16(&kDecimalPairs[2 * (value / 100)]) |
         std::uint32_t{LoadLittleEndian16(&kDecimalPairs[2 * (value % 100)])} << 16;
}

// Most numbers in lines are small, and their lengths vary so that branches would be mispredicted:
// below 10,000, and below 100,000,000, no branch depends on the length. Overwrites up to three
// bytes after the returned end.
template <class Integer>
char* PutInteger(Integer value, char* out) {
  const auto small = static_cast<std::uint64_t>(value);
  if (small >= 100'000'000) return std::to_chars(out, out + kIntegerBytesMax, value).ptr;
  if (small < 10'000) {
    const int zeros = (small < 10) + (small < 100) + (small < 1'000);
    StoreLittleEndian32(FourDigits(small) >> (8 * zeros), out);
    return out + 4 - zeros;
  }
  constexpr std::uint64_t kZeros = 0x3030'3030'3030'3030;
  const std::uint64_t digits =
      FourDigits(small / 10'000) | std::uint64_t{FourDigits(small % 10'000)} << 32;
  const int zeros = std::countr_zero(digits ^ kZeros) / 8;
  StoreLittleEndian64(digits >> (8 * zeros), out);
  return out + 8 - zeros;
}

char* PutHex32(std::uint32_t value, char* out) {
  WriteHex32(value, out);
  return out + 8;
}

// 1234 as 12.34, -5 as -0.05.
char* PutHundredths(std::int64_t value, char* out) {
  std::uint64_t magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  out = PutInteger(magnitude / 100, out);
  *out++ = '.';
  *out++ = static_cast<char>('0' + magnitude / 10 % 10);
  *out++ = static_cast<char>('0' + magnitude % 10);
  return out;
}

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

std::string Escaped(std::string_view text) {
  std::string out;
  text::AppendJsonEscaped(text, &out);
  return out;
}

std::size_t LongestOf(const std::vector<std::string>& texts) {
  std::size_t longest = 0;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  return longest;
}

}  // namespace

// A quotation mark within a JSON string has a backslash before it, so the key is found and nothing
// that looks like it.
std::string_view TraceIdIn(std::string_view line) {
  const std::size_t at = line.find(kBeforeTraceId);
  if (at == std::string_view::npos) return {};
  return line.substr(at + kBeforeTraceId.size(), kHash128Digits);
}

JsonRenderer::JsonRenderer(const TraceInfo& info, const Catalogue& catalogue,
                           JsonRendererOptions options)
    : start_unix_nanoseconds_(info.start_unix_nanoseconds),
      options_(options),
      trace_ids_(catalogue, info.trace_key),
      order_numbers_(catalogue) {
  for (const ServiceEntry& service : catalogue.services) {
    const std::string& name = service_names_.emplace_back(Escaped(service.name));
    std::array<std::string, kLevelCount>& openings = openings_.emplace_back();
    for (const auto& level : kLevelNames.rows()) {
      openings[Index(level.value)] = "{\"service\":\"" + name + "\",\"level\":\"" +
                                     std::string(level.name) + "\",\"message\":\"";
    }
    dependencies_.push_back(",\"dependency\":\"" + name + "\"");
  }
  for (const EntityEntry& entity : catalogue.entities) {
    const std::string& name = entity_names_.emplace_back(Escaped(entity.name));
    hostnames_.push_back(",\"hostname\":\"" + name + "\"");
  }
  for (const std::string& code : catalogue.error_codes) {
    const std::string& name = error_codes_.emplace_back(Escaped(code));
    error_code_keys_.push_back(",\"error_code\":\"" + name + "\"");
  }
  for (const CallPathEntry& path : catalogue.call_paths) call_paths_.push_back(Escaped(path.name));
  for (const FaultEntry& fault : catalogue.faults) {
    fault_names_.push_back(Escaped(fault.name));
    fault_is_numbered_.push_back(HasNumberedOccurrences(fault));
  }
  BuildTemplates(catalogue);
  line_.resize(LineBytesMax());
}

void JsonRenderer::BuildTemplates(const Catalogue& catalogue) {
  for (const MessageTemplate& source : catalogue.templates) {
    Template& built = templates_.emplace_back();
    built.escaped_text = Escaped(source.text);
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
      Piece piece{.literal = Escaped(literal), .has_slot = true, .slot = ShownAs(kind)};
      if (IsStored(kind)) piece.stored_index = built.stored_count++;
      built.pieces.push_back(std::move(piece));
      literal.clear();
    }
    built.pieces.push_back(Piece{.literal = Escaped(literal)});
  }
}

std::size_t JsonRenderer::LineBytesMax() const {
  const std::size_t name_max = std::max({LongestOf(service_names_), LongestOf(entity_names_),
                                         LongestOf(error_codes_), std::size_t{32}});
  std::size_t template_max = 0;
  for (const Template& one : templates_) {
    std::size_t bytes = one.escaped_text.size();
    for (const Piece& piece : one.pieces) bytes += piece.literal.size() + name_max;
    template_max = std::max(template_max, bytes);
  }
  return kFixedBytesMax + template_max + 5 * name_max + 2 * LongestOf(fault_names_) +
         LongestOf(call_paths_);
}

std::string_view JsonRenderer::Render(const Record& record) {
  return Render(record, TimestampUnixMilliseconds(record));
}

std::int64_t JsonRenderer::TimestampUnixMilliseconds(const Record& record) const {
  return text::UnixMilliseconds(start_unix_nanoseconds_,
                                text::TimeOnClock(record.time, record.clock_skew));
}

std::string_view JsonRenderer::Render(const Record& record,
                                      std::int64_t timestamp_unix_milliseconds) {
  char* const begin = line_.data();
  char* out = Put(openings_[Index(record.service)][Index(record.level)], begin);
  out = PutMessage(record, out);
  out = Put("\",\"timestamp\":\"", out);
  out = PutTimestamp(timestamp_unix_milliseconds, out);
  out = Put("\",\"latency_ms\":", out);
  out = PutInteger(record.duration.milliseconds(), out);
  out = Put(kBeforeTraceId, out);
  std::memcpy(out, trace_ids_.DeriveHex(record.request).data(), kHash128Digits);
  out += kHash128Digits;
  *out++ = '"';
  if (record.dependency != ServiceId::kNone)
    out = Put(dependencies_[Index(record.dependency)], out);
  if (record.error_code != ErrorCodeId::kNone) {
    out = Put(error_code_keys_[Index(record.error_code)], out);
  }
  out = Put(hostnames_[sim::Index(record.host)], out);
  if (options_.with_truth) out = PutTruth(record, out);
  *out++ = '}';
  return {begin, static_cast<std::size_t>(out - begin)};
}

char* JsonRenderer::PutMessage(const Record& record, char* out) const {
  for (const Piece& piece : templates_[Index(record.message)].pieces) {
    out = Put(piece.literal, out);
    if (piece.has_slot) out = PutSlot(record, piece, out);
  }
  return out;
}

char* JsonRenderer::PutSlot(const Record& record, const Piece& piece, char* out) const {
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
      return PutOrder(order_numbers_.Of(record.request, trace_ids_.trace_key()), out);
  }
  sim::Check(false, "a checked template has known slot kinds");
  return out;
}

char* JsonRenderer::PutTimestamp(std::int64_t unix_milliseconds, char* out) {
  std::int64_t second = unix_milliseconds / 1'000;
  std::int64_t millisecond = unix_milliseconds % 1'000;
  if (millisecond < 0) {
    millisecond += 1'000;
    --second;
  }
  if (second != cached_second_ || cached_date_[0] == '\0') {
    cached_second_ = second;
    std::int64_t days = second / 86'400;
    int of_day = static_cast<int>(second % 86'400);
    if (of_day < 0) {
      of_day += 86'400;
      --days;
    }
    const text::CivilDate date = text::CivilFromDays(days);
    const int year = static_cast<int>(std::clamp<std::int64_t>(date.year, 0, 9'999));
    char* at = PutTwoDigits(year / 100, cached_date_.data());
    at = PutTwoDigits(year % 100, at);
    *at++ = '-';
    at = PutTwoDigits(date.month, at);
    *at++ = '-';
    at = PutTwoDigits(date.day, at);
    *at++ = 'T';
    at = PutTwoDigits(of_day / 3'600, at);
    *at++ = ':';
    at = PutTwoDigits(of_day / 60 % 60, at);
    *at++ = ':';
    at = PutTwoDigits(of_day % 60, at);
    *at = '.';
  }
  out = Put({cached_date_.data(), cached_date_.size()}, out);
  *out++ = static_cast<char>('0' + millisecond / 100);
  out = PutTwoDigits(static_cast<int>(millisecond % 100), out);
  *out++ = 'Z';
  return out;
}

char* JsonRenderer::PutTruth(const Record& record, char* out) const {
  out = Put(",\"truth\":{", out);
  if (record.truth.fault != FaultId::kNone) {
    const std::size_t fault = Index(record.truth.fault);
    out = Put("\"cause\":\"", out);
    out = Put(fault_names_[fault], out);
    if (fault_is_numbered_[fault]) {
      *out++ = '/';
      out = PutInteger(record.truth.occurrence, out);
    }
    if (record.truth.root != ServiceId::kNone) {
      out = Put("\",\"root\":\"", out);
      out = Put(service_names_[Index(record.truth.root)], out);
    }
    out = Put("\",\"hops\":", out);
    out = PutInteger(record.truth.hops, out);
    *out++ = ',';
    if (record.truth.also != FaultId::kNone) {
      out = Put("\"also\":\"", out);
      out = Put(fault_names_[Index(record.truth.also)], out);
      out = Put("\",", out);
    }
  }
  if (record.span != SpanId::kNone) {
    out = Put("\"span\":\"", out);
    out = PutHex32(Index(record.span), out);
    out = Put("\",", out);
  }
  if (record.parent_span != SpanId::kNone) {
    out = Put("\"parent_span\":\"", out);
    out = PutHex32(Index(record.parent_span), out);
    out = Put("\",", out);
  }
  if (record.call_path != CallPathId::kNone) {
    out = Put("\"call_path\":\"", out);
    out = Put(call_paths_[Index(record.call_path)], out);
    out = Put("\",", out);
  }
  if (record.attempt != 0) {
    out = Put("\"attempt\":", out);
    out = PutInteger(record.attempt, out);
    *out++ = ',';
  }
  out = Put("\"duration_ns\":", out);
  out = PutInteger(record.duration.nanoseconds(), out);
  out = Put(",\"queue_wait_ns\":", out);
  out = PutInteger(record.queue_wait.nanoseconds(), out);
  if (record.clock_skew != sim::Duration()) {
    out = Put(",\"clock_skew_ns\":", out);
    out = PutInteger(record.clock_skew.nanoseconds(), out);
  }
  const Template& message = templates_[Index(record.message)];
  out = Put(",\"template\":\"", out);
  out = Put(message.escaped_text, out);
  out = Put("\",\"slots\":[", out);
  for (std::size_t i = 0; i < message.stored_count; ++i) {
    if (i != 0) *out++ = ',';
    out = PutInteger(record.slots[i], out);
  }
  return Put("]}", out);
}

}  // namespace groundhog::traces
