#include "analysis/place.h"

#include "sim/check.h"

namespace groundhog::analysis {
namespace {

bool HaveSameOutcome(const traces::Record& a, const traces::Record& b) {
  return a.level == b.level && a.error_code == b.error_code;
}

bool AreAny(const traces::Record&, const traces::Record&) { return true; }

// Of at most 64 records, those that have a partner.
class Marks {
 public:
  bool Has(std::size_t i) const { return (bits_ >> i & 1) != 0; }
  void Add(std::size_t i) { bits_ |= std::uint64_t{1} << i; }

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace

AlignedRecord Aligned(Side side, const KeyedRecord& record, const KeyedRecord& partner) {
  AlignedRecord aligned = side == Side::kA
                              ? AlignedRecord{.a = record, .b = partner, .differences = {}}
                              : AlignedRecord{.a = partner, .b = record, .differences = {}};
  if (partner.record != nullptr) {
    aligned.differences = Differences(*aligned.a.record, *aligned.b.record);
  }
  return aligned;
}

void MatchAtPlace(std::span<const KeyedRecord> a, std::span<const KeyedRecord> b,
                  const TakeAligned& take) {
  sim::Check(a.size() <= kMatchedTogetherMax && b.size() <= kMatchedTogetherMax,
             "few records of one place are matched at a time");
  Marks matched_a;
  Marks matched_b;
  for (const auto are_alike : {HaveSameKind, HaveSameOutcome, AreAny}) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size() && !matched_a.Has(i); ++j) {
        if (matched_b.Has(j) || !are_alike(*a[i].record, *b[j].record)) continue;
        matched_a.Add(i);
        matched_b.Add(j);
        take(Aligned(Side::kA, a[i], b[j]));
      }
    }
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!matched_a.Has(i)) take(Aligned(Side::kA, a[i]));
  }
  for (std::size_t j = 0; j < b.size(); ++j) {
    if (!matched_b.Has(j)) take(Aligned(Side::kB, b[j]));
  }
}

}  // namespace groundhog::analysis
