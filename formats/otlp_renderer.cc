// OTLP's JSON mapping: one LogsData or TracesData a line, for at most kBatchRecords records.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "formats/renderers.h"
#include "formats/words.h"
#include "sim/time.h"
#include "text/concat.h"
#include "text/json_writer.h"

namespace groundhog::formats {
namespace {

using text::JsonWriter;

constexpr std::size_t kBatchRecords = 1'000;

std::string JsonEscaped(std::string_view text) {
  std::string escaped;
  text::AppendJsonEscaped(text, &escaped);
  return escaped;
}

// Rendered objects by the resource that they belong to, resources in the order of their first.
class ByResource {
 public:
  explicit ByResource(std::size_t entities) : of_entity_(entities) {}

  void Add(sim::EntityId host, std::string_view object) {
    std::string& objects = of_entity_[sim::Index(host)];
    if (objects.empty()) {
      hosts_.push_back(host);
    } else {
      objects.push_back(',');
    }
    objects.append(object);
  }

  // {"OUTER":[{"resource":…,"SCOPES":[{"scope":…,"INNER":[…]}]}…]}, and forgets them.
  void Write(std::string_view outer, std::string_view scopes, std::string_view inner,
             const std::vector<std::string>& resources, std::string_view scope, std::string* out) {
    if (hosts_.empty()) return;
    out->append("{\"").append(outer).append("\":[");
    const char* separator = "";
    for (const sim::EntityId host : hosts_) {
      std::string& objects = of_entity_[sim::Index(host)];
      out->append(separator).append("{\"resource\":").append(resources[sim::Index(host)]);
      out->append(",\"").append(scopes).append("\":[{\"scope\":").append(scope);
      out->append(",\"").append(inner).append("\":[").append(objects).append("]}]}");
      objects.clear();
      separator = ",";
    }
    out->append("]}\n");
    hosts_.clear();
  }

 private:
  std::vector<std::string> of_entity_;
  std::vector<sim::EntityId> hosts_;
};

// Which records end a span. One of level WARN may also be of an attempt that is tried again, after
// which the span goes on: it ends the span if no other record of the span comes.
class SpanEnds {
 public:
  struct Held {
    traces::Record record;
    std::uint64_t trace_key;
  };

  // Calls `end` with each record that is now known to end its span.
  template <class End>
  void Add(const traces::Record& record, std::uint64_t trace_key, const End& end) {
    if (record.span == traces::SpanId::kNone) return;
    const Key key{trace_key, sim::Index(record.request.source), record.request.ordinal,
                  Index(record.span)};
    held_.erase(key);
    if (record.level != traces::Level::kWarn) {
      end(Held{.record = record, .trace_key = trace_key});
      return;
    }
    held_.emplace(key, Held{.record = record, .trace_key = trace_key});
    order_.emplace_back(record.time, key);
    while (order_.size() > kHeldMax || record.time - order_.front().first > kHeldFor) Release(end);
  }

  template <class End>
  void ReleaseAll(const End& end) {
    while (!order_.empty()) Release(end);
  }

 private:
  using Key = std::tuple<std::uint64_t, std::uint32_t, std::uint64_t, std::uint32_t>;
  static constexpr std::size_t kHeldMax = 100'000;
  static constexpr sim::Duration kHeldFor = sim::Hours(2);  // longer than any pause before a retry

  template <class End>
  void Release(const End& end) {
    const auto [time, key] = order_.front();
    order_.pop_front();
    const auto found = held_.find(key);
    if (found == held_.end() || found->second.record.time != time) return;
    end(found->second);
    held_.erase(found);
  }

  std::map<Key, Held> held_;
  std::deque<std::pair<sim::VirtualTime, Key>> order_;
};

class OtlpRenderer : public Renderer {
 public:
  OtlpRenderer(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
               const RendererOptions& options)
      : words_(info, catalogue),
        with_truth_(options.with_truth),
        trace_key_(info.trace_key),
        scope_(text::Concat(
            {R"({"name":"groundhog","version":")", JsonEscaped(info.program_version), R"("})"})),
        logs_(catalogue.entities.size()),
        spans_(catalogue.entities.size()) {
    for (const traces::EntityEntry& entity : catalogue.entities) {
      JsonWriter json;
      json.BeginObject(JsonWriter::Layout::kCompact);
      json.Key("attributes").BeginArray(JsonWriter::Layout::kCompact);
      if (entity.kind == traces::EntityKind::kHost) {
        PutText("service.name", catalogue.services[Index(entity.service)].name, &json);
        PutText("host.name", entity.name, &json);
      }
      json.EndArray().EndObject();
      resources_.push_back(json.Take());
    }
  }

  void Add(const traces::Record& record, std::string* out) override {
    AddLog(record);
    ends_.Add(record, trace_key_, [this](const SpanEnds::Held& held) { AddSpan(held); });
    if (++batched_ >= kBatchRecords) Flush(out);
  }

  void Flush(std::string* out) override {
    logs_.Write("resourceLogs", "scopeLogs", "logRecords", resources_, scope_, out);
    spans_.Write("resourceSpans", "scopeSpans", "spans", resources_, scope_, out);
    batched_ = 0;
  }

