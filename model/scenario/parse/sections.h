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

// The names of services, of journeys, of zones or of faults, for references and suggestions. Views
// into the tree.
class KnownNames {
 public:
  // `noun`: what the names are of, "service"; `remedy`: what to do about one that is not there,
  // "declare it under 'services'"; both must outlive this. `names` may be in any order, and a name
  // may occur twice. `declarations`: the map that declares them, or null. A key there that is no
  // name is reported already, so a reference to it is not reported again.
  KnownNames(std::string_view noun, std::string_view remedy,
             const std::vector<std::string_view>& names, const YamlNode* declarations = nullptr);

  // The index of `name` among the names given; nullopt: it is none of them.
  std::optional<std::size_t> IndexOf(std::string_view name) const;
  std::size_t size() const { return sorted_.size(); }

  // Reports a `name` that is none of them; false: it is none. `role` says who refers to it, such as
  // "fault 'x'".
  bool Check(const PlacedName& name, std::string_view role, Diagnostics& diagnostics) const;

 private:
  std::string_view noun_;
  std::string_view remedy_;
  std::vector<std::string_view> sorted_;
  std::vector<std::size_t> indices_;  // of sorted_
  std::set<std::string> refused_;     // declared keys that are no names; the names probably meant
};

// What the sections know besides the tree.
struct SectionContext {
  Diagnostics& diagnostics;
  KnownNames service_names;  // in the order of the scenario's services
  KnownNames zone_names;     // after ReadServices
  KnownNames journey_names;  // after ReadJourneys; in the order of the scenario's journeys
  KnownNames fault_names;    // after ReadFaults; in the order of the scenario's faults
  Scenario& scenario;        // has the sections that were read before
};

// In this order.
void ReadServices(const std::vector<NamedValue>& entries, SectionContext& context);
void ReadNetwork(MapReader& root, SectionContext& context);
void ReadJourneys(MapReader& root, SectionContext& context);
void ReadTraffic(MapReader& root, SectionContext& context);
void ReadUsers(MapReader& root, SectionContext& context);
void ReadFaults(MapReader& root, const YamlNode* declarations, SectionContext& context);
void ReadClaims(MapReader& root, SectionContext& context);

DependencyPolicy ReadDependency(const NamedValue& entry, std::string_view caller,
                                SectionContext& context);

// Checks how the keys of the nested map `object` depend on each other, where the table cannot say
// so. ReadFields of `map` has read them into `fields`.
void CheckMap(std::string_view object, const MapReader& map, StructRef fields,
              Diagnostics& diagnostics);

// Checks the value of the key `log_interval`: it must be zero, or at least kLogIntervalMin.
void CheckLogInterval(const MapReader& reader, sim::Duration interval, Diagnostics& diagnostics);

// What is wrong with the name of the service's last host; nullopt: nothing.
std::optional<std::string> HostNameProblem(const Service& service);

// Reads the fields of a fault or a burst, and checks when it is there. `subject` is its name in
// messages, such as "fault 'x'"; `position` is where it begins.
template <class Scheduled>
void ReadScheduled(MapReader& reader, std::string_view subject, Position position,
                   SectionContext& context, Scheduled& out);

// Reports a journey without a rate: there are no requests of it to multiply.
void CheckHasRate(const Journey& journey, Position position, Diagnostics& diagnostics);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PARSE_SECTIONS_H_
