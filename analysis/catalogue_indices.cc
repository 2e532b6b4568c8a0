#include "analysis/catalogue_indices.h"

#include <cstddef>
#include <numeric>

namespace groundhog::analysis {
namespace {

std::vector<std::uint32_t> Counting(std::size_t size) {
  std::vector<std::uint32_t> indices(size);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

void PutSlots(const CatalogueIndices& indices, const traces::MessageTemplate& message,
              traces::Record* record) {
  std::size_t stored = 0;
  for (const traces::SlotKind kind : message.slots) {
    if (!traces::IsStored(kind)) continue;
    std::int64_t& value = record->slots[stored++];
    const auto at = static_cast<std::size_t>(value);
    if (kind == traces::SlotKind::kService) value = indices.services[at];
    if (kind == traces::SlotKind::kHost) value = indices.entities[at];
  }
}

}  // namespace

CatalogueIndices CatalogueIndices::Of(const traces::Catalogue& catalogue) {
  return {.services = Counting(catalogue.services.size()),
          .entities = Counting(catalogue.entities.size()),
          .call_paths = Counting(catalogue.call_paths.size()),
          .templates = Counting(catalogue.templates.size()),
          .error_codes = Counting(catalogue.error_codes.size()),
          .faults = Counting(catalogue.faults.size())};
}

bool CatalogueIndices::ChangeNothing() const {
  for (const auto* list : {&services, &entities, &call_paths, &templates, &error_codes, &faults}) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      if ((*list)[i] != i) return false;
    }
  }
  return true;
}

void CatalogueIndices::Translate(const std::vector<traces::MessageTemplate>& new_templates,
                                 std::span<traces::Record> records) const {
  const auto put_entity = [this](sim::EntityId* id) {
    *id = sim::EntityId{entities[sim::Index(*id)]};
  };
  for (traces::Record& record : records) {
    put_entity(&record.host);
    put_entity(&record.request.source);
    Put(services, &record.service);
    Put(call_paths, &record.call_path);
    Put(services, &record.dependency);
    Put(error_codes, &record.error_code);
    Put(faults, &record.truth.fault);
    Put(faults, &record.truth.also);
    Put(services, &record.truth.root);
    const std::uint32_t message = templates[traces::Index(record.message)];
    record.message = traces::TemplateId{static_cast<std::uint16_t>(message)};
    PutSlots(*this, new_templates[message], &record);
  }
}

}  // namespace groundhog::analysis
