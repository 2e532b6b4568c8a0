// YAML as a tree of plain nodes that know their places in the text. The reader takes the part
// of YAML that a scenario needs: maps with plain keys, lists, scalars as text. It refuses what
// hides meaning (anchors, aliases, tags, merge keys, several documents, a key twice) and what could
// harm (oversized, deeply nested or binary input), so that what follows can be simple.
//
// Pure functions; safe to use from any thread. No exception of yaml-cpp leaves.
#ifndef GROUNDHOG_MODEL_SCENARIO_YAML_TREE_H_
#define GROUNDHOG_MODEL_SCENARIO_YAML_TREE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/diagnostics.h"

namespace groundhog::model {

inline constexpr std::size_t kYamlBytesMax = 4u << 20;
inline constexpr int kYamlDepthMax = 100;

struct YamlKey {
  std::string text;
  Position position;
};

struct YamlNode {
  enum class Kind {
    kNull,    // nothing, ~ or null
    kScalar,  // text, quoted or not
    kSequence,
    kMap,
    kRefused,  // already complained about; readers pass it over
  };
  Kind kind = Kind::kNull;
  std::string text = {};  // kScalar
  Position position = {};
  std::vector<YamlKey> keys = {};    // kMap: keys[i] belongs to items[i]; no two are equal
  std::vector<YamlNode> items = {};  // kMap, kSequence

  // The value of `key`; null when absent or when this is no map.
  const YamlNode* Find(std::string_view key) const;
  YamlNode* Find(std::string_view key);
};

// Reads one document. Problems go to `diagnostics`; positions carry `source`. nullopt when there is
// no tree to go on with; otherwise a tree even if there were problems.
std::optional<YamlNode> ReadYaml(std::string_view text, int source, Diagnostics& diagnostics);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_YAML_TREE_H_
