#include "cli/groundhog/name_changes.h"

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "traces/trace_id.h"

namespace groundhog::cli {
namespace {

// What is said of each name, by kind and name.
using Named = std::map<std::pair<std::string_view, std::string>, std::string>;

std::string TimesText(const traces::FaultEntry& fault) {
  std::string text;
  const auto add = [&text](std::int64_t nanoseconds) { absl::StrAppend(&text, nanoseconds, " "); };
  add(fault.first_start.nanoseconds());
  add(fault.duration.nanoseconds());
  add(fault.period.nanoseconds());
  for (const traces::FaultTime& time : fault.times) {
    add(time.start.nanoseconds());
    add(time.end.nanoseconds());
  }
  return text;
}

Named NamesOf(const traces::Catalogue& catalogue) {
  Named named;
  const auto service_name = [&catalogue](traces::ServiceId service) {
    return service == traces::ServiceId::kNone ? ""
                                               : catalogue.services[traces::Index(service)].name;
  };
  for (const traces::ServiceEntry& service : catalogue.services) {
    std::string& text = named[{"service", service.name}];
    for (const traces::ServiceId each : service.dependencies) {
      absl::StrAppend(&text, service_name(each), " ");
    }
  }
  for (const traces::EntityEntry& entity : catalogue.entities) {
    named[{"entity", traces::KindAndName(entity)}] = service_name(entity.service);
  }
  for (const traces::CallPathEntry& path : catalogue.call_paths) named[{"call path", path.name}];
  for (const traces::MessageTemplate& message : catalogue.templates) {
    std::string& text = named[{"message", message.text}];
    for (const traces::SlotKind kind : message.slots)
      absl::StrAppend(&text, static_cast<int>(kind), " ");
  }
  for (const std::string& code : catalogue.error_codes) named[{"error code", code}];
  for (const traces::FaultEntry& fault : catalogue.faults) {
    named[{"fault", fault.name}] =
        absl::StrCat(fault.kind, " ", fault.target, " ", fault.is_random, " ", TimesText(fault));
  }
  return named;
}

}  // namespace

std::vector<std::string> NameChanges(const traces::Catalogue& a, const traces::Catalogue& b) {
  if (a == b) return {};
  const Named of_a = NamesOf(a);
  const Named of_b = NamesOf(b);
  std::vector<std::string> changes;
  const auto add = [&changes](const Named::key_type& key, const char* what) {
    changes.push_back(absl::StrCat(std::string(key.first), " ", key.second, ": ", what));
  };
  for (const auto& [key, text] : of_a) {
    const auto found = of_b.find(key);
    if (found == of_b.end()) {
      add(key, "only in A");
    } else if (found->second != text) {
      add(key, "not the same in both");
    }
  }
  for (const auto& [key, text] : of_b) {
    if (!of_a.contains(key)) add(key, "only in B");
  }
  if (changes.empty()) changes.emplace_back("the same names, in another order");
  return changes;
}

}  // namespace groundhog::cli
