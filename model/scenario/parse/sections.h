// The parser's sections: each reads one part of the tree into its structs and checks it, references
// included. Internal to the parser.
#ifndef GROUNDHOG_MODEL_SCENARIO_PARSE_SECTIONS_H_
#define GROUNDHOG_MODEL_SCENARIO_PARSE_SECTIONS_H_

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/diagnostics.h"
#include "model/scenario/parse/map_reader.h"
#include "model/scenario/scenario.h"

namespace groundhog::model {

// The names of services, of journeys or of zones, for references and suggestions. Views into the
// tree.
class KnownNames {
 public:
  // `noun`: what the names are of, "service"; `remedy`: what to do about one that is not there,
  // "declare it under 'services'"; both outlive this. `names` in any order, some perhaps twice.
  // `declarations`: the map where they are declared; what is no name there is told already, so that
  // whoever refers to it is not at fault. Null: no such map.
  KnownNames(std::string_view noun, std::string_view remedy,
             const std::vector<std::string_view>& names, const YamlNode* declarations = nullptr);

  // Where `name` is among the names given; nullopt: it is none of them.
  std::optional<std::size_t> IndexOf(std::string_view name) const;
  std::size_t size() const { return sorted_.size(); }

  // Tells when `name` is none of them. `role` such as "fault 'x'".
  bool Check(const PlacedName& name, std::string_view role, Diagnostics& diagnostics) const;

 private:
  std::string_view noun_;
  std::string_view remedy_;
  std::vector<std::string_view> sorted_;
  std::vector<std::size_t> indices_;  // of sorted_
  std::set<std::string> refused_;     // as declared, and as they should be
};

// What is known while reading, besides the tree.
struct SectionContext {
  Diagnostics& diagnostics;
  KnownNames service_names;  // in the order of the scenario's services
  KnownNames zone_names;     // once the services are read
  KnownNames journey_names;  // once the journeys are read, in their order
  Scenario& scenario;        // sections before are there
};

// In this order.
void ReadServices(const std::vector<NamedValue>& entries, SectionContext& context);
void ReadNetwork(MapReader& root, SectionContext& context);
void ReadJourneys(MapReader& root, SectionContext& context);
void ReadTraffic(MapReader& root, SectionContext& context);
void ReadUsers(MapReader& root, SectionContext& context);
void ReadFaults(MapReader& root, SectionContext& context);

DependencyPolicy ReadDependency(const NamedValue& entry, std::string_view caller,
                                SectionContext& context);

// What the table cannot say of the keys of the nested map `object`: how one depends on another.
// ReadFields of `map` has read them into `fields`.
void CheckMap(std::string_view object, const MapReader& map, StructRef fields,
              Diagnostics& diagnostics);

// The key `log_interval`, which is read: zero, or 100ms at least.
void CheckLogInterval(const MapReader& reader, sim::Duration interval, Diagnostics& diagnostics);

// When a fault or a burst is there.
struct Schedule {
  sim::Duration at;
  std::optional<sim::Duration> time_of_day;
  sim::Duration duration;
  sim::Duration every;
  sim::Duration ramp;
};

// `subject` such as "fault 'x'", which stands at `position`.
Schedule ReadSchedule(MapReader& reader, std::string_view subject, Position position,
                      SectionContext& context);

// Told when there is nothing of `journey`'s that open-loop traffic could be multiplied by.
bool CheckHasRate(const Journey& journey, Position position, Diagnostics& diagnostics);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PARSE_SECTIONS_H_
