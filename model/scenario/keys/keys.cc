#include "model/scenario/keys/keys.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "model/scenario/keys/table.h"
#include "text/concat.h"
#include "text/spaced_words.h"

namespace groundhog::model {
namespace {

using text::Concat;

// The objects of all parts, in order.
std::vector<ObjectSpec> AllObjects() {
  std::vector<ObjectSpec> all;
  for (const auto objects :
       {WorldObjects(), ServiceObjects(), RequestObjects(), FaultObjects(), ClaimObjects()}) {
    all.insert(all.end(), objects.begin(), objects.end());
  }
  return all;
}

// " from 1 to 10"; only " from 1" or " to 10" if there is no other bound.
std::string RangeText(const KeySpec& key) {
  std::string text;
  if (!key.minimum.empty()) text += Concat({" from ", key.minimum});
  if (!key.maximum.empty()) text += Concat({" to ", key.maximum});
  return text;
}

// The expectation for a type that holds several values.
std::string ListExpectation(const KeySpec& key) {
  switch (key.type) {
    case ValueType::kNumberList:
      return Concat({"a list of numbers", RangeText(key)});
    case ValueType::kHostList:
      return "a list of host numbers, such as [1, 2]";
    case ValueType::kNameList:
      return "a list of names";
    case ValueType::kServiceList:
      return "a list of services";
    case ValueType::kJourneyList:
      return "a list of journeys";
    case ValueType::kZoneList:
      return "a list of zones";
    case ValueType::kZonePair:
      return "a list of two zones, such as [eu, us]";
    case ValueType::kMessageList:
      return "a list of message templates";
    case ValueType::kMap:
      return "a map";
    case ValueType::kMapsByName:
      return "a map by name";
    case ValueType::kMapsByService:
      return "a map by service";
    case ValueType::kMapsByCode:
      return "a map by error code";
    case ValueType::kCall:
      return "a service's name, or a map of service and calls";
    case ValueType::kCallList:
      return "a list of calls and groups of calls";
    case ValueType::kParallelCalls:
      return "a list of calls";
    case ValueType::kStepList:
      return "a list of journeys, or of maps of journey, probability and times";
    case ValueType::kMapList:
      return "a list of maps";
    default:
      return "";
  }
}

}  // namespace

std::span<const ObjectSpec> ScenarioObjects() {
  static const std::vector<ObjectSpec> kObjects = AllObjects();
  return kObjects;
}

const ObjectSpec& ObjectNamed(std::string_view name) {
  const std::span<const ObjectSpec> objects = ScenarioObjects();
  const auto found = std::ranges::find(objects, name, &ObjectSpec::name);
  if (found == objects.end()) std::abort();  // a mistake in the table (table_*.cc)
  return *found;
}

const KeySpec* FindKey(const ObjectSpec& object, std::string_view key) {
  const auto found = std::ranges::find(object.keys, key, &KeySpec::name);
  return found == object.keys.end() ? nullptr : &*found;
}

bool MayHave(std::string_view kind, const KeySpec& key) {
  return key.kinds.empty() || text::HasWord(key.kinds, kind);
}

std::string ChoiceText(std::string_view choices) {
  std::string text;
  for (char c : choices) text += c == ' ' ? std::string(", ") : std::string(1, c);
  const std::size_t last = text.rfind(", ");
  if (last != std::string::npos) text.replace(last, 2, " or ");
  return text;
}

std::string Expectation(const KeySpec& key) {
  const std::string range = RangeText(key);
  switch (key.type) {
    case ValueType::kName:
      return Concat({"a name of lower-case letters, digits and dashes, ",
                     std::to_string(kNameLengthMax), " characters at most"});
    case ValueType::kText:
      return Concat(
          {"one line of text, ", std::to_string(kDescriptionLengthMax), " bytes at most"});
    case ValueType::kWhole:
      return Concat({"a whole number", range});
    case ValueType::kNumber:
      return Concat({"a number", range});
    case ValueType::kBoolean:
      return "true or false";
    case ValueType::kDuration:
      return Concat({"a duration", range, ", such as 250ms"});
    case ValueType::kRunDuration:
      return Concat({"a duration", range, ", such as 24h, or forever"});
    case ValueType::kRate:
      return Concat({"a rate", range, ", such as 0.3/s or 18/m"});
    case ValueType::kTimestamp:
      return "a time from 1970 to 2199, such as 2025-01-06T00:00:00Z";
    case ValueType::kTimeOfDay:
      return "a UTC time of day, such as \"14:30\"";
    case ValueType::kChoice:
      return ChoiceText(key.choices);
    case ValueType::kCode:
      return "an error code, ERR_ and three digits";
    case ValueType::kServiceName:
      return "the name of a service";
    case ValueType::kJourneyName:
      return "the name of a journey";
    case ValueType::kZoneName:
      return "the name of a zone";
    case ValueType::kFaultName:
      return "the name of a fault";
    case ValueType::kDistribution:
      return Concat({"a distribution of durations", range,
                     ", such as 5ms or {p50: 4ms, p95: 9ms, p99: 15ms}"});
    case ValueType::kBackoff:
      return "a duration, or a map of base, multiplier, max and jitter";
    default:
      return ListExpectation(key);
  }
}

}  // namespace groundhog::model
