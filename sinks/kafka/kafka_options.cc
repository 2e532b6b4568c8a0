#include "sinks/kafka/kafka_options.h"

#include "absl/strings/str_cat.h"

namespace groundhog::sinks {

absl::StatusOr<Routes> MakeRoutes(const KafkaOptions& options, const traces::Catalogue& catalogue) {
  RoutingOptions routing = {.topic = options.topic, .routes = options.routes};
  if (!options.alerts_topic.empty()) {
    routing.routes.push_back({.text = absl::StrCat("level=ERROR:", options.alerts_topic),
                              .levels = {traces::Level::kError},
                              .topic = options.alerts_topic});
  }
  return Routes::Make(routing, catalogue);
}

}  // namespace groundhog::sinks
