// Where the entries of one trace's catalogue are in a catalogue that has those of several traces.
#ifndef GROUNDHOG_ANALYSIS_CATALOGUE_INDICES_H_
#define GROUNDHOG_ANALYSIS_CATALOGUE_INDICES_H_

#include <cstdint>
#include <span>
#include <vector>

#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::analysis {

// By index in the trace's own catalogue. Plain value.
struct CatalogueIndices {
  std::vector<std::uint32_t> services;
  std::vector<std::uint32_t> entities;
  std::vector<std::uint32_t> call_paths;
  std::vector<std::uint32_t> templates;
  std::vector<std::uint32_t> error_codes;
  std::vector<std::uint32_t> faults;

  // Each entry at its own place.
  static CatalogueIndices Of(const traces::Catalogue& catalogue);

  // Whether each entry is at its own place.
  bool ChangeNothing() const;

  // An index of a kind that has "none". The lists must have as few entries as `Id` can number.
  template <class Id>
  static void Put(const std::vector<std::uint32_t>& indices, Id* id) {
    if (*id != Id::kNone) *id = static_cast<Id>(indices[traces::Index(*id)]);
  }

  // Puts the new indices into records of the trace. `new_templates` are the new catalogue's.
  void Translate(const std::vector<traces::MessageTemplate>& new_templates,
                 std::span<traces::Record> records) const;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_CATALOGUE_INDICES_H_
