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
  // Of the first `size` records, so many up to the last one without a partner; 0: all have one.
  std::size_t SizeToLastFree(std::size_t size) const {
    while (size > 0 && Has(size - 1)) --size;
    return size;
  }

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
  const auto match = [&](std::size_t i, std::size_t j) {
    matched_a.Add(i);
    matched_b.Add(j);
    take(Aligned(Side::kA, a[i], b[j]));
  };
  const auto match_if = [&](const auto& are_alike) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size() && !matched_a.Has(i); ++j) {
        if (!matched_b.Has(j) && are_alike(*a[i].record, *b[j].record)) match(i, j);
      }
    }
  };
  match_if(HaveSameKind);
  // The record that ends a span comes after those of its attempts.
  const std::size_t left_a = matched_a.SizeToLastFree(a.size());
  const std::size_t left_b = matched_b.SizeToLastFree(b.size());
  if (left_a > 0 && left_b > 0) match(left_a - 1, left_b - 1);
  match_if(HaveSameOutcome);
  match_if(AreAny);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!matched_a.Has(i)) take(Aligned(Side::kA, a[i]));
  }
  for (std::size_t j = 0; j < b.size(); ++j) {
    if (!matched_b.Has(j)) take(Aligned(Side::kB, b[j]));
  }
}

}  // namespace groundhog::analysis
