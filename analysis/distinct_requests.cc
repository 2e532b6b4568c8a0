#include "analysis/distinct_requests.h"

namespace groundhog::analysis {

void DistinctRequests::set_trace_key(std::uint64_t trace_key) {
  if (trace_key == trace_key_) return;
  trace_key_ = trace_key;
  recent_.assign(recent_.size(), Recent{});
}

bool DistinctRequests::FindPage(sim::EntityId source, std::uint64_t number, Recent* recent) {
  const PageName name = {.trace_key = trace_key_, .number = number, .source = source};
  auto found = page_of_.find(name);
  if (found == page_of_.end()) {
    if (pages_.size() == kPagesMax) return false;
    found = page_of_.emplace(name, &pages_.emplace_back()).first;
  }
  *recent = {.number = number, .page = found->second};
  return true;
}

}  // namespace groundhog::analysis
