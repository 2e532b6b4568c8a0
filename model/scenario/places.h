// Where in its text a scenario says something, for warnings: they arise long after parsing, from
// plain structs that know no positions.
//
// Immutable; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_PLACES_H_
#define GROUNDHOG_MODEL_SCENARIO_PLACES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/overrides.h"
#include "model/scenario/yaml_tree.h"

namespace groundhog::model {

class ScenarioPlaces {
 public:
  // As for ParseScenario, which must have accepted them.
  ScenarioPlaces(std::string_view yaml_text, std::string_view file_name,
                 const Overrides& overrides = {});

  // Of the key at `path`, written as for `--set`: "services.web.hosts"; if the scenario leaves it
  // out, of the map that it would belong to. "shop.yaml:41:7", or the override that gave its
  // value:
  // "--set services.web.hosts=5". An empty path: the file alone.
  std::string Of(std::string_view path) const;

 private:
  std::string file_name_;
  std::vector<std::string> sources_;  // [0]: the file
  std::optional<YamlNode> root_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PLACES_H_
