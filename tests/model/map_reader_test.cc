// MapReader: what it takes for each type of key, and what it reports. Its keys are a table of this
// test.
#include "model/scenario/parse/map_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/diagnostics.h"
#include "model/scenario/keys/keys.h"
#include "model/scenario/yaml_tree.h"

namespace groundhog::model {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

struct Kettle {
  std::string label;
  int cups = 0;
  sim::Duration boil;
  std::vector<std::string> users;
  double power = 7;
  double pressure = 7;
};

constexpr auto kKeys = std::to_array<KeySpec>({
    {.name = "label",
     .type = ValueType::kName,
     .field = Field::Of<&Kettle::label>(),
     .is_required = true,
     .excluded_by = "is_bare"},
    {.name = "cups",
     .type = ValueType::kWhole,
     .field = Field::Of<&Kettle::cups>(),
     .fallback = "4",
     .minimum = "1",
     .maximum = "12"},
    {.name = "boil",
     .type = ValueType::kDuration,
     .field = Field::Of<&Kettle::boil>(),
     .minimum = "1s",
     .maximum = "10m"},
    {.name = "users", .type = ValueType::kNameList, .field = Field::Of<&Kettle::users>()},
    {.name = "kind", .type = ValueType::kChoice, .choices = "electric stove"},
    {.name = "power",
     .type = ValueType::kNumber,
     .field = Field::Of<&Kettle::power>(),
     .fallback = "2",
     .minimum = "0.5",
     .maximum = "3",
     .kinds = "electric"},
    {.name = "pressure",
     .type = ValueType::kNumber,
     .field = Field::Of<&Kettle::pressure>(),
     .minimum = "1",
     .maximum = "2",
     .kinds = "stove",
     .required_kinds = "stove"},
    {.name = "is_bare", .type = ValueType::kBoolean},
    {.name = "note", .type = ValueType::kText, .needs = "boil"},
    {.name = "rate", .type = ValueType::kRate, .minimum = "0/s", .maximum = "10/s"},
    {.name = "born", .type = ValueType::kTimestamp},
    {.name = "alarm", .type = ValueType::kTimeOfDay},
    {.name = "code", .type = ValueType::kCode},
    {.name = "owner", .type = ValueType::kServiceName},
    {.name = "weights", .type = ValueType::kNumberList, .minimum = "0", .maximum = "9", .count = 2},
    {.name = "hosts", .type = ValueType::kHostList, .minimum = "1", .maximum = "9"},
    {.name = "messages", .type = ValueType::kMessageList},
    {.name = "noise", .type = ValueType::kDistribution, .minimum = "1ms", .maximum = "1m"},
    {.name = "pause", .type = ValueType::kBackoff, .object = "backoff"},
    {.name = "parts", .type = ValueType::kMapsByName, .object = "step"},
    {.name = "errors", .type = ValueType::kMapsByCode, .object = "error"},
});
constexpr ObjectSpec kKettle = {.name = "kettle", .phrase = "a kettle", .keys = kKeys};

// A reader of `yaml`, which begins in line 1 of f.yaml.
class Reading {
 public:
  explicit Reading(std::string_view yaml)
      : tree_(ReadYaml(yaml, 0, diagnostics_).value_or(YamlNode())),
        reader_({.node = &tree_, .position = tree_.position}, kKettle, "the kettle",
                {.line = 9, .column = 9}, diagnostics_) {}

  MapReader* operator->() { return &reader_; }

  // One line for each problem so far; "(none)".
  std::string Errors() const {
    return diagnostics_.ok() ? "(none)" : std::string(diagnostics_.ToStatus().message());
  }

