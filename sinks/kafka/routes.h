// Which Kafka topics a record goes to: one main topic, and copies by rules such as
// level=ERROR:alerts. Sending and checking use the same code, so that they agree.
#ifndef GROUNDHOG_SINKS_KAFKA_ROUTES_H_
#define GROUNDHOG_SINKS_KAFKA_ROUTES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::sinks {

// InvalidArgument: Kafka allows no topic of this name.
absl::Status CheckTopicName(const std::string& topic);

// A rule: a copy of each record that matches goes to `topic`. An empty list matches everything;
// conditions of different kinds must all hold.
struct Route {
  std::string text;  // as it was written
  std::vector<std::string> services;
  std::vector<traces::Level> levels;
  std::string topic;  // a pattern, see RoutingOptions
};

// "level=ERROR:alerts", "service=auth-service,service=user-service,level=WARN:auth-{level}".
// InvalidArgument says what is wrong.
absl::StatusOr<Route> ParseRoute(std::string_view text);

// InvalidArgument: a rule names a service that the trace does not have.
absl::Status CheckServices(std::span<const Route> routes, const traces::Catalogue& catalogue);

// Topics are patterns: {service} and {level} are replaced by the record's.
struct RoutingOptions {
  std::string topic = "raw_logs";
  std::vector<Route> routes;
};

// Immutable, so thread-safe.
class Routes {
 public:
  // InvalidArgument: a name that Kafka does not allow, a service that the trace does not have, a
  // rule that copies records into a topic that has them already.
  static absl::StatusOr<Routes> Make(const RoutingOptions& options,
                                     const traces::Catalogue& catalogue);

  // Every topic that any record of this trace may go to, each once.
  const std::vector<std::string>& topics() const { return topics_; }

  // Indices into topics(): first the main topic, then those of copies, each once.
  std::span<const std::uint32_t> TopicsOf(const traces::Record& record) const {
    const std::size_t cell = Cell(record.service, record.level);
    return std::span(targets_).subspan(begins_[cell], begins_[cell + 1] - begins_[cell]);
  }

 private:
  Routes() = default;

  static std::size_t Cell(traces::ServiceId service, traces::Level level) {
    return std::size_t{traces::Index(service)} * traces::kLevelCount + traces::Index(level);
  }
  absl::Status AddTarget(const std::string& pattern, const std::string& service,
                         traces::Level level);

  std::vector<std::string> topics_;
  std::vector<std::uint32_t> targets_;  // of all cells, one after the other
  std::vector<std::size_t> begins_;     // of each cell in targets_, and the end of the last
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_ROUTES_H_
