// How many distinct trace ids there are, without deriving one: a trace id follows from the trace
// key, the entity that began the request, and the request's ordinal (traces/trace_id.h).
#ifndef GROUNDHOG_ANALYSIS_DISTINCT_REQUESTS_H_
#define GROUNDHOG_ANALYSIS_DISTINCT_REQUESTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "sim/entity.h"
#include "traces/record.h"

namespace groundhog::analysis {

// Exact. Keeps a bit for each ordinal, in pages of 512: as ordinals count up, a request takes about
// a bit. At most a million pages, of about 100 bytes each. Not thread-safe.
class DistinctRequests {
 public:
  explicit DistinctRequests(std::size_t entity_count) : recent_(entity_count) {}

  // Of the requests that follow; before, it is 0.
  void set_trace_key(std::uint64_t trace_key);

  // `request.source` is an entity. False when there is no memory for it: the count is wrong then.
  bool Add(const traces::RequestId& request) {
    Recent& recent = recent_[sim::Index(request.source)];
    const std::uint64_t number = request.ordinal / kPageBits;
    if (recent.number != number && !FindPage(request.source, number, &recent)) return false;
    std::uint64_t& word = (*recent.page)[request.ordinal % kPageBits / 64];
    const std::uint64_t bit = std::uint64_t{1} << request.ordinal % 64;
    count_ += (word & bit) == 0 ? 1 : 0;
    word |= bit;
    return true;
  }

  std::uint64_t count() const { return count_; }

 private:
  static constexpr std::uint64_t kPageBits = 512;
  static constexpr std::size_t kPagesMax = std::size_t{1} << 20;
  using Page = std::array<std::uint64_t, kPageBits / 64>;

  // The page that an entity used last.
  struct Recent {
    std::uint64_t number = ~std::uint64_t{0};  // none has this number
    Page* page = nullptr;
  };
  struct PageName {
    std::uint64_t trace_key = 0;
    std::uint64_t number = 0;
    sim::EntityId source{};
    bool operator==(const PageName&) const = default;

    template <class Hash>
    friend Hash AbslHashValue(Hash hash, const PageName& one) {
      return Hash::combine(std::move(hash), one.trace_key, one.number, one.source);
    }
  };

  bool FindPage(sim::EntityId source, std::uint64_t number, Recent* recent);

  std::uint64_t trace_key_ = 0;
  std::uint64_t count_ = 0;
  std::vector<Recent> recent_;  // by entity
  std::deque<Page> pages_;      // where they are, they stay
  absl::flat_hash_map<PageName, Page*> page_of_;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_DISTINCT_REQUESTS_H_