 private:
  Diagnostics diagnostics_ = Diagnostics("f.yaml");
  YamlNode tree_;
  MapReader reader_;
};

// What a method of the reader says of the key in `yaml`: the problems, or "(none)" and the value.
template <class Value, class Method>
std::string Refusal(std::string_view yaml, std::string_view key, Method method, Value before) {
  Reading reading(yaml);
  Value value = before;
  EXPECT_FALSE((reading.operator->()->*method)(key, value)) << yaml;
  EXPECT_EQ(value, before) << yaml;
  return reading.Errors();
}

TEST(MapReader, ValuesOfEveryTypeAreRead) {
  Reading reading(
      "{label: tea-pot, note: \"a: b\", cups: 12, power: 0.5, is_bare: false, boil: 1m30s,\n"
      " rate: 30/m, born: 1970-01-01T00:00:01Z, alarm: \"06:30\", code: ERR_418, kind: electric,\n"
      " weights: [1, 2.5], hosts: [3, 1], messages: [hot], noise: 5ms, owner: Anyone}");
  std::string text;
  EXPECT_TRUE(reading->Name("label", text));
  EXPECT_EQ(text, "tea-pot");
  EXPECT_TRUE(reading->Text("note", text));
  EXPECT_EQ(text, "a: b");
  EXPECT_TRUE(reading->Code("code", text));
  EXPECT_EQ(text, "ERR_418");
  int cups = 0;
  EXPECT_TRUE(reading->Whole("cups", cups));
  EXPECT_EQ(cups, 12);
  std::uint64_t whole = 0;
  EXPECT_TRUE(reading->Whole("cups", whole));
  EXPECT_EQ(whole, 12u);
  double number = 0;
  EXPECT_TRUE(reading->Number("power", number));
  EXPECT_DOUBLE_EQ(number, 0.5);
  EXPECT_TRUE(reading->Rate("rate", number));
  EXPECT_DOUBLE_EQ(number, 0.5);
  bool is_bare = true;
  EXPECT_TRUE(reading->Boolean("is_bare", is_bare));
  EXPECT_FALSE(is_bare);
  sim::Duration duration;
  EXPECT_TRUE(reading->Duration("boil", duration));
  EXPECT_EQ(duration, sim::Seconds(90));
  EXPECT_TRUE(reading->TimeOfDay("alarm", duration));
  EXPECT_EQ(duration, sim::Minutes(390));
  std::int64_t born = 0;
  EXPECT_TRUE(reading->Timestamp("born", born));
  EXPECT_EQ(born, 1'000'000'000);
  std::size_t kind = 9;
  EXPECT_TRUE(reading->Choice("kind", kind));
  EXPECT_EQ(kind, 0u);
  std::vector<double> weights;
  EXPECT_TRUE(reading->Numbers("weights", weights));
  EXPECT_THAT(weights, ElementsAre(1, 2.5));
  std::vector<int> hosts;
  EXPECT_TRUE(reading->Wholes("hosts", hosts));
  EXPECT_THAT(hosts, ElementsAre(3, 1));
  std::vector<std::string> messages;
  EXPECT_TRUE(reading->Messages("messages", messages));
  EXPECT_THAT(messages, ElementsAre("hot"));
  DurationDistribution noise;
  EXPECT_TRUE(reading->Distribution("noise", noise));
  EXPECT_EQ(noise.value, sim::Milliseconds(5));
  EXPECT_EQ(reading->Reference("owner")->name, "Anyone");
  EXPECT_EQ(reading.Errors(), "(none)");
}

TEST(MapReader, ValueOfAnotherTypeIsRefusedAndLeavesTheOldOne) {
  const std::string text = "old";
  EXPECT_EQ(Refusal("cups: many", "cups",
                    static_cast<bool (MapReader::*)(std::string_view, int&)>(&MapReader::Whole), 3),
            "f.yaml:1:7: 'cups' must be a whole number from 1 to 12, not 'many'");
  EXPECT_EQ(Refusal("power: [1]", "power", &MapReader::Number, 3.0),
            "f.yaml:1:8: 'power' must be a number from 0.5 to 3, not a list");
  EXPECT_EQ(Refusal("is_bare: yes", "is_bare", &MapReader::Boolean, true),
            "f.yaml:1:10: 'is_bare' must be true or false, not 'yes'");
  EXPECT_EQ(Refusal("{boil: 2s, note: {a: 1}}", "note", &MapReader::Text, text),
            "f.yaml:1:18: 'note' must be one line of text, 200 bytes at most, not a map");
  EXPECT_THAT(Refusal("label: Tea", "label", &MapReader::Name, text),
              HasSubstr("'label' must be a name of lower-case letters"));
  EXPECT_THAT(Refusal("code: 418", "code", &MapReader::Code, text), HasSubstr("ERR_ and three"));
  EXPECT_THAT(Refusal("alarm: 25:00", "alarm", &MapReader::TimeOfDay, sim::Seconds(3)),
              HasSubstr("'alarm' must be a UTC time of day"));
  EXPECT_THAT(Refusal("born: 2200-01-01T00:00:00Z", "born", &MapReader::Timestamp, std::int64_t{3}),
              HasSubstr("'born' must be a time from 1970 to 2199"));
}

// The empty value has no place of its own in the text.
TEST(MapReader, EmptyValueIsReportedAtItsKey) {
  EXPECT_EQ(Refusal("cups: 3\nboil:\n", "boil", &MapReader::Duration, sim::Seconds(3)),
            "f.yaml:2:1: 'boil' must be a duration from 1s to 10m, such as 250ms, not nothing");
}

TEST(MapReader, RangesIncludeTheirBounds) {
  for (const auto& [value, is_in_range] :
       {std::pair("1", true), {"12", true}, {"0", false}, {"13", false}, {"-1", false}}) {
    Reading reading(std::string("cups: ") + value);
    int cups = 0;
    EXPECT_EQ(reading->Whole("cups", cups), is_in_range) << value;
  }
  for (const auto& [value, is_in_range] :
       {std::pair("1s", true), {"10m", true}, {"999ms", false}, {"601s", false}}) {
    Reading reading(std::string("boil: ") + value);
    sim::Duration boil;
    EXPECT_EQ(reading->Duration("boil", boil), is_in_range) << value;
  }
}

TEST(MapReader, NumberWithoutItsUnitIsRefusedWithTheUnit) {
  EXPECT_THAT(Refusal("boil: 5", "boil", &MapReader::Duration, sim::Duration()),
              EndsWith("not '5'; it needs a unit (ns, us, ms, s, m, h, d), such as 5ms or 5s"));
  EXPECT_THAT(Refusal("rate: 5", "rate", &MapReader::Rate, 0.0), EndsWith("not '5'; write 5/s"));
}

TEST(MapReader, UnknownKeyIsReportedWithASuggestionOrAllKeys) {
  EXPECT_EQ(Reading("{label: a, cusp: 3}").Errors(),
            "f.yaml:1:12: unknown key 'cusp' in a kettle; did you mean 'cups'?");
  EXPECT_THAT(Reading("whistle: loud").Errors(),
              HasSubstr("unknown key 'whistle' in a kettle; known are label, cups, boil,"));
  EXPECT_EQ(Reading("boil_ms: 5").Errors(),
            "f.yaml:1:1: unknown key 'boil_ms' in a kettle; write 'boil' with its unit in the "
            "value, as in 250ms");
}

TEST(MapReader, UnknownChoiceIsRefusedWithASuggestion) {
  EXPECT_EQ(Refusal("kind: electrik", "kind", &MapReader::Choice, std::size_t{9}),
            "f.yaml:1:7: 'kind' must be electric or stove, not 'electrik'; did you mean "
            "'electric'?");
}

TEST(MapReader, MissingRequiredKeyIsReportedAtTheOwner) {
  EXPECT_THAT(Refusal("cups: 3", "label", &MapReader::Name, std::string("old")),
              HasSubstr("f.yaml:9:9: the kettle needs the key 'label': a name of lower-case"));
  EXPECT_EQ(Refusal("is_bare: true", "label", &MapReader::Name, std::string("old")), "(none)");
}

TEST(MapReader, MissingKeyHasItsDefaultOrNoValue) {
  Reading reading("label: a");
  int cups = 0;
  EXPECT_TRUE(reading->Whole("cups", cups));
  EXPECT_EQ(cups, 4);
  EXPECT_FALSE(reading->Has("cups"));
  EXPECT_FALSE(reading->Value("boil"));
  EXPECT_EQ(reading->KeyPosition("label"), (Position{.line = 1, .column = 1}));
  EXPECT_EQ(reading->KeyPosition("boil"), (Position{.line = 9, .column = 9}));
  EXPECT_EQ(reading.Errors(), "(none)");
}

TEST(MapReader, OtherThanAMapIsReportedOnce) {
  Reading list("[1, 2]");
  EXPECT_FALSE(list->is_map());
  EXPECT_FALSE(list->Value("label"));
  EXPECT_EQ(list.Errors(),
            "f.yaml:1:1: the kettle must be a map with keys such as 'label', not a list");
  Reading nothing("~");  // is an empty map
  EXPECT_TRUE(nothing->is_map());
  EXPECT_EQ(nothing.Errors(), "(none)");
}

// Duplicate keys, anchors and tabs are the YAML reader's to report.
TEST(MapReader, WhatTheYamlReaderRefusedIsNotReportedAgain) {
  Reading reading("code: &x a\nlabel: *x\nusers: [*x, cook]\ncups: 3\ncups: 4\n");
  const std::string refused = reading.Errors();
  std::string label = "old";
  EXPECT_FALSE(reading->Name("label", label));
  EXPECT_EQ(label, "old");
  EXPECT_EQ(reading->NameList("users").size(), 1u);
  int cups = 0;
  EXPECT_TRUE(reading->Whole("cups", cups));
  EXPECT_EQ(reading.Errors(), refused);
  EXPECT_THAT(refused, HasSubstr("f.yaml:5:1: 'cups' is given twice"));
  EXPECT_EQ(Reading("<<: {cups: 3}").Errors(),
            "f.yaml:1:1: merge keys (<<) are not used here; write the keys out");
}

TEST(MapReader, KeysSuitTheKindOfTheirMap) {
  EXPECT_EQ(Reading("{kind: stove, pressure: 1, power: 1}").Errors(),
            "f.yaml:1:28: 'power' belongs to kettles of kind electric; leave it out");
  EXPECT_EQ(Reading("kind: stove").Errors(),
            "f.yaml:9:9: the kettle of kind stove needs the key 'pressure': a number from 1 to 2");
  EXPECT_EQ(Reading("{kind: gas, power: 1}").Errors(), "(none)");  // Choice() refuses the kind
}

TEST(MapReader, KeysSuitTheOtherKeysOfTheirMap) {
  EXPECT_EQ(Reading("{is_bare: true, label: a}").Errors(),
            "f.yaml:1:17: 'label' does not go with 'is_bare: true'; leave one of them out");
  EXPECT_EQ(Reading("{is_bare: false, label: a}").Errors(), "(none)");
  EXPECT_EQ(Reading("note: hot").Errors(),
            "f.yaml:1:1: 'note' needs the key 'boil' beside it: a duration from 1s to 10m, such as "
            "250ms");
}

TEST(MapReader, ListsAreReadWholeOrNotAtAll) {
  EXPECT_EQ(Refusal("weights: [1]", "weights", &MapReader::Numbers, std::vector<double>{7}),
            "f.yaml:1:10: 'weights' must have 2 numbers, not 1");
  EXPECT_EQ(Refusal("weights: [1, x]", "weights", &MapReader::Numbers, std::vector<double>{7}),
            "f.yaml:1:14: 'weights' must be a number from 0 to 9, not 'x'");
  EXPECT_EQ(Refusal("hosts: [1, 10]", "hosts", &MapReader::Wholes, std::vector<int>{7}),
            "f.yaml:1:12: 'hosts' must be a whole number from 1 to 9, not '10'");
  EXPECT_EQ(Refusal("hosts: 1", "hosts", &MapReader::Wholes, std::vector<int>{7}),
            "f.yaml:1:8: 'hosts' must be a list of host numbers, such as [1, 2], not '1'");
  const std::vector<std::string> old = {"old"};
  EXPECT_EQ(Refusal("messages: []", "messages", &MapReader::Messages, old),
            "f.yaml:1:11: 'messages' must have 1 to 100 messages, not 0");
  EXPECT_EQ(Refusal("messages: [a, [b]]", "messages", &MapReader::Messages, old),
            "f.yaml:1:15: each of 'messages' must be text, not a list; put it in double quotes");
}

TEST(MapReader, NamesOfAListAreNamesAndNoneTwice) {
  Reading reading("users: [cook, Cook, cook, guest]");
  for (int i = 0; i < 2; ++i) {  // asked again, it reports nothing again
    const std::vector<PlacedName>& users = reading->NameList("users");
    ASSERT_EQ(users.size(), 2u);
    EXPECT_EQ(users[0].name, "cook");
    EXPECT_EQ(users[1].name, "guest");
    EXPECT_EQ(users[1].position, (Position{.line = 1, .column = 27}));
  }
  EXPECT_EQ(reading.Errors(),
            "f.yaml:1:15: 'users' must be a list of names, and 'Cook' is no name of lower-case "
            "letters, digits and dashes\n"
            "f.yaml:1:21: 'users' names 'cook' twice");
  Reading empty("users: []");
  EXPECT_THAT(empty->NameList("users"), IsEmpty());
  EXPECT_EQ(empty.Errors(),
            "f.yaml:1:1: 'users' must not be empty; leave it out if it names nothing");
}

TEST(MapReader, EntriesAreNamesOrCodes) {
  Reading reading("parts: {lid: {}, Hot_Plate: {}, \"?\": {}}\nerrors: {ERR_1: {}, ERR_100: {}}");
  const std::vector<NamedValue> parts = reading->Entries("parts", 3);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].name, "lid");
  EXPECT_EQ(parts[0].name_position, (Position{.line = 1, .column = 9}));
  const std::vector<NamedValue> errors = reading->Entries("errors", 2);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].name, "ERR_100");
  EXPECT_EQ(reading.Errors(),
            "f.yaml:1:18: 'Hot_Plate' is no name; use lower-case letters, digits and dashes, 63 "
            "characters at most: 'hot-plate'\n"
            "f.yaml:1:33: '?' is no name; use lower-case letters, digits and dashes, 63 characters "
            "at most\n"
            "f.yaml:2:10: 'ERR_1' is no error code; write ERR_ and three digits");
  Reading many("parts: {a: {}, b: {}}");
  EXPECT_THAT(many->Entries("parts", 1), IsEmpty());
  EXPECT_EQ(many.Errors(), "f.yaml:1:1: 'parts' has 2 entries; at most 1 are possible");
}