  void End(std::string* out) override {
    ends_.ReleaseAll([this, out](const SpanEnds::Held& held) {
      AddSpan(held);
      if (++batched_ >= kBatchRecords) Flush(out);
    });
    Flush(out);
  }

  void set_trace_key(std::uint64_t trace_key) override {
    trace_key_ = trace_key;
    words_.set_trace_key(trace_key);
  }

 private:
  static void PutText(std::string_view key, std::string_view value, JsonWriter* json) {
    PutAttribute(key, "stringValue", value, json);
  }
  static void PutNumber(std::string_view key, std::int64_t value, JsonWriter* json) {
    PutAttribute(key, "intValue", std::to_string(value), json);
  }
  static void PutAttribute(std::string_view key, std::string_view type, std::string_view value,
                           JsonWriter* json) {
    json->BeginObject(JsonWriter::Layout::kCompact).Put("key", key);
    json->Key("value").BeginObject(JsonWriter::Layout::kCompact).Put(type, value);
    json->EndObject().EndObject();
  }

  // OTLP counts from 1970 on, without a sign.
  static std::string UnixText(std::int64_t nanoseconds) {
    return std::to_string(std::max<std::int64_t>(nanoseconds, 0));
  }

  static std::string SpanIdText(traces::SpanId span) {
    return text::Concat({"00000000", SpanText(span)});
  }

  void PutIds(const traces::Record& record, JsonWriter* json) {
    json->Put("traceId", words_.TraceId(record));
    if (record.span != traces::SpanId::kNone) json->Put("spanId", SpanIdText(record.span));
  }

  void PutAttributes(const traces::Record& record, JsonWriter* json) {
    json->Key("attributes").BeginArray(JsonWriter::Layout::kCompact);
    PutNumber("latency_ms", record.duration.milliseconds(), json);
    if (record.dependency != traces::ServiceId::kNone) {
      PutText("dependency", words_.Service(record.dependency), json);
    }
    if (record.error_code != traces::ErrorCodeId::kNone) {
      PutText("error_code", words_.ErrorCode(record), json);
    }
    if (with_truth_) {
      words_.ForEachTruthField(record,
                               [&](std::string_view field, std::string_view value, bool has_value) {
                                 if (has_value)
                                   PutText(text::Concat({"groundhog.", field}), value, json);
                               });
    }
    json->EndArray();
  }

  void AddLog(const traces::Record& record) {
    JsonWriter json;
    json.BeginObject(JsonWriter::Layout::kCompact);
    json.Put("timeUnixNano", UnixText(words_.ClockNanoseconds(record)));
    json.Put("observedTimeUnixNano", UnixText(words_.TrueNanoseconds(record)));
    json.Put("severityNumber", 9 + 4 * static_cast<int>(record.level));  // INFO, WARN, ERROR
    json.Put("severityText", traces::kLevelNames.NameOf(record.level));
    json.Key("body").BeginObject(JsonWriter::Layout::kCompact);
    json.Put("stringValue", words_.Message(record)).EndObject();
    PutAttributes(record, &json);
    PutIds(record, &json);
    json.EndObject();
    logs_.Add(record.host, json.Take());
  }

  void AddSpan(const SpanEnds::Held& held) {
    const traces::Record& record = held.record;
    words_.set_trace_key(held.trace_key);
    const std::int64_t end = words_.ClockNanoseconds(record);
    JsonWriter json;
    json.BeginObject(JsonWriter::Layout::kCompact);
    PutIds(record, &json);
    if (record.parent_span != traces::SpanId::kNone) {
      json.Put("parentSpanId", SpanIdText(record.parent_span));
    }
    const bool has_path = record.call_path != traces::CallPathId::kNone;
    json.Put("name", has_path ? words_.CallPath(record) : words_.Service(record.service));
    json.Put("kind", 2);  // SPAN_KIND_SERVER
    json.Put("startTimeUnixNano",
             UnixText(std::max<std::int64_t>(end, 0) - record.duration.nanoseconds()));
    json.Put("endTimeUnixNano", UnixText(end));
    PutAttributes(record, &json);
    json.Key("status").BeginObject(JsonWriter::Layout::kCompact);
    if (record.level == traces::Level::kError) json.Put("code", 2);  // STATUS_CODE_ERROR
    json.EndObject().EndObject();
    spans_.Add(record.host, json.Take());
    words_.set_trace_key(trace_key_);
  }

  Words words_;
  const bool with_truth_;
  std::uint64_t trace_key_;
  const std::string scope_;
  std::vector<std::string> resources_;  // by entity
  ByResource logs_;
  ByResource spans_;
  SpanEnds ends_;
  std::size_t batched_ = 0;
};

}  // namespace

std::unique_ptr<Renderer> MakeOtlpRenderer(const traces::TraceInfo& info,
                                           const traces::Catalogue& catalogue,
                                           const RendererOptions& options) {
  return std::make_unique<OtlpRenderer>(info, catalogue, options);
}

}  // namespace groundhog::formats
