#include "sinks/kafka/routes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "text/suggestion.h"

namespace groundhog::sinks {
namespace {

constexpr std::size_t kTopicNameMax = 249;

absl::Status Wrong(const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, "; write it as level=ERROR:alerts or service=NAME[,level=LEVEL]:TOPIC"));
}

absl::Status AddCondition(std::string_view condition, Route* route) {
  const std::size_t equals = condition.find('=');
  const std::string_view key = condition.substr(0, equals);
  const std::string value(equals == std::string_view::npos ? std::string_view()
                                                           : condition.substr(equals + 1));
  if (key == "service" && !value.empty()) {
    route->services.push_back(value);
    return absl::OkStatus();
  }
  if (key == "level") {
    const std::optional<traces::Level> level = traces::kLevelNames.ValueOf(value);
    if (!level) {
      return Wrong(absl::StrCat("'", value, "' is no level: INFO, WARN or ERROR"));
    }
    route->levels.push_back(*level);
    return absl::OkStatus();
  }
  return Wrong(absl::StrCat("'", std::string(condition), "' is no condition"));
}

std::string Expanded(const std::string& pattern, const std::string& service,
                     const std::string& level) {
  return absl::StrReplaceAll(pattern, {{"{service}", service}, {"{level}", level}});
}

// Whether the pattern can give names of topics.
absl::Status CheckPattern(const std::string& pattern) {
  if (CheckTopicName(Expanded(pattern, "service", "level")).ok()) return absl::OkStatus();
  return CheckTopicName(pattern);
}

template <class List, class Value>
bool Wants(const List& list, const Value& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

absl::Status CheckTopicName(const std::string& topic) {
  const bool is_good = !topic.empty() && topic.size() <= kTopicNameMax && topic != "." &&
                       topic != ".." &&
                       std::all_of(topic.begin(), topic.end(), [](unsigned char c) {
                         return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
                       });
  if (is_good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", topic, "' is no name for a topic: use up to ", kTopicNameMax,
                   " letters, digits, dots, underscores and hyphens ({service} and {level} stand ",
                   "for the record's)"));
}

absl::StatusOr<Route> ParseRoute(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) {
    return Wrong("the topic is missing");
  }
  Route route{.text = std::string(text), .topic = std::string(text.substr(colon + 1))};
  for (std::string_view rest = text.substr(0, colon);;) {
    const std::size_t comma = rest.find(',');
    if (absl::Status s = AddCondition(rest.substr(0, comma), &route); !s.ok()) return s;
    if (comma == std::string_view::npos) return route;
    rest.remove_prefix(comma + 1);
  }
}

absl::Status CheckServices(std::span<const Route> routes, const traces::Catalogue& catalogue) {
  std::vector<std::string_view> names;
  for (const traces::ServiceEntry& service : catalogue.services) names.emplace_back(service.name);
  for (const Route& route : routes) {
    for (const std::string& name : route.services) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      return absl::InvalidArgumentError(absl::StrCat("--route '", route.text,
                                                     "': the trace has no service '", name, "'",
                                                     text::GuessOrList(name, names)));
    }
  }
  return absl::OkStatus();
}

// Adds the pattern's topic to the last cell, unless the cell has it already.
absl::Status Routes::AddTarget(const std::string& pattern, const std::string& service,
                               traces::Level level) {
  std::string topic = Expanded(pattern, service, std::string(traces::kLevelNames.NameOf(level)));
  if (absl::Status s = CheckTopicName(topic); !s.ok()) return s;
  const auto found = std::find(topics_.begin(), topics_.end(), topic);
  const auto index = static_cast<std::uint32_t>(found - topics_.begin());
  if (found == topics_.end()) topics_.push_back(std::move(topic));
  const auto cell = targets_.begin() + static_cast<std::ptrdiff_t>(begins_.back());
  if (cell != targets_.end() && *cell == index) {
    return absl::InvalidArgumentError(
        absl::StrCat("records would stand twice in topic ", topics_[index],
                     ": --topic and a --route or --alerts-topic both name it; name another, or ",
                     "--alerts-topic none"));
  }
  if (std::find(cell, targets_.end(), index) == targets_.end()) targets_.push_back(index);
  return absl::OkStatus();
}

absl::StatusOr<Routes> Routes::Make(const RoutingOptions& options,
                                    const traces::Catalogue& catalogue) {
  if (absl::Status s = CheckPattern(options.topic); !s.ok()) return s;
  for (const Route& route : options.routes) {
    if (absl::Status s = CheckPattern(route.topic); !s.ok()) return s;
  }
  if (absl::Status s = CheckServices(options.routes, catalogue); !s.ok()) return s;
  Routes routes;
  for (const traces::ServiceEntry& service : catalogue.services) {
    for (int index = 0; index < traces::kLevelCount; ++index) {
      const auto level = static_cast<traces::Level>(index);
      routes.begins_.push_back(routes.targets_.size());
      if (absl::Status s = routes.AddTarget(options.topic, service.name, level); !s.ok()) return s;
      for (const Route& route : options.routes) {
        if (!Wants(route.services, service.name) || !Wants(route.levels, level)) continue;
        if (absl::Status s = routes.AddTarget(route.topic, service.name, level); !s.ok()) return s;
      }
    }
  }
  routes.begins_.push_back(routes.targets_.size());
  return routes;
}

}  // namespace groundhog::sinks
