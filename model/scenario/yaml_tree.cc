#include "model/scenario/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <istream>
#include <numeric>
#include <sstream>
#include <utility>

#include "model/scenario/surrogate_pairs.h"
#include "text/concat.h"
#include "text/utf8.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FirstInvalidUtf8;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Thrown by the builder to leave yaml-cpp's parser; never leaves this file.
struct TooDeep {
  Position position;
};

// Finds positions in a text. yaml-cpp counts columns in bytes from 0; people count characters. In
// logarithmic time, as a whole scenario may be one line.
class Lines {
 public:
  Lines(std::string_view text, int source) : text_(text), source_(source), starts_{0} {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
      if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continuations_.push_back(i);
    }
  }

  Position At(int line, int column_bytes) const {
    const std::size_t index =
        std::min(static_cast<std::size_t>(std::max(line, 0)), starts_.size() - 1);
    const std::size_t start = starts_[index];
    const std::size_t length =
        std::min(static_cast<std::size_t>(std::max(column_bytes, 0)), text_.size() - start);
    const auto first = std::ranges::lower_bound(continuations_, start);
    const auto last = std::ranges::lower_bound(continuations_, start + length);
    const std::size_t characters = length - static_cast<std::size_t>(last - first);
    return {.source = source_,
            .line = static_cast<int>(index) + 1,
            .column = static_cast<int>(characters) + 1};
  }

  Position At(const YAML::Mark& mark) const {
    return mark.is_null() ? At(0, 0) : At(mark.line, mark.column);
  }

  Position AtOffset(std::size_t offset) const {
    const auto after = std::ranges::upper_bound(starts_, offset);
    const std::size_t index = static_cast<std::size_t>(after - starts_.begin()) - 1;
    return At(static_cast<int>(index), static_cast<int>(offset - starts_[index]));
  }

  // In bytes from the start of the text.
  std::size_t Offset(const YAML::Mark& mark) const {
    if (mark.is_null()) return 0;
    const std::size_t start =
        starts_[std::min(static_cast<std::size_t>(mark.line), starts_.size() - 1)];
    return std::min(start + static_cast<std::size_t>(mark.column), text_.size());
  }

  // The first tab of the last line down to that of `mark` that is indented with one.
  std::optional<std::size_t> LastTabIndentation(const YAML::Mark& mark) const {
    if (mark.is_null()) return std::nullopt;
    for (std::size_t i = std::min(static_cast<std::size_t>(mark.line) + 1, starts_.size()); i > 0;
         --i) {
      const std::string_view line = text_.substr(starts_[i - 1]);
      const std::size_t content = line.find_first_not_of(" \t");
      if (content == std::string_view::npos || line[content] == '\n') continue;
      const std::size_t tab = line.substr(0, content).find('\t');
      if (tab != std::string_view::npos) return starts_[i - 1] + tab;
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
  int source_;
  std::vector<std::size_t> starts_;         // of lines
  std::vector<std::size_t> continuations_;  // bytes that go on with a character
};

// Builds the tree from yaml-cpp's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const Lines& lines, const SurrogatePairs& pairs, Diagnostics& diagnostics)
      : lines_(lines), pairs_(pairs), diagnostics_(diagnostics) {}

  YamlNode TakeRoot() { return std::move(root_); }

  // Whether what was read last is within brackets or braces, where indentation means nothing.
  bool is_in_flow() const {
    return std::ranges::any_of(levels_, [](const Level& level) { return level.is_flow; });
  }

  void OnDocumentStart(const YAML::Mark& mark) override { (void)mark; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckAnchor(mark, anchor);
    AddLeaf({.kind = YamlNode::Kind::kNull, .position = lines_.At(mark)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    (void)anchor;
    diagnostics_.Add(lines_.At(mark), "aliases (*name) are not used here; write the value out");
    AddLeaf({.kind = YamlNode::Kind::kRefused, .position = lines_.At(mark)});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckAnchor(mark, anchor);
    CheckTag(mark, tag);
    AddLeaf({.kind = YamlNode::Kind::kScalar,
             .text = pairs_.Restored(value),
             .position = lines_.At(mark)});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    CheckAnchor(mark, anchor);
    CheckTag(mark, tag);
    Open(YamlNode::Kind::kSequence, lines_.At(mark), style);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    CheckAnchor(mark, anchor);
    CheckTag(mark, tag);
    Open(YamlNode::Kind::kMap, lines_.At(mark), style);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Level {
    YamlNode node;
    bool is_key = false;       // this whole node stands where a key belongs
    bool expects_key = false;  // of a map: the next node is a key
    bool is_flow = false;      // written with brackets or braces
  };

  void CheckAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return;
    diagnostics_.Add(lines_.At(mark), "anchors (&name) are not used here; leave it out");
  }

  // yaml-cpp gives "?" for plain and "!" for quoted nodes that have no tag.
  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    diagnostics_.Add(lines_.At(mark), Concat({"tags (", tag, ") are not used here; leave it out"}));
  }

  void Open(YamlNode::Kind kind, Position position, YAML::EmitterStyle::value style) {
    if (levels_.size() >= static_cast<std::size_t>(kYamlDepthMax)) throw TooDeep{position};
    const bool is_key = !levels_.empty() && levels_.back().expects_key;
    levels_.push_back({.node = {.kind = kind, .position = position},
                       .is_key = is_key,
                       .expects_key = kind == YamlNode::Kind::kMap,
                       .is_flow = style == YAML::EmitterStyle::Flow});
  }

  void Close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.node.kind == YamlNode::Kind::kMap) RefuseDuplicates(level.node);
    AddLeaf(std::move(level.node));
  }

  // Puts a finished node where it belongs.
  void AddLeaf(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (!level.expects_key) {
      level.node.items.push_back(std::move(node));
      level.expects_key = level.node.kind == YamlNode::Kind::kMap;
      return;
    }
    if (node.kind != YamlNode::Kind::kScalar && node.kind != YamlNode::Kind::kRefused) {
      diagnostics_.Add(node.position, "a key must be a plain word followed by ': '");
    }
    level.node.keys.push_back({.text = std::move(node.text), .position = node.position});
    level.expects_key = false;
  }

  // Keeps the first of equal keys.
  void RefuseDuplicates(YamlNode& map) {
    std::vector<std::size_t> order(map.keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {},
                             [&](std::size_t i) -> const std::string& { return map.keys[i].text; });
    std::vector<bool> is_repeated(map.keys.size());
    std::size_t first = 0;  // of the run of equal keys
    for (std::size_t i = 1; i < order.size(); ++i) {
      const YamlKey& key = map.keys[order[i]];
      const YamlKey& earlier = map.keys[order[first]];
      if (key.text != earlier.text) {
        first = i;
        continue;
      }
      is_repeated[order[i]] = true;
      diagnostics_.Add(key.position,
                       Concat({"'", key.text, "' is given twice, first in line ",
                               std::to_string(earlier.position.line), "; keep one of them"}));
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < map.keys.size(); ++i) {
      if (is_repeated[i]) continue;
      if (kept != i) {
        map.keys[kept] = std::move(map.keys[i]);
        map.items[kept] = std::move(map.items[i]);
      }
      ++kept;
    }
    map.keys.resize(kept);
    map.items.resize(kept);
  }

  const Lines& lines_;
  const SurrogatePairs& pairs_;
  Diagnostics& diagnostics_;
  std::vector<Level> levels_;
  YamlNode root_;
};

