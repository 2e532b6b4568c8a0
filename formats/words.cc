#include "formats/words.h"

#include <algorithm>

#include "text/concat.h"
#include "text/time_text.h"
#include "traces/hash128.h"
#include "traces/occurrences.h"

namespace groundhog::formats {
namespace {

constexpr std::size_t kPutSlack = 8;

constexpr auto kNumberFields = std::to_array<std::string_view>(
    {"latency_ms", "hops", "attempt", "duration_ns", "queue_wait_ns", "clock_skew_ns"});

}  // namespace

bool IsNumber(std::string_view field) {
  return std::ranges::find(kNumberFields, field) != kNumberFields.end();
}

std::string SpanText(traces::SpanId span) {
  std::string text(8, '0');
  traces::WriteHex32(Index(span), text.data());
  return text;
}

Words::Words(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
             traces::MessageRenderer::Escape escape)
    : start_unix_nanoseconds_(info.start_unix_nanoseconds),
      messages_(catalogue, escape),
      trace_ids_(catalogue, info.trace_key),
      message_(messages_.bytes_max() + kPutSlack, '\0') {
  const auto escaped = [escape](const std::string& text) {
    return escape == nullptr ? text : escape(text);
  };
  for (const traces::CallPathEntry& path : catalogue.call_paths) {
    call_paths_.push_back(escaped(path.name));
  }
  for (const traces::FaultEntry& fault : catalogue.faults) {
    fault_names_.push_back(escaped(fault.name));
    fault_is_numbered_.push_back(traces::HasNumberedOccurrences(fault));
  }
}

std::string_view Words::Message(const traces::Record& record) {
  const char* const end = messages_.PutMessage(record, trace_ids_.trace_key(), message_.data());
  return {message_.data(), static_cast<std::size_t>(end - message_.data())};
}

std::int64_t Words::TrueNanoseconds(const traces::Record& record) const {
  return text::UnixNanoseconds(start_unix_nanoseconds_, record.time);
}

std::int64_t Words::ClockNanoseconds(const traces::Record& record) const {
  return text::UnixNanoseconds(start_unix_nanoseconds_,
                               text::TimeOnClock(record.time, record.clock_skew));
}

std::string_view Words::Timestamp(const traces::Record& record) {
  timestamps_.Put(text::UnixMilliseconds(start_unix_nanoseconds_,
                                         text::TimeOnClock(record.time, record.clock_skew)),
                  timestamp_.data());
  return {timestamp_.data(), timestamp_.size()};
}

std::string Words::Cause(const traces::Record& record) const {
  const std::size_t fault = Index(record.truth.fault);
  if (!fault_is_numbered_[fault]) return fault_names_[fault];
  return text::Concat({fault_names_[fault], "/", std::to_string(record.truth.occurrence)});
}

void Words::ForEachField(const traces::Record& record, Put put) {
  put("service", Service(record.service), true);
  put("level", traces::kLevelNames.NameOf(record.level), true);
  put("message", Message(record), true);
  put("timestamp", Timestamp(record), true);
  put("latency_ms", std::to_string(record.duration.milliseconds()), true);
  put("trace_id", TraceId(record), true);
  const bool has_dependency = record.dependency != traces::ServiceId::kNone;
  put("dependency", has_dependency ? Service(record.dependency) : "", has_dependency);
  const bool has_error_code = record.error_code != traces::ErrorCodeId::kNone;
  put("error_code", has_error_code ? ErrorCode(record) : "", has_error_code);
  put("hostname", Host(record), true);
}

void Words::ForEachTruthField(const traces::Record& record, Put put) {
  const traces::Truth& truth = record.truth;
  const auto number = [&put](std::string_view field, auto value, bool has_value) {
    put(field, has_value ? std::to_string(value) : "", has_value);
  };
  const bool has_cause = truth.fault != traces::FaultId::kNone;
  put("cause", has_cause ? Cause(record) : "", has_cause);
  const bool has_root = truth.root != traces::ServiceId::kNone;
  put("root", has_root ? Service(truth.root) : "", has_root);
  number("hops", truth.hops, has_cause);
  const bool has_also = truth.also != traces::FaultId::kNone;
  put("also", has_also ? std::string_view(fault_names_[Index(truth.also)]) : "", has_also);
  const bool has_span = record.span != traces::SpanId::kNone;
  put("span", has_span ? SpanText(record.span) : "", has_span);
  const bool has_parent = record.parent_span != traces::SpanId::kNone;
  put("parent_span", has_parent ? SpanText(record.parent_span) : "", has_parent);
  const bool has_path = record.call_path != traces::CallPathId::kNone;
  put("call_path", has_path ? CallPath(record) : "", has_path);
  number("attempt", record.attempt, record.attempt != 0);
  number("duration_ns", record.duration.nanoseconds(), true);
  number("queue_wait_ns", record.queue_wait.nanoseconds(), true);
  const bool is_skewed = record.clock_skew != sim::Duration();
  number("clock_skew_ns", record.clock_skew.nanoseconds(), is_skewed);
  put("template", messages_.template_text(record.message), true);
  std::string slots;
  for (std::size_t i = 0; i < messages_.stored_count(record.message); ++i) {
    if (i != 0) slots.push_back(' ');
    slots.append(std::to_string(record.slots[i]));
  }
  put("slots", slots, !slots.empty());
}

}  // namespace groundhog::formats
