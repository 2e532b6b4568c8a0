#include "analysis/joint_catalogue.h"

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "traces/catalogue_check.h"

namespace groundhog::analysis {
namespace {

std::string NameOf(const traces::ServiceEntry& entry) { return entry.name; }
std::string NameOf(const traces::CallPathEntry& entry) { return entry.name; }
std::string NameOf(const traces::FaultEntry& entry) { return entry.name; }
std::string NameOf(const std::string& error_code) { return error_code; }
std::pair<traces::EntityKind, std::string> NameOf(const traces::EntityEntry& entry) {
  return {entry.kind, entry.name};
}
std::pair<std::string, std::vector<traces::SlotKind>> NameOf(const traces::MessageTemplate& entry) {
  return {entry.text, entry.slots};
}

// Appends to `joint` what `own` has under a new name. Returns the joint indices of `own`'s entries.
template <class Entry, class Known>
std::vector<std::uint32_t> Join(const std::vector<Entry>& own, std::vector<Entry>* joint,
                                Known* known) {
  std::vector<std::uint32_t> indices;
  indices.reserve(own.size());
  for (const Entry& entry : own) {
    const auto [at, is_new] =
        known->try_emplace(NameOf(entry), static_cast<std::uint32_t>(joint->size()));
    if (is_new) joint->push_back(entry);
    indices.push_back(at->second);
  }
  return indices;
}

// Both traces' lists of one kind into a joint list.
template <class Entry>
std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> JoinBoth(
    const std::vector<Entry>& a, const std::vector<Entry>& b, std::vector<Entry>* joint) {
  std::map<decltype(NameOf(a.front())), std::uint32_t> known;
  std::vector<std::uint32_t> of_a = Join(a, joint, &known);
  return {std::move(of_a), Join(b, joint, &known)};
}

bool ChangesNothing(const std::vector<std::uint32_t>& indices) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] != i) return false;
  }
  return true;
}

bool HasMoreThanIndicesCanNumber(const traces::Catalogue& joint) {
  for (const std::size_t size :
       {joint.services.size(), joint.call_paths.size(), joint.templates.size(),
        joint.error_codes.size(), joint.faults.size()}) {
    if (size > traces::kIdCountMax) return true;
  }
  return false;
}

// An index of a kind that has "none".
template <class Id>
void Put(const std::vector<std::uint32_t>& indices, Id* id) {
  if (*id != Id::kNone) *id = static_cast<Id>(indices[traces::Index(*id)]);
}

void PutSlots(const std::vector<std::uint32_t>& services,
              const std::vector<std::uint32_t>& entities, const traces::MessageTemplate& message,
              traces::Record* record) {
  std::size_t stored = 0;
  for (const traces::SlotKind kind : message.slots) {
    if (!traces::IsStored(kind)) continue;
    std::int64_t& value = record->slots[stored++];
    if (kind == traces::SlotKind::kService) value = services[static_cast<std::size_t>(value)];
    if (kind == traces::SlotKind::kHost) value = entities[static_cast<std::size_t>(value)];
  }
}

// What entries that only B has say of services, in joint indices. `services_of_b` are B's.
void PutServices(const std::vector<std::uint32_t>& services_of_b, std::size_t first_service,
                 std::size_t first_entity, traces::Catalogue* joint) {
  for (std::size_t i = first_service; i < joint->services.size(); ++i) {
    for (traces::ServiceId& id : joint->services[i].dependencies) Put(services_of_b, &id);
  }
  for (std::size_t i = first_entity; i < joint->entities.size(); ++i) {
    Put(services_of_b, &joint->entities[i].service);
  }
}

}  // namespace

absl::StatusOr<JointCatalogue> JointCatalogue::Make(const traces::Catalogue& a,
                                                    const traces::Catalogue& b) {
  JointCatalogue joint;
  Indices& of_a = joint.indices_[0];
  Indices& of_b = joint.indices_[1];
  traces::Catalogue& all = joint.catalogue_;
  std::tie(of_a.services, of_b.services) = JoinBoth(a.services, b.services, &all.services);
  std::tie(of_a.entities, of_b.entities) = JoinBoth(a.entities, b.entities, &all.entities);
  std::tie(of_a.call_paths, of_b.call_paths) =
      JoinBoth(a.call_paths, b.call_paths, &all.call_paths);
  std::tie(of_a.templates, of_b.templates) = JoinBoth(a.templates, b.templates, &all.templates);
  std::tie(of_a.error_codes, of_b.error_codes) =
      JoinBoth(a.error_codes, b.error_codes, &all.error_codes);
  std::tie(of_a.faults, of_b.faults) = JoinBoth(a.faults, b.faults, &all.faults);
  if (HasMoreThanIndicesCanNumber(all)) {
    return absl::InvalidArgumentError(
        "the two traces have too many different names to be compared");
  }
  // A's services, and its entities of a kind, have different names, so that all of them are there.
  PutServices(of_b.services, a.services.size(), a.entities.size(), &all);
  for (Indices& own : joint.indices_) {
    for (const auto* list : {&own.services, &own.entities, &own.call_paths, &own.templates,
                             &own.error_codes, &own.faults}) {
      own.change_nothing = own.change_nothing && ChangesNothing(*list);
    }
  }
  return joint;
}

void JointCatalogue::Translate(Side side, std::span<traces::Record> records) const {
  const Indices& indices = indices_[static_cast<std::size_t>(side)];
  if (indices.change_nothing) return;
  const auto put_entity = [&](sim::EntityId* id) {
    *id = sim::EntityId{indices.entities[sim::Index(*id)]};
  };
  for (traces::Record& record : records) {
    put_entity(&record.host);
    put_entity(&record.request.source);
    Put(indices.services, &record.service);
    Put(indices.call_paths, &record.call_path);
    Put(indices.services, &record.dependency);
    Put(indices.error_codes, &record.error_code);
    Put(indices.faults, &record.truth.fault);
    Put(indices.faults, &record.truth.also);
    Put(indices.services, &record.truth.root);
    const std::uint32_t message = indices.templates[traces::Index(record.message)];
    record.message = traces::TemplateId{static_cast<std::uint16_t>(message)};
    PutSlots(indices.services, indices.entities, catalogue_.templates[message], &record);
  }
}

}  // namespace groundhog::analysis
