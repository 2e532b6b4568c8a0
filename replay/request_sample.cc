#include "replay/request_sample.h"

#include <algorithm>
#include <functional>

namespace groundhog::replay {
namespace {

std::size_t HashOf(std::string_view trace_id) { return std::hash<std::string_view>()(trace_id); }

}  // namespace

void RequestSample::Expect(std::string_view trace_id) {
  if (trace_id.empty() || expected_.size() == kExpectedMax) return;
  expected_.insert(HashOf(trace_id));
}

void RequestSample::Arrive(std::string_view trace_id) {
  has_arrived_ = true;
  if (trace_id.empty() || arrived_.size() == kArrivedMax) return;
  arrived_.insert(HashOf(trace_id));
}

bool RequestSample::is_foreign() const {
  return has_arrived_ && !expected_.empty() &&
         std::none_of(arrived_.begin(), arrived_.end(),
                      [this](std::size_t one) { return expected_.contains(one); });
}

}  // namespace groundhog::replay
