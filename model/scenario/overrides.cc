#include "model/scenario/overrides.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "text/concat.h"
#include "text/numbers.h"
#include "text/suggestion.h"
#include "text/utf8.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::ParseWhole;

constexpr std::size_t kShownLengthMax = 100;
constexpr std::string_view kWithoutPrefix = "--without ";
constexpr std::string_view kScalePrefix = "--scale ";

// Maps whose keys are names that the scenario's author chose: a path through a name that is not
// there is a slip, not the start of something new.
constexpr std::array<std::string_view, 8> kNamedMaps = {
    "services", "journeys", "users", "faults", "expect", "bursts", "dependencies", "errors"};

std::string Shortened(std::string_view text) {
  const std::string_view shown = text::Utf8Beginning(text, kShownLengthMax);
  return Concat({shown, shown.size() < text.size() ? "…" : ""});
}

std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dot = path.find('.');
    parts.push_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

std::string JoinPath(std::span<const std::string_view> parts) {
  std::string path;
  for (std::string_view part : parts) {
    if (!path.empty()) path += ".";
    path += part;
  }
  return path;
}

void MakeMap(YamlNode& node, Position position) {
  node = {.kind = YamlNode::Kind::kMap, .position = position};
}

// One `--set`: walks from the root to the place and puts the value there.
class Setter {
 public:
  Setter(std::span<const std::string_view> path, Position position, Diagnostics& diagnostics)
      : path_(path), position_(position), diagnostics_(diagnostics) {}

  void Put(YamlNode& root, YamlNode value) {
    YamlNode* node = &root;
    for (depth_ = 0; depth_ < path_.size(); ++depth_) {
      if (node->kind == YamlNode::Kind::kNull) MakeMap(*node, position_);
      if (node->kind == YamlNode::Kind::kMap) {
        node = InMap(*node);
      } else if (node->kind == YamlNode::Kind::kSequence) {
        node = InSequence(*node);
      } else {
        Complain(Concat({"'", Before(), "' is no map here, so it has no '", path_[depth_],
                         "'; set it as a whole: ", Before(), "={", path_[depth_], ": ...}"}));
        return;
      }
      if (node == nullptr) return;
    }
    *node = std::move(value);
  }

 private:
  YamlNode* InMap(YamlNode& map) {
    const std::string_view name = path_[depth_];
    YamlNode* found = map.Find(name);
    if (found != nullptr) return found;
    const bool is_last = depth_ + 1 == path_.size();
    const bool is_named =
        depth_ > 0 && std::ranges::find(kNamedMaps, path_[depth_ - 1]) != kNamedMaps.end();
    if (is_named && !is_last) {
      const std::vector<std::string_view> names = Names(map);
      Complain(
          Concat({"there is no '", name, "' in '", Before(), "'", text::DidYouMean(name, names)}));
      return nullptr;
    }
    map.keys.push_back({.text = std::string(name), .position = position_});
    map.items.push_back({.kind = YamlNode::Kind::kNull, .position = position_});
    return &map.items.back();
  }

  YamlNode* InSequence(YamlNode& sequence) {
    const std::optional<std::uint64_t> index = ParseWhole(path_[depth_]);
    if (index && *index < sequence.items.size()) return &sequence.items[*index];
    Complain(
        Concat({"'", Before(), "' is a list of ", std::to_string(sequence.items.size()),
                "; its elements are numbered from 0, so '", path_[depth_], "' is none of them"}));
    return nullptr;
  }

  static std::vector<std::string_view> Names(const YamlNode& map) {
    std::vector<std::string_view> names;
    for (const YamlKey& key : map.keys) names.push_back(key.text);
    return names;
  }

  std::string Before() const {
    return depth_ == 0 ? "the scenario" : JoinPath(path_.first(depth_));
  }
  void Complain(std::string_view message) { diagnostics_.Add(position_, message); }

