// Every key that a scenario may have: its type, range, default and meaning, in one table. The
// parser checks by it, the JSON Schema is written from it, and docs/SCENARIO.md must agree with it
// (a test reads that page).
//
// To add a key with one value: a field in scenario.h, a row here that names it, and the code that
// acts on it. The row is read and printed as it is.
//
// Constant data; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_KEYS_KEYS_H_
#define GROUNDHOG_MODEL_SCENARIO_KEYS_KEYS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "model/scenario/keys/field.h"

namespace groundhog::model {

// What a scenario may hold at most.
inline constexpr std::size_t kServicesMax = 10'000;
inline constexpr std::size_t kHostsMax = 65'000;        // of all services together
inline constexpr std::size_t kDependenciesMax = 1'000;  // of a service
inline constexpr std::size_t kOwnErrorsMax = 100;       // of a service
inline constexpr std::size_t kMessagesMax = 100;        // of a list
inline constexpr std::size_t kMessagesTotalMax =
    50'000;  // different ones, of all services together
inline constexpr std::size_t kJourneysMax = 1'000;
inline constexpr std::size_t kCallsMax = 4'096;        // of a journey's tree
inline constexpr std::size_t kCallsTotalMax = 65'000;  // of all journeys together
inline constexpr int kCallDepthMax = 32;
inline constexpr std::size_t kBurstsMax = 1'000;
inline constexpr std::size_t kUserPopulationsMax = 1'000;
inline constexpr std::size_t kUsersMax = 1'000'000;  // of all populations together
inline constexpr std::size_t kSessionStepsMax = 100;
inline constexpr std::size_t kZonesMax = 100;  // different ones
inline constexpr std::size_t kMixturePartsMax = 16;
inline constexpr std::size_t kFaultsMax = 1'000;
inline constexpr std::size_t kClaimsMax = 1'000;
inline constexpr std::size_t kNameLengthMax = 63;  // of a DNS label
inline constexpr std::size_t kDescriptionLengthMax = 200;
inline constexpr int kScaleMax = 10'000;
inline constexpr double kRatePerSecondMax = 1e6;  // of a journey, after --scale

enum class ValueType {
  kName,  // [a-z0-9][a-z0-9-]*, kNameLengthMax at most
  kText,
  kWhole,  // a whole number
  kNumber,
  kBoolean,
  kDuration,
  kRunDuration,  // a duration, or forever
  kRate,
  kTimestamp,
  kTimeOfDay,
  kChoice,
  kCode,          // ERR_nnn
  kServiceName,   // one of the scenario's services
  kJourneyName,   // one of its journeys
  kZoneName,      // a zone that a service has
  kFaultName,     // one of its faults
  kDistribution,  // a duration, or a map of object "distribution"
  kBackoff,       // a duration, or a map of object "backoff"
  kNumberList,
  kHostList,     // host numbers, from 1
  kNameList,     // names that this key introduces, none twice; as the lists of names below
  kServiceList,  // of kServiceName
  kJourneyList,  // of kJourneyName
  kZoneList,     // of kZoneName
  kZonePair,     // a list of two different zones
  kMessageList,
  kMap,            // a map with the keys of `object`
  kMapsByName,     // a map from names to maps with the keys of `object`
  kMapsByService,  // a map from services to maps with the keys of `object`
  kMapsByCode,     // a map from error codes to maps with the keys of `object`
  kCall,           // a service's name, or a map of object "call"
  kCallList,       // of kCall, or of maps of object "group"
  kParallelCalls,  // of kCall, two at least
  kStepList,       // of kJourneyName, or of maps of `object`
  kMapList,        // of maps with the keys of `object`
};

struct KeySpec {
  std::string_view name;
  ValueType type = ValueType::kText;
  Field field = {};  // where its value is kept; none: code of its own reads and prints it
  bool is_required = false;
  std::string_view fallback = {};       // the default as YAML; empty: none
  std::string_view fallback_note = {};  // or what happens without the key, in words
  std::string_view minimum = {};        // as the type is written; empty: the type's own
  std::string_view maximum = {};
  std::size_t count = 0;          // kNumberList: how many numbers
  std::string_view choices = {};  // kChoice: separated by single spaces
  std::string_view object = {};   // the ObjectSpec of nested maps
  // Where the key is allowed. The kinds are choices of the same map's key `kind`, separated by
  // single spaces.
  std::string_view kinds = {};           // only with these; empty: with all
  std::string_view required_kinds = {};  // with these it must
  // Not beside this key of the same map, unless that is false; a required key is required only
  // without it.
  std::string_view excluded_by = {};
  std::string_view needs = {};  // only beside this key of the same map
  // How its field is printed: not beside this key of the same map, from which its value follows;
  // and not as a duration of zero, which means that the key is absent.
  std::string_view follows_from = {};
  bool zero_is_none = false;
  std::string_view meaning = {};  // for people; half a sentence
};

struct ObjectSpec {
  std::string_view name;    // "service"
  std::string_view phrase;  // "a service"
  std::span<const KeySpec> keys;
  bool is_on_one_line = false;  // how it is printed: {for: 1m, factor: 3}
};

// The first is the whole scenario.
std::span<const ObjectSpec> ScenarioObjects();

// `name` must be in the table.
const ObjectSpec& ObjectNamed(std::string_view name);

// Null when the object has no such key.
const KeySpec* FindKey(const ObjectSpec& object, std::string_view key);

// Whether a map of this kind may have the key.
bool MayHave(std::string_view kind, const KeySpec& key);

// "a, b or c" of "a b c".
std::string ChoiceText(std::string_view choices);

// What a value must be, in words: "a whole number from 1 to 10000".
std::string Expectation(const KeySpec& key);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_KEYS_KEYS_H_
