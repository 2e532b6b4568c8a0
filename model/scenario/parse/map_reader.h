// Reads one map of the YAML tree by its ObjectSpec: refuses unknown keys, reports missing ones,
// checks types and ranges, fills in defaults. The parser's sections are written with it.
//
// Not thread-safe. Problems go to the Diagnostics; a function that returns false did not change
// `out`.
#ifndef GROUNDHOG_MODEL_SCENARIO_PARSE_MAP_READER_H_
#define GROUNDHOG_MODEL_SCENARIO_PARSE_MAP_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/diagnostics.h"
#include "model/scenario/keys/field.h"
#include "model/scenario/keys/keys.h"
#include "model/scenario/scenario.h"
#include "model/scenario/yaml_tree.h"

namespace groundhog::model {

// A value, and the place that a message about it names.
struct YamlValue {
  const YamlNode* node = nullptr;
  Position position;
};

// An entry of a map by name.
struct NamedValue {
  std::string_view name;
  Position name_position;
  YamlValue value;
};

// A name of a list, or one that refers to something.
struct PlacedName {
  std::string_view name;
  Position position;
};

class MapReader {
 public:
  // `subject` names the map in messages: "service 'auth-service'". `owner` is the place that a
  // message about a missing key names. The map's node, `object` and `diagnostics` must outlive the
  // reader.
  MapReader(YamlValue map, const ObjectSpec& object, std::string_view subject, Position owner,
            Diagnostics& diagnostics);

  bool is_map() const { return map_ != nullptr; }
  bool Has(std::string_view key) const;
  // Where `key` is, or the override that set its value; `owner` if the map has no such key.
  Position KeyPosition(std::string_view key) const;

  // Reads every key that the table binds to a field of `out` and that the map's kind may have.
  // Reads and checks nested maps too (CheckMap, sections.h).
  void ReadFields(StructRef out);
  // Whether ReadFields found a value for `key`, given or default, and it is in its field.
  bool IsRead(std::string_view key) const;

  bool Name(std::string_view key, std::string& out);
  bool Text(std::string_view key, std::string& out);
  bool Whole(std::string_view key, int& out);
  bool Whole(std::string_view key, std::uint64_t& out);
  bool Number(std::string_view key, double& out);
  bool Boolean(std::string_view key, bool& out);
  bool Duration(std::string_view key, sim::Duration& out);
  bool Rate(std::string_view key, double& out);
  bool Timestamp(std::string_view key, std::int64_t& out);
  bool TimeOfDay(std::string_view key, sim::Duration& out);
  bool Code(std::string_view key, std::string& out);
  // The index of the choice.
  bool Choice(std::string_view key, std::size_t& out);
  // As many numbers as the table says.
  bool Numbers(std::string_view key, std::vector<double>& out);
  bool Wholes(std::string_view key, std::vector<int>& out);
  bool Messages(std::string_view key, std::vector<std::string>& out);
  bool Distribution(std::string_view key, DurationDistribution& out);
  // The map of `key`, into what `out` refers to.
  bool Map(const KeySpec& key, MapRef out);

  // Of a key that refers to one thing: its text. Whether such a thing exists is not checked.
  std::optional<PlacedName> Reference(std::string_view key);
  // The elements of a list of names: each has the form of a name, none occurs twice. What is wrong
  // is reported once, however often the list is asked for.
  const std::vector<PlacedName>& NameList(std::string_view key);

  // The value of `key`, given or default; nullopt when absent; a missing required key is reported.
  std::optional<YamlValue> Value(std::string_view key);
  // The elements of a list.
  std::optional<std::vector<YamlValue>> List(std::string_view key);
  // The entries of a map by name, service or code.
  std::vector<NamedValue> Entries(std::string_view key, std::size_t entries_max);

 private:
  void CheckKeys();
  // Reports keys that the table does not allow for the map's kind or beside the map's other keys.
  void CheckConditions();
  // False: maps of this kind may not have the key, which is reported.
  bool CheckKind(const KeySpec& spec, std::string_view kind);
  // The value of `kind`, if it is one of its choices.
  std::optional<std::string_view> Kind() const;
  bool IsExcluded(const KeySpec& spec) const;
  const KeySpec& Spec(std::string_view key) const;
  const YamlNode* Default(const KeySpec& spec);
  // The text of a scalar; any other value is reported.
  std::optional<std::string_view> Scalar(const KeySpec& spec, const YamlValue& value);
  std::optional<std::uint64_t> WholeIn(const KeySpec& spec, const YamlValue& value);
  std::optional<double> NumberIn(const KeySpec& spec, const YamlValue& value);
  std::optional<sim::Duration> DurationIn(const KeySpec& spec, const YamlValue& value);
  void Mismatch(const KeySpec& spec, const YamlValue& value, std::string_view hint = "");

  const YamlNode* map_ = nullptr;  // null: absent, or not a map (reported)
  const ObjectSpec& object_;
  std::string subject_;
  Position owner_;
  Diagnostics& diagnostics_;
  std::deque<YamlNode> defaults_;                                   // stable addresses
  std::vector<std::string_view> read_;                              // keys; by ReadFields
  std::map<std::string_view, std::vector<PlacedName>> name_lists_;  // by key; by NameList
};

// What `node` is, for a message: "'abc'", "a list", "nothing".
std::string Describe(const YamlNode& node);

bool IsName(std::string_view text);
// The name that was probably meant: "web-frontend" for "Web_Frontend". Empty: there is none.
std::string MendedName(std::string_view text);
bool IsErrorCode(std::string_view text);

// A distribution whose durations are in the range of `key`. nullopt: not valid (reported).
std::optional<DurationDistribution> ReadDistribution(const KeySpec& key, const YamlValue& value,
                                                     std::string_view subject,
                                                     Diagnostics& diagnostics);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PARSE_MAP_READER_H_
