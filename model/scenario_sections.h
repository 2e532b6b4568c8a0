// The parser's sections: each reads one part of the tree into its structs and checks it, references
// to services included. Internal to the parser.
#ifndef GROUNDHOG_MODEL_SCENARIO_SECTIONS_H_
#define GROUNDHOG_MODEL_SCENARIO_SECTIONS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/scenario.h"
#include "model/scenario_diagnostics.h"
#include "model/scenario_reader.h"

namespace groundhog::model {

// The names of services, for references and suggestions. Views into the tree.
class ServiceNames {
 public:
  // `names` in any order.
  explicit ServiceNames(std::vector<std::string_view> names);

  bool Contains(std::string_view name) const;

  // Tells at `position` when `name` is none of them. `role` such as "fault 'x'".
  bool Check(std::string_view name, std::string_view role, Position position,
             Diagnostics& diagnostics) const;

 private:
  std::vector<std::string_view> sorted_;
};

// What is known while reading, besides the tree.
struct SectionContext {
  Diagnostics& diagnostics;
  const ServiceNames& service_names;
  Scenario& scenario;  // sections before are there
};

void ReadNetwork(MapReader& root, SectionContext& context);
void ReadTraffic(MapReader& root, SectionContext& context);
void ReadServices(const std::vector<NamedValue>& entries, SectionContext& context);
void ReadJourneys(MapReader& root, SectionContext& context);
void ReadFaults(MapReader& root, SectionContext& context);

// `key` of `reader`: zero, or 100ms at least.
void ReadLogInterval(MapReader& reader, Diagnostics& diagnostics, sim::Duration& out);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_SECTIONS_H_
