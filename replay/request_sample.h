// Finds out whether a topic's messages are of the trace that it is compared with, by the ids of
// requests: these do not depend on a replay's keys, headers, timestamps or filters, and no other
// trace has them.
#ifndef GROUNDHOG_REPLAY_REQUEST_SAMPLE_H_
#define GROUNDHOG_REPLAY_REQUEST_SAMPLE_H_

#include <cstddef>
#include <string_view>
#include <unordered_set>

namespace groundhog::replay {

// Not thread-safe. Bounded: it keeps only the first ids of both sides.
class RequestSample {
 public:
  static constexpr std::size_t kExpectedMax = 65'536;
  static constexpr std::size_t kArrivedMax = 4'096;

  // The id of a record's request; empty: it has none.
  void Expect(std::string_view trace_id);
  void Arrive(std::string_view trace_id);

  // Whether enough is known to say that nothing that arrived belongs to a request of the trace:
  // both sides have been seen, and have no id in common.
  bool is_foreign() const;

 private:
  std::unordered_set<std::size_t> expected_;
  std::unordered_set<std::size_t> arrived_;
  bool has_arrived_ = false;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_REQUEST_SAMPLE_H_
