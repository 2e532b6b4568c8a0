// Services and their dependencies as text.
#include "model/scenario/print/parts.h"

namespace groundhog::model {
namespace {

void WriteErrors(LineWriter& writer, const std::vector<OwnError>& errors) {
  if (!errors.empty()) writer.Line(2, {"errors:"});
  for (const OwnError& error : errors) {
    writer.Line(3, {error.code, ":"});
    WriteFields(writer, 4, ObjectNamed("error"), StructRef::To(error));
  }
}

void WriteDependencies(LineWriter& writer, const std::vector<DependencyPolicy>& dependencies) {
  if (!dependencies.empty()) writer.Line(2, {"dependencies:"});
  for (const DependencyPolicy& policy : dependencies) {
    writer.Line(3, {NameText(policy.service), ":"});
    WriteFields(writer, 4, ObjectNamed("dependency"), StructRef::To(policy));
  }
}

}  // namespace

void WriteService(LineWriter& writer, const Service& service) {
  writer.Line(1, {NameText(service.name), ":"});
  WriteFields(writer, 2, ObjectNamed("service"), StructRef::To(service), [&](const KeySpec& key) {
    if (key.name == "errors") WriteErrors(writer, service.errors);
    if (key.name == "dependencies") WriteDependencies(writer, service.dependencies);
  });
}

}  // namespace groundhog::model
