#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/stats.h"
#include "text/json_writer.h"

namespace groundhog::analysis {
namespace {

using Layout = text::JsonWriter::Layout;

double Share(std::uint64_t part, std::uint64_t of) {
  return static_cast<double>(part) / static_cast<double>(of);
}

class JsonOfStats {
 public:
  JsonOfStats(const Stats& stats, const traces::Catalogue& catalogue,
              const std::function<bool(std::string_view)>& write)
      : stats_(stats), catalogue_(catalogue), write_(write) {}

  void Write() {
    json_.BeginObject(Layout::kLines);
    json_.Put("records", stats_.records);
    json_.Put("first_time", TimeIfAny(stats_.first_unix_ms));
    json_.Put("last_time", TimeIfAny(stats_.last_unix_ms));
    json_.Key("services").BeginObject(Layout::kLines);
    for (const ServiceStats& service : stats_.services) WriteService(service);
    json_.EndObject();
    WriteList("dependencies", stats_.dependencies,
              [this](const DependencyStats& row) { WriteDependency(row); });
    WriteList("failure_patterns", stats_.failure_patterns,
              [this](const FailurePattern& row) { WriteFailurePattern(row); });
    WriteList("error_codes", stats_.error_codes,
              [this](const ErrorCodeStats& row) { WriteErrorCode(row); });
    WriteList("hours", stats_.hours, [this](const PeriodRow& row) { WriteHour(row); });
    WriteList("days", stats_.days, [this](const auto& row) {
      json_.Put("date", DateText(row.first));
      json_.Put("records", row.second.records);
      json_.Put("errors", row.second.errors);
    });
    json_.Put("alerts", stats_.alerts);
    json_.Put("trace_ids", stats_.trace_ids);
    WriteList("causes", stats_.causes, [this](const auto& row) {
      json_.Put("cause", row.first);
      json_.Put("records", row.second.records);
      json_.Put("errors", row.second.errors);
    });
    if (stats_.each) {
      WriteList("series", stats_.series, [this](const PeriodRow& row) { WriteSeries(row); });
    }
    json_.EndObject();
    write_(json_.Take() + "\n");
  }

 private:
  // A list of objects, a line each.
  template <class Rows, class WriteRow>
  void WriteList(std::string_view key, const Rows& rows, const WriteRow& write_row) {
    json_.Key(key).BeginArray(Layout::kLines);
    for (const auto& row : rows) {
      json_.BeginObject(Layout::kSpaced);
      write_row(row);
      json_.EndObject();
      if (!write_(json_.TakeSoFar())) break;
    }
    json_.EndArray();
  }

  std::optional<std::string> TimeIfAny(std::int64_t unix_ms) const {
    return stats_.records > 0 ? std::optional(TimestampText(unix_ms)) : std::nullopt;
  }
  const std::string& NameOf(traces::ServiceId service) const {
    return catalogue_.services[traces::Index(service)].name;
  }
  const std::string& NameOf(traces::ErrorCodeId code) const {
    return catalogue_.error_codes[traces::Index(code)];
  }
  void WriteService(const ServiceStats& service) {
    const std::uint64_t records = service.latency.records;
    const double error_rate = Share(service.errors(), records);
    json_.Key(NameOf(service.service)).BeginObject(Layout::kSpaced);
    json_.Put("records", records);
    json_.Put("info", service.by_level[traces::Index(traces::Level::kInfo)]);
    json_.Put("warn", service.by_level[traces::Index(traces::Level::kWarn)]);
    json_.Put("error", service.errors());
    json_.Put("error_rate", error_rate);
    json_.Key("latency_ms").BeginObject(Layout::kSpaced);
    json_.Put("sum", service.latency.milliseconds);
    json_.Put("min", service.min_ms);
    json_.Put("max", service.max_ms);
    json_.Put("mean", service.latency.mean());
    json_.Put("p50", service.p50);
    json_.Put("p95", service.p95);
    json_.Put("p99", service.p99);
    json_.EndObject();
    json_.Key("histogram").BeginArray(Layout::kSpaced);
    for (std::size_t i = 0; i < service.histogram.size(); ++i) {
      json_.BeginArray(Layout::kSpaced);
      json_.Value(i < kHistogramUpperMs.size() ? std::optional(kHistogramUpperMs[i])
                                               : std::nullopt);
      json_.Value(service.histogram[i]).EndArray();
    }
    json_.EndArray();
    json_.Put("health", Health(error_rate, service.p95));
    json_.EndObject();
  }

  void WriteDependency(const DependencyStats& row) {
    json_.Put("service", NameOf(row.service));
    json_.Put("dependency", NameOf(row.dependency));
    json_.Put("records", row.latency.records);
    json_.Put("errors", row.errors);
    json_.Put("failure_rate", Share(row.errors, row.latency.records));
    WriteMeanAndP95(row.latency, row.p95);
  }

  void WriteFailurePattern(const FailurePattern& row) {
    json_.Put("service", NameOf(row.service));
    json_.Put("dependency", NameOf(row.dependency));
    json_.Put("error_code", NameOf(row.error_code));
    json_.Put("records", row.records);
  }

  void WriteErrorCode(const ErrorCodeStats& row) {
    json_.Put("error_code", NameOf(row.error_code));
    json_.Put("records", row.records);
    json_.Key("services").BeginObject(Layout::kSpaced);
    for (const auto& [service, records] : row.services) json_.Put(NameOf(service), records);
    json_.EndObject();
  }

  void WriteHour(const PeriodRow& row) {
    json_.Put("start", StartText(row.start));
    json_.Put("service", NameOf(row.service));
    json_.Put("records", row.latency.records);
    json_.Put("errors", row.errors);
    json_.Put("error_rate", Share(row.errors, row.latency.records));
    WriteMeanAndP95(row.latency, row.p95);
  }

  void WriteSeries(const PeriodRow& row) {
    json_.Put("start", StartText(row.start));
    json_.Put("service", NameOf(row.service));
    json_.Put("records", row.latency.records);
    json_.Put("errors", row.errors);
    json_.Key("latency_ms").BeginObject(Layout::kSpaced);
    json_.Put("sum", row.latency.milliseconds);
    json_.Put("p95", row.p95);
    json_.EndObject();
  }

  void WriteMeanAndP95(const LatencySum& latency, double p95) {
    json_.Key("latency_ms").BeginObject(Layout::kSpaced);
    json_.Put("mean", latency.mean());
    json_.Put("p95", p95);
    json_.EndObject();
  }

  const Stats& stats_;
  const traces::Catalogue& catalogue_;
  const std::function<bool(std::string_view)>& write_;
  text::JsonWriter json_;
};

}  // namespace

void WriteStatsAsJson(const Stats& stats, const traces::Catalogue& catalogue,
                      const std::function<bool(std::string_view)>& write) {
  JsonOfStats(stats, catalogue, write).Write();
}

}  // namespace groundhog::analysis
