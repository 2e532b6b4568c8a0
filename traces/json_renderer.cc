#include "traces/json_renderer.h"

#include <algorithm>
#include <cstring>

#include "sim/check.h"
#include "text/json_writer.h"
#include "text/time_text.h"
#include "traces/hash128.h"
#include "traces/occurrences.h"
#include "traces/put.h"

namespace groundhog::traces {
namespace {

// An upper bound for a line without names and message: all keys, quotes and numbers.
constexpr std::size_t kFixedBytesMax = 1024;
constexpr std::string_view kBeforeTraceId = ",\"trace_id\":\"";

std::string Escaped(std::string_view text) {
  std::string out;
  text::AppendJsonEscaped(text, &out);
  return out;
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
      messages_(catalogue, Escaped) {
  for (const std::string& name : messages_.service_names()) {
    std::array<std::string, kLevelCount>& openings = openings_.emplace_back();
    for (const auto& level : kLevelNames.rows()) {
      openings[Index(level.value)] = "{\"service\":\"" + name + "\",\"level\":\"" +
                                     std::string(level.name) + "\",\"message\":\"";
    }
    dependencies_.push_back(",\"dependency\":\"" + name + "\"");
  }
  for (const std::string& name : messages_.entity_names()) {
    hostnames_.push_back(",\"hostname\":\"" + name + "\"");
  }
  for (const std::string& name : messages_.error_codes()) {
    error_code_keys_.push_back(",\"error_code\":\"" + name + "\"");
  }
  for (const CallPathEntry& path : catalogue.call_paths) call_paths_.push_back(Escaped(path.name));
  for (const FaultEntry& fault : catalogue.faults) {
    fault_names_.push_back(Escaped(fault.name));
    fault_is_numbered_.push_back(HasNumberedOccurrences(fault));
  }
  line_.resize(LineBytesMax(catalogue));
}

std::size_t JsonRenderer::LineBytesMax(const Catalogue& catalogue) const {
  const std::size_t name_max =
      std::max({LongestOf(messages_.service_names()), LongestOf(messages_.entity_names()),
                LongestOf(messages_.error_codes())});
  std::size_t template_max = 0;
  for (std::size_t i = 0; i < catalogue.templates.size(); ++i) {
    const TemplateId id{static_cast<std::uint16_t>(i)};
    template_max = std::max(template_max, messages_.template_text(id).size());
  }
  return kFixedBytesMax + messages_.bytes_max() + template_max + 5 * name_max +
         2 * LongestOf(fault_names_) + LongestOf(call_paths_);
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
  out = messages_.PutMessage(record, trace_ids_.trace_key(), out);
  out = Put("\",\"timestamp\":\"", out);
  out = timestamps_.Put(timestamp_unix_milliseconds, out);
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
      out = Put(messages_.service_names()[Index(record.truth.root)], out);
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
  out = Put(",\"template\":\"", out);
  out = Put(messages_.template_text(record.message), out);
  out = Put("\",\"slots\":[", out);
  for (std::size_t i = 0; i < messages_.stored_count(record.message); ++i) {
    if (i != 0) *out++ = ',';
    out = PutInteger(record.slots[i], out);
  }
  return Put("]}", out);
}

}  // namespace groundhog::traces
