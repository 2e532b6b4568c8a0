// The names of two traces in one catalogue, so that their records can be compared number by number:
// the same name may have another index in each trace. Names are compared once, when the joint
// catalogue is made; a record then costs a few lookups in arrays.
//
// Not thread-safe while it is made; afterwards safe to read from any thread.
#ifndef GROUNDHOG_ANALYSIS_JOINT_CATALOGUE_H_
#define GROUNDHOG_ANALYSIS_JOINT_CATALOGUE_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/catalogue_indices.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::analysis {

// The two traces that are compared.
enum class Side : std::uint8_t { kA = 0, kB = 1 };
constexpr Side OtherSide(Side side) { return side == Side::kA ? Side::kB : Side::kA; }

class JointCatalogue {
 public:
  // Both catalogues must satisfy traces::CheckCatalogue. InvalidArgument: together they have more
  // names of a kind than indices can number.
  static absl::StatusOr<JointCatalogue> Make(const traces::Catalogue& a,
                                             const traces::Catalogue& b);

  // A's lists, each followed by what only B has. Services, error codes, call paths and faults are
  // the same when their names are; entities when kind, name and key delta are; templates when text
  // and slots are. Of what both have, the entry is A's.
  const traces::Catalogue& catalogue() const { return catalogue_; }

  // Puts indices of the joint catalogue into records of one of the traces. Of entries that a trace
  // lists twice, all records get the first.
  void Translate(Side side, std::span<traces::Record> records) const;

 private:
  JointCatalogue() = default;

  traces::Catalogue catalogue_;
  std::array<CatalogueIndices, 2> indices_;  // by Side
  std::array<bool, 2> change_nothing_{};     // by Side
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_JOINT_CATALOGUE_H_
