#include "analysis/joint_catalogue.h"

#include <cstddef>
#include <tuple>
#include <utility>

#include "analysis/joined_list.h"
#include "traces/catalogue_check.h"

namespace groundhog::analysis {
namespace {

// Both traces' lists of one kind into a joint list.
template <class Entry>
std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> JoinBoth(
    const std::vector<Entry>& a, const std::vector<Entry>& b, std::vector<Entry>* joint) {
  JoinedList<Entry> list(joint);
  std::vector<std::uint32_t> of_a = list.Add(a);
  return {std::move(of_a), list.Add(b)};
}

bool HasMoreThanIndicesCanNumber(const traces::Catalogue& joint) {
  for (const std::size_t size :
       {joint.services.size(), joint.call_paths.size(), joint.templates.size(),
        joint.error_codes.size(), joint.faults.size()}) {
    if (size > traces::kIdCountMax) return true;
  }
  return false;
}

// What entries that only B has say of services, in joint indices. `services_of_b` are B's.
void PutServices(const std::vector<std::uint32_t>& services_of_b, std::size_t first_service,
                 std::size_t first_entity, traces::Catalogue* joint) {
  for (std::size_t i = first_service; i < joint->services.size(); ++i) {
    for (traces::ServiceId& id : joint->services[i].dependencies) {
      CatalogueIndices::Put(services_of_b, &id);
    }
  }
  for (std::size_t i = first_entity; i < joint->entities.size(); ++i) {
    CatalogueIndices::Put(services_of_b, &joint->entities[i].service);
  }
}

}  // namespace

absl::StatusOr<JointCatalogue> JointCatalogue::Make(const traces::Catalogue& a,
                                                    const traces::Catalogue& b) {
  JointCatalogue joint;
  CatalogueIndices& of_a = joint.indices_[0];
  CatalogueIndices& of_b = joint.indices_[1];
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
  for (std::size_t side = 0; side < joint.indices_.size(); ++side) {
    joint.change_nothing_[side] = joint.indices_[side].ChangeNothing();
  }
  return joint;
}

void JointCatalogue::Translate(Side side, std::span<traces::Record> records) const {
  const auto index = static_cast<std::size_t>(side);
  if (!change_nothing_[index]) indices_[index].Translate(catalogue_.templates, records);
}

}  // namespace groundhog::analysis