TEST(MapReader, FieldsAreReadThatTheKindMayHave) {
  Kettle electric;
  Reading reading("{label: a, kind: electric, users: [cook], boil: 2, pressure: 9}");
  reading->ReadFields(StructRef::To(electric));
  EXPECT_EQ(electric.label, "a");
  EXPECT_EQ(electric.cups, 4);
  EXPECT_THAT(electric.users, ElementsAre("cook"));
  EXPECT_DOUBLE_EQ(electric.power, 2);     // the default
  EXPECT_DOUBLE_EQ(electric.pressure, 7);  // not read
  EXPECT_TRUE(reading->IsRead("cups"));
  EXPECT_FALSE(reading->IsRead("boil"));
  EXPECT_FALSE(reading->IsRead("pressure"));
  EXPECT_EQ(reading.Errors(),
            "f.yaml:1:49: 'boil' must be a duration from 1s to 10m, such as 250ms, not '2'; it "
            "needs a unit (ns, us, ms, s, m, h, d), such as 2ms or 2s\n"
            "f.yaml:1:52: 'pressure' belongs to kettles of kind stove; leave it out");
  Kettle stove;
  Reading("{label: a, kind: stove, pressure: 1.5}")->ReadFields(StructRef::To(stove));
  EXPECT_DOUBLE_EQ(stove.power, 7);
  EXPECT_DOUBLE_EQ(stove.pressure, 1.5);
}

