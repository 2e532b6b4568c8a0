// Chrome's JSON trace events, for ui.perfetto.dev: services are processes, their hosts threads.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/renderers.h"
#include "formats/words.h"
#include "sim/time.h"
#include "text/concat.h"
#include "text/json_writer.h"
#include "text/numbers.h"

namespace groundhog::formats {
namespace {

using text::JsonWriter;

// More than any host has slots; beyond them slices overlap.
constexpr std::size_t kLanesMax = 1'000;

class PerfettoRenderer : public Renderer {
 public:
  PerfettoRenderer(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
                   const RendererOptions& options)
      : words_(info, catalogue),
        with_truth_(options.with_truth),
        services_(catalogue.services.size()),
        lanes_(catalogue.entities.size()) {}

  void Begin(std::string* out) override {
    out->append("[");
    for (std::size_t i = 0; i < services_; ++i) {
      const traces::ServiceId service{static_cast<std::uint16_t>(i)};
      AddName("process_name", ProcessOf(service), 0, words_.Service(service), out);
    }
  }

  void Add(const traces::Record& record, std::string* out) override {
    const bool is_span = record.span != traces::SpanId::kNone;
    const sim::VirtualTime start = is_span ? record.time - record.duration : record.time;
    const std::uint64_t thread = ThreadOf(record, start, out);
    JsonWriter json;
    json.BeginObject(JsonWriter::Layout::kCompact);
    const bool has_path = record.call_path != traces::CallPathId::kNone;
    json.Put("name",
             has_path ? SliceName(words_.CallPath(record)) : std::string(words_.Message(record)));
    json.Put("cat", traces::kLevelNames.NameOf(record.level));
    json.Put("ph", is_span ? "X" : "i");
    json.PutJson("ts", Microseconds(start.since_start()));
    if (is_span) {
      json.PutJson("dur", Microseconds(record.duration));
      PutFlow(record, &json);
    } else {
      json.Put("s", "t");  // an instant of its thread
    }
    json.Put("pid", ProcessOf(record.service)).Put("tid", thread);
    PutArguments(record, &json);
    json.EndObject();
    AddEvent(json.Take(), out);
  }

  void End(std::string* out) override { out->append("\n]\n"); }

  void set_trace_key(std::uint64_t trace_key) override { words_.set_trace_key(trace_key); }

 private:
  // Slices of a thread must not overlap, and a host does several things at a time: so it has as
  // many threads as it needs.
  struct Lane {
    std::uint64_t thread;
    sim::VirtualTime end;  // of its last slice
  };

  // "checkout" of "checkout/gateway", "checkout from orders" of "checkout/gateway/orders/payment":
  // what a narrow slice needs first. The service itself is the process's name.
  static std::string SliceName(std::string_view path) {
    const std::string_view journey = path.substr(0, path.find('/'));
    const std::string_view callers = path.substr(0, path.rfind('/'));
    if (callers.size() <= journey.size()) return std::string(journey);
    return text::Concat({journey, " from ", callers.substr(callers.rfind('/') + 1)});
  }

  static std::uint64_t ProcessOf(traces::ServiceId service) {
    return std::uint64_t{Index(service)} + 1;
  }
  static std::string Microseconds(sim::Duration duration) {
    return text::FixedPoint(duration.nanoseconds(), 3);
  }

  void AddEvent(std::string_view event, std::string* out) {
    out->append(is_first_ ? "\n" : ",\n").append(event);
    is_first_ = false;
  }

  void AddName(std::string_view what, std::uint64_t process, std::uint64_t thread,
               std::string_view name, std::string* out) {
    JsonWriter json;
    json.BeginObject(JsonWriter::Layout::kCompact).Put("name", what).Put("ph", "M");
    json.Put("pid", process).Put("tid", thread);
    json.Key("args").BeginObject(JsonWriter::Layout::kCompact).Put("name", name).EndObject();
    json.EndObject();
    AddEvent(json.Take(), out);
  }

  // A thread of the host that does nothing from `start` on; the one that was busy last. Records
  // come by the end of their slices.
  std::uint64_t ThreadOf(const traces::Record& record, sim::VirtualTime start, std::string* out) {
    std::vector<Lane>& lanes = lanes_[sim::Index(record.host)];
    Lane* best = nullptr;
    for (Lane& lane : lanes) {
      if (lane.end <= start && (best == nullptr || lane.end > best->end)) best = &lane;
    }
    if (best == nullptr && lanes.size() == kLanesMax) {
      best = &*std::ranges::min_element(lanes, {}, &Lane::end);
    }
    if (best == nullptr) {
      std::string name(words_.Host(record));
      if (!lanes.empty()) name.append(" #").append(std::to_string(lanes.size() + 1));
      best = &lanes.emplace_back(Lane{.thread = ++threads_, .end = {}});
      AddName("thread_name", ProcessOf(record.service), best->thread, name, out);
    }
    best->end = record.time;
    return best->thread;
  }

  // Arrows connect the slices of a request, from its first on.
  void PutFlow(const traces::Record& record, JsonWriter* json) {
    const std::string_view id = words_.TraceId(record);
    json->Put("bind_id", text::Concat({"0x", id.substr(id.size() / 2)}));
    if (record.parent_span != traces::SpanId::kNone) json->Put("flow_in", true);
    json->Put("flow_out", true);
  }

  void PutArguments(const traces::Record& record, JsonWriter* json) {
    json->Key("args").BeginObject(JsonWriter::Layout::kCompact);
    const auto put = [json](std::string_view field, std::string_view value, bool has_value) {
      if (!has_value) return;
      if (IsNumber(field)) {
        json->PutJson(field, value);
      } else {
        json->Put(field, value);
      }
    };
    words_.ForEachField(record, put);
    if (with_truth_) words_.ForEachTruthField(record, put);
    json->EndObject();
  }

  Words words_;
  const bool with_truth_;
  const std::size_t services_;
  std::vector<std::vector<Lane>> lanes_;  // by entity
  std::uint64_t threads_ = 0;
  bool is_first_ = true;
};

}  // namespace

std::unique_ptr<Renderer> MakePerfettoRenderer(const traces::TraceInfo& info,
                                               const traces::Catalogue& catalogue,
                                               const RendererOptions& options) {
  return std::make_unique<PerfettoRenderer>(info, catalogue, options);
}

}  // namespace groundhog::formats
