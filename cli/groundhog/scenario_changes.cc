#include "cli/groundhog/scenario_changes.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/scenario/diagnostics.h"
#include "model/scenario/overrides.h"
#include "model/scenario/parse/parser.h"
#include "model/scenario/print/printer.h"
#include "model/scenario/yaml_tree.h"
#include "text/time_text.h"

namespace groundhog::cli {
namespace {

using model::YamlNode;
using Kind = YamlNode::Kind;

std::optional<YamlNode> EffectiveTree(const traces::TraceInfo& info) {
  model::Overrides overrides;
  for (const std::string& text : info.overrides) overrides.push_back(model::FromTraceText(text));
  auto parsed = model::ParseScenario(info.scenario_text, "scenario", overrides);
  if (!parsed.ok()) return std::nullopt;
  parsed->scenario.claims.clear();  // what is expected of records changes none of them
  model::Diagnostics diagnostics("scenario");
  return model::ReadYaml(model::ScenarioText(parsed->scenario), /*source=*/0, diagnostics);
}

// As YAML on one line.
std::string OneLine(const YamlNode& node) {
  if (node.kind == Kind::kScalar) return node.text;
  if (node.kind != Kind::kMap && node.kind != Kind::kSequence) return "null";
  const bool is_map = node.kind == Kind::kMap;
  std::string line = is_map ? "{" : "[";
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    absl::StrAppend(&line, i == 0 ? "" : ", ", is_map ? node.keys[i].text + ": " : "",
                    OneLine(node.items[i]));
  }
  return line + (is_map ? "}" : "]");
}

// Whether it holds things by name, as `faults` does.
bool IsMapOfMaps(const YamlNode* node) {
  return node != nullptr && node->kind == Kind::kMap && !node->items.empty() &&
         std::all_of(node->items.begin(), node->items.end(),
                     [](const YamlNode& item) { return item.kind == Kind::kMap; });
}

class Comparison {
 public:
  // Adds what differs below `path`. Null: absent.
  void Compare(const std::string& path, const YamlNode* a, const YamlNode* b) {
    if (a != nullptr && b != nullptr && a->kind == b->kind) {
      if (a->kind == Kind::kMap) return CompareMaps(path, *a, *b);
      if (a->kind == Kind::kSequence && a->items.size() == b->items.size()) {
        for (std::size_t i = 0; i < a->items.size(); ++i) {
          Compare(absl::StrCat(path, "[", i, "]"), &a->items[i], &b->items[i]);
        }
        return;
      }
    }
    static const YamlNode kNothing = {.kind = Kind::kMap};
    if (a == nullptr && IsMapOfMaps(b)) return CompareMaps(path, kNothing, *b);
    if (b == nullptr && IsMapOfMaps(a)) return CompareMaps(path, *a, kNothing);
    const auto line = [](const YamlNode* node) {
      return node == nullptr ? std::nullopt : std::optional(OneLine(*node));
    };
    Add(path, line(a), line(b));
  }

  void Add(std::string key, std::optional<std::string> a, std::optional<std::string> b) {
    if (a == b) return;
    changes_.push_back({.key = std::move(key), .a = std::move(a), .b = std::move(b)});
  }

  std::vector<ScenarioChange> Take() { return std::move(changes_); }

 private:
  void CompareMaps(const std::string& path, const YamlNode& a, const YamlNode& b) {
    const auto below = [&](const std::string& key) {
      return path.empty() ? key : path + "." + key;
    };
    for (std::size_t i = 0; i < a.items.size(); ++i) {
      Compare(below(a.keys[i].text), &a.items[i], b.Find(a.keys[i].text));
    }
    for (std::size_t i = 0; i < b.items.size(); ++i) {
      if (a.Find(b.keys[i].text) == nullptr) Compare(below(b.keys[i].text), nullptr, &b.items[i]);
    }
  }

  std::vector<ScenarioChange> changes_;
};

}  // namespace

std::vector<ScenarioChange> ScenarioChanges(const traces::TraceInfo& a,
                                            const traces::TraceInfo& b) {
  Comparison comparison;
  const std::optional<YamlNode> tree_a = EffectiveTree(a);
  const std::optional<YamlNode> tree_b = EffectiveTree(b);
  if (tree_a && tree_b) {
    comparison.Compare("", &*tree_a, &*tree_b);
    return comparison.Take();
  }
  comparison.Add("name", a.scenario_name, b.scenario_name);
  comparison.Add("seed", absl::StrCat(a.seed), absl::StrCat(b.seed));
  comparison.Add("start", text::FormatRfc3339(a.start_unix_nanoseconds),
                 text::FormatRfc3339(b.start_unix_nanoseconds));
  comparison.Add("duration", text::FormatDuration(a.duration), text::FormatDuration(b.duration));
  if (a.scenario_text != b.scenario_text) {
    comparison.Add("scenario text", absl::StrCat(a.scenario_text.size(), " bytes of A's"),
                   absl::StrCat(b.scenario_text.size(), " bytes of B's"));
  }
  return comparison.Take();
}

}  // namespace groundhog::cli