// The key `pause` alone sets only the first key of the nested map.
TEST(MapReader, DurationInThePlaceOfABackoffIsItsBase) {
  RetryPolicy policy;
  Reading("pause: 20ms")->Map(*FindKey(kKettle, "pause"), MapRef::To(policy));
  EXPECT_EQ(policy.backoff_base, sim::Milliseconds(20));
  EXPECT_EQ(policy.backoff_max, RetryPolicy().backoff_max);
  Reading wrong("pause: 20");
  wrong->Map(*FindKey(kKettle, "pause"), MapRef::To(policy));
  EXPECT_THAT(wrong.Errors(), HasSubstr("f.yaml:1:8: 'pause' must be a duration"));
  Reading nested("pause: {base: 20ms, max: 1d, jiter: none}");
  EXPECT_TRUE(nested->Map(*FindKey(kKettle, "pause"), MapRef::To(policy)));
  EXPECT_THAT(nested.Errors(), EndsWith("did you mean 'jitter'?"));
}

// A message about a value that an override set names the override.
TEST(MapReader, PlaceOfAKeyMayBeAnOverride) {
  Diagnostics diagnostics("f.yaml");
  const int source = diagnostics.AddSource("--set cups=x");
  YamlNode map{.kind = YamlNode::Kind::kMap};
  map.keys.push_back({.text = "cups", .position = {.line = 1}});
  map.items.push_back(
      {.kind = YamlNode::Kind::kScalar, .text = "x", .position = {.source = source}});
  MapReader reader({.node = &map}, kKettle, "the kettle", {}, diagnostics);
  EXPECT_EQ(reader.KeyPosition("cups").source, source);
  int cups = 0;
  EXPECT_FALSE(reader.Whole("cups", cups));
  EXPECT_THAT(std::string(diagnostics.ToStatus().message()),
              HasSubstr("--set cups=x: 'cups' must be"));
}

TEST(MapReader, ValuesAreShownInOneShortLine) {
  const auto shown = [](std::string_view text) {
    return Describe({.kind = YamlNode::Kind::kScalar, .text = std::string(text)});
  };
  EXPECT_EQ(shown("a\tb\nc"), "'a b c'");
  EXPECT_EQ(shown(std::string(40, 'x')), "'" + std::string(40, 'x') + "'");
  EXPECT_EQ(shown(std::string(41, 'x')), "'" + std::string(39, 'x') + "…'");
  EXPECT_EQ(shown(std::string(38, 'x') + "öx"), "'" + std::string(38, 'x') + "…'");
  EXPECT_EQ(Describe({.kind = YamlNode::Kind::kNull}), "nothing");
}

}  // namespace
}  // namespace groundhog::model