  std::span<const std::string_view> path_;
  Position position_;
  Diagnostics& diagnostics_;
  std::size_t depth_ = 0;
};

void ApplySet(std::string_view text, int source, YamlNode& root, Diagnostics& diagnostics) {
  const Position position{.source = source};
  const std::size_t equals = text.find('=');
  const std::string_view path_text = text.substr(0, equals);
  const std::vector<std::string_view> path = SplitPath(path_text);
  const bool has_gap = std::ranges::find(path, std::string_view()) != path.end();
  if (equals == std::string_view::npos || has_gap) {
    diagnostics.Add(position, "must be PATH=VALUE, such as services.auth-service.hosts=5");
    return;
  }
  const std::string_view value_text = text.substr(equals + 1);
  if (value_text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    diagnostics.Add(position, "the value is missing; write PATH=VALUE");
    return;
  }
  std::optional<YamlNode> value = ReadYaml(value_text, source, diagnostics);
  if (!value) return;
  Setter(path, position, diagnostics).Put(root, *std::move(value));
}

// Taken as text, not as YAML: a seed of "{}" is a wrong seed, no map.
void PutText(std::string_view key, std::string_view text, int source, YamlNode& root,
             Diagnostics& diagnostics) {
  const Position position{.source = source};
  const std::array<std::string_view, 1> path = {key};
  Setter(path, position, diagnostics)
      .Put(root,
           {.kind = YamlNode::Kind::kScalar, .text = std::string(text), .position = position});
}

}  // namespace

std::string OptionText(const Override& change) {
  switch (change.kind) {
    case Override::Kind::kSet:
      return Concat({"--set ", change.value});
    case Override::Kind::kSeed:
      return Concat({"--seed ", change.value});
    case Override::Kind::kDuration:
      return Concat({"--duration ", change.value});
    case Override::Kind::kStart:
      return Concat({"--start ", change.value});
    case Override::Kind::kWithout:
      return Concat({kWithoutPrefix, change.value});
    case Override::Kind::kScale:
      return Concat({kScalePrefix, change.value});
  }
  return "";
}

std::string TraceText(const Override& change) {
  switch (change.kind) {
    case Override::Kind::kSet:
      return change.value;
    case Override::Kind::kSeed:
      return Concat({"seed=", change.value});
    case Override::Kind::kDuration:
      return Concat({"duration=", change.value});
    case Override::Kind::kStart:
      return Concat({"start=", change.value});
    case Override::Kind::kWithout:
      return Concat({kWithoutPrefix, change.value});
    case Override::Kind::kScale:
      return Concat({kScalePrefix, change.value});
  }
  return "";
}

Override FromTraceText(std::string_view text) {
  if (text.starts_with(kWithoutPrefix)) {
    return {.kind = Override::Kind::kWithout,
            .value = std::string(text.substr(kWithoutPrefix.size()))};
  }
  if (text.starts_with(kScalePrefix)) {
    return {.kind = Override::Kind::kScale, .value = std::string(text.substr(kScalePrefix.size()))};
  }
  return {.kind = Override::Kind::kSet, .value = std::string(text)};
}

void ApplyToTree(const Overrides& overrides, YamlNode& root, Diagnostics& diagnostics,
                 std::vector<int>& sources) {
  sources.clear();
  for (const Override& change : overrides) {
    const int source = diagnostics.AddSource(Shortened(OptionText(change)));
    sources.push_back(source);
    switch (change.kind) {
      case Override::Kind::kSet:
        ApplySet(change.value, source, root, diagnostics);
        break;
      case Override::Kind::kSeed:
        PutText("seed", change.value, source, root, diagnostics);
        break;
      case Override::Kind::kDuration:
        PutText("duration", change.value, source, root, diagnostics);
        break;
      case Override::Kind::kStart:
        PutText("start", change.value, source, root, diagnostics);
        break;
      case Override::Kind::kWithout:
      case Override::Kind::kScale:
        break;
    }
  }
}

}  // namespace groundhog::model
