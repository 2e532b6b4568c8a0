#include "analysis/request_tree.h"

#include <algorithm>
#include <map>
#include <utility>

namespace groundhog::analysis {
namespace {

// Nodes in the order in which they are found, without depth.
struct Forest {
  std::vector<SpanNode> nodes;
  std::vector<std::vector<std::size_t>> children;  // by node
  std::vector<std::size_t> by_start;               // all nodes
  std::vector<bool> has_parent;
};

Forest FindSpans(const std::vector<traces::Record>& records) {
  Forest forest;
  std::map<traces::SpanId, std::size_t> node_of;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const traces::Record& record = records[i];
    std::size_t node = forest.nodes.size();
    if (record.span != traces::SpanId::kNone) {
      node = node_of.emplace(record.span, node).first->second;
    }
    if (node == forest.nodes.size()) forest.nodes.emplace_back();
    SpanNode& span = forest.nodes[node];
    span.records.push_back(i);
    span.start = record.time - record.duration;
    span.end = record.time;
  }
  forest.children.resize(forest.nodes.size());
  forest.has_parent.resize(forest.nodes.size());
  for (std::size_t i = 0; i < forest.nodes.size(); ++i) forest.by_start.push_back(i);
  std::ranges::stable_sort(forest.by_start, {},
                           [&forest](std::size_t node) { return forest.nodes[node].start; });
  for (const std::size_t node : forest.by_start) {
    const traces::Record& record = records[forest.nodes[node].records.back()];
    const auto parent = node_of.find(record.parent_span);
    if (record.span == traces::SpanId::kNone || parent == node_of.end()) continue;
    forest.children[parent->second].push_back(node);
    forest.has_parent[node] = true;
  }
  return forest;
}

}  // namespace

std::vector<SpanNode> SpansInTreeOrder(const std::vector<traces::Record>& records) {
  Forest forest = FindSpans(records);
  std::vector<SpanNode> ordered;
  std::vector<bool> is_placed(forest.nodes.size());
  std::vector<std::pair<std::size_t, std::size_t>> open;  // nodes and their depths, the next last
  const auto place_from = [&](std::size_t root) {
    open.emplace_back(root, 0);
    while (!open.empty()) {
      const auto [node, depth] = open.back();
      open.pop_back();
      if (is_placed[node]) continue;
      is_placed[node] = true;
      forest.nodes[node].depth = depth;
      ordered.push_back(std::move(forest.nodes[node]));
      const std::vector<std::size_t>& children = forest.children[node];
      for (auto child = children.rbegin(); child != children.rend(); ++child) {
        open.emplace_back(*child, depth + 1);
      }
    }
  };
  for (const std::size_t node : forest.by_start) {
    if (!forest.has_parent[node]) place_from(node);
  }
  // What is left are parents of each other.
  for (const std::size_t node : forest.by_start) place_from(node);
  return ordered;
}

}  // namespace groundhog::analysis
