#include "sinks/make_sink.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sinks/jsonl_sink.h"
#include "sinks/kafka/kafka_sink.h"
#include "sinks/null_sink.h"
#include "sinks/resume_file_sink.h"

namespace groundhog::sinks {

absl::StatusOr<Routes> MakeRoutes(const SinkOptions& options, const traces::Catalogue& catalogue) {
  RoutingOptions routing = {.topic = options.topic, .routes = options.routes};
  if (!options.alerts_topic.empty()) {
    routing.routes.push_back({.text = absl::StrCat("level=ERROR:", options.alerts_topic),
                              .levels = {traces::Level::kError},
                              .topic = options.alerts_topic});
  }
  return Routes::Make(routing, catalogue);
}

namespace {

absl::StatusOr<std::unique_ptr<Sink>> MakePlainSink(const SinkOptions& options,
                                                    const traces::Catalogue& catalogue) {
  const std::string& to = options.to;
  if (to == "null:") return std::make_unique<NullSink>();
  if (to.starts_with("jsonl:")) {
    std::string path = to.substr(std::string_view("jsonl:").size());
    if (path.empty()) {
      return absl::InvalidArgumentError("--to jsonl: needs a path, or - for standard output");
    }
    return std::make_unique<JsonlSink>(JsonlSinkOptions{.path = std::move(path),
                                                        .timeout = options.timeout,
                                                        .notice = options.notice,
                                                        .stop_requested = options.stop_requested});
  }
  if (to.starts_with("kafka:")) return KafkaSink::Make(options, catalogue);
  return absl::InvalidArgumentError(
      absl::StrCat("--to ", to, " names no sink; there are kafka://HOST:PORT[,HOST:PORT...], ",
                   "kafka://embedded, jsonl:PATH, jsonl:- and null:"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> MakeSink(const SinkOptions& options,
                                               const traces::Catalogue& catalogue) {
  absl::StatusOr<std::unique_ptr<Sink>> sink = MakePlainSink(options, catalogue);
  if (!sink.ok() || options.resume_file.empty()) return sink;
  return std::make_unique<ResumeFileSink>(*std::move(sink), options);
}

}  // namespace groundhog::sinks
