// The calls of one request, as a tree of spans.
#ifndef GROUNDHOG_ANALYSIS_REQUEST_TREE_H_
#define GROUNDHOG_ANALYSIS_REQUEST_TREE_H_

#include <cstddef>
#include <vector>

#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::analysis {

// One span: work of one host for the request.
struct SpanNode {
  // Indices of its records, by time. The last one ended the span, as far as the records go; the
  // others are attempts of its calls that were tried again.
  std::vector<std::size_t> records;
  std::size_t depth = 0;   // 0: a root
  sim::VirtualTime start;  // of its work, or of its wait when that is part of its duration
  sim::VirtualTime end;
};

// The spans of `records`, which are of one request and in the order of the trace: parents before
// their children, those of one parent by start. A span whose parent is not among them is a root;
// each record of no span is one, too. Every record is in exactly one node, whatever a hostile trace
// says of parents.
std::vector<SpanNode> SpansInTreeOrder(const std::vector<traces::Record>& records);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_REQUEST_TREE_H_
