// How a service calls another, and what goes with a call.
#include "model/scenario/parse/sections.h"
#include "text/concat.h"

namespace groundhog::model {

DependencyPolicy ReadDependency(const NamedValue& entry, std::string_view caller,
                                SectionContext& context) {
  DependencyPolicy policy;
  policy.service = entry.name;
  context.service_names.Check({.name = entry.name, .position = entry.name_position},
                              text::Concat({"a dependency of '", caller, "'"}),
                              context.diagnostics);
  MapReader reader(entry.value, ObjectNamed("dependency"),
                   text::Concat({"dependency '", entry.name, "'"}), entry.name_position,
                   context.diagnostics);
  reader.ReadFields(StructRef::To(policy));
  return policy;
}

}  // namespace groundhog::model
