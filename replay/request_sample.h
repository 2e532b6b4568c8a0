// Whether what a topic holds is of the trace that it is held against, told by the ids of requests:
// they are the same whatever keys, headers, timestamps or filters a replay had, and no other trace
// has them.
#ifndef GROUNDHOG_REPLAY_REQUEST_SAMPLE_H_
#define GROUNDHOG_REPLAY_REQUEST_SAMPLE_H_

#include <cstddef>
#include <string_view>
#include <unordered_set>

namespace groundhog::replay {

// Not thread-safe. Bounded: of what is expected and of what arrived it takes the first.
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