// What must hold before yaml-cpp sees the text. It would take U+0004 for the end of the input,
// among other surprises.
bool CheckBytes(std::string_view text, const Lines& lines, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if ((c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r') continue;
    diagnostics.Add(lines.AtOffset(i),
                    c == 0 ? "a NUL byte; this is no YAML text"
                           : "a control character; this is no YAML text, or remove it");
    return false;
  }
  const std::size_t invalid = FirstInvalidUtf8(text);
  if (invalid == std::string_view::npos) return true;
  diagnostics.Add(lines.AtOffset(invalid), "not valid UTF-8; save the file as UTF-8");
  return false;
}

// yaml-cpp's words, or ours for what people and JSON tools often write.
void TellOfError(const YAML::Exception& error, std::string_view text, const Lines& lines,
                 const TreeBuilder& builder, Diagnostics& diagnostics) {
  const std::optional<std::size_t> tab =
      builder.is_in_flow() ? std::nullopt : lines.LastTabIndentation(error.mark);
  if (tab) {
    diagnostics.Add(lines.AtOffset(*tab), "YAML does not allow tabs for indentation; use spaces");
  } else if (error.msg.starts_with(YAML::ErrorMsg::INVALID_UNICODE)) {
    const std::size_t escape = text.substr(0, lines.Offset(error.mark)).rfind('\\');
    diagnostics.Add(
        escape == std::string_view::npos ? lines.At(error.mark) : lines.AtOffset(escape),
        "this escape is no character; a surrogate needs the other half of its pair "
        "beside it (\\ud83d\\ude00), or write the character itself");
  } else {
    diagnostics.Add(lines.At(error.mark), Concat({"not YAML: ", error.msg}));
  }
}

// Runs yaml-cpp and turns its exceptions into diagnostics.
bool Build(std::string_view text, const SurrogatePairs& pairs, const Lines& lines,
           TreeBuilder& builder, Diagnostics& diagnostics) {
  try {
    std::istringstream stream{pairs.text()};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      diagnostics.Add(lines.At(0, 0), "there is no scenario here; see docs/SCENARIO.md");
      return false;
    }
    Diagnostics ignored("");
    TreeBuilder second(lines, pairs, ignored);
    if (parser.HandleNextDocument(second)) {
      diagnostics.Add(second.TakeRoot().position,
                      "a second document begins here; a file holds one scenario");
      return false;
    }
    return true;
  } catch (const TooDeep& deep) {
    diagnostics.Add(deep.position, Concat({"nested deeper than ", std::to_string(kYamlDepthMax),
                                           " levels; flatten it"}));
  } catch (const YAML::Exception& error) {
    TellOfError(error, text, lines, builder, diagnostics);
  } catch (const std::exception& error) {
    diagnostics.Add(lines.At(0, 0), Concat({"not YAML: ", error.what()}));
  }
  return false;
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  if (kind != Kind::kMap) return nullptr;
  const auto found = std::ranges::find(keys, key, &YamlKey::text);
  if (found == keys.end()) return nullptr;
  return &items[static_cast<std::size_t>(found - keys.begin())];
}

YamlNode* YamlNode::Find(std::string_view key) {
  return const_cast<YamlNode*>(std::as_const(*this).Find(key));
}

std::optional<YamlNode> ReadYaml(std::string_view text, int source, Diagnostics& diagnostics) {
  if (text.size() > kYamlBytesMax) {
    diagnostics.Add({.source = source}, Concat({"larger than ", std::to_string(kYamlBytesMax >> 20),
                                                " MiB, the most that a scenario may have"}));
    return std::nullopt;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const Lines lines(text, source);
  if (!CheckBytes(text, lines, diagnostics)) return std::nullopt;
  const SurrogatePairs pairs(text);
  TreeBuilder builder(lines, pairs, diagnostics);
  if (!Build(text, pairs, lines, builder, diagnostics)) return std::nullopt;
  return builder.TakeRoot();
}

}  // namespace groundhog::model
