// The rows of the table that name their field.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/scenario/diagnostics.h"
#include "model/scenario/keys/field.h"
#include "model/scenario/keys/keys.h"
#include "model/scenario/parse/map_reader.h"
#include "model/scenario/scenario.h"
#include "model/scenario/yaml_tree.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

// An object of the table, the struct that it is read into as it was made, and another one that an
// empty map was read into.
struct Example {
  const ObjectSpec& object;
  StructRef fresh;
  StructRef read;
};

template <class Struct>
void Visit(std::string_view name, const std::function<void(const Example&)>& visit) {
  const ObjectSpec& object = ObjectNamed(name);
  Struct fresh;
  Struct read;
  const YamlNode empty{.kind = YamlNode::Kind::kMap};
  Diagnostics missing_keys("empty.yaml");
  MapReader reader({.node = &empty}, object, name, {}, missing_keys);
  reader.ReadFields(StructRef::To(read));
  visit({.object = object, .fresh = StructRef::To(fresh), .read = StructRef::To(read)});
}

void ForEachExample(const std::function<void(const Example&)>& visit) {
  for (const std::string_view name : {"scenario", "network", "traffic"}) {
    Visit<Scenario>(name, visit);
  }
  for (const std::string_view name : {"service", "degraded"}) Visit<Service>(name, visit);
  for (const std::string_view name : {"journey", "client"}) Visit<Journey>(name, visit);
  for (const std::string_view name : {"retries", "client_retries", "backoff"}) {
    Visit<RetryPolicy>(name, visit);
  }
  Visit<SheddingPolicy>("shedding", visit);
  Visit<WarmUp>("warm_up", visit);
  Visit<HealthCheck>("health_check", visit);
  Visit<Consumers>("consumers", visit);
  Visit<OwnError>("error", visit);
  Visit<DependencyPolicy>("dependency", visit);
  Visit<BreakerPolicy>("breaker", visit);
  Visit<ZoneLink>("link", visit);
  Visit<Burst>("burst", visit);
  Visit<Fault>("fault", visit);
  Visit<Claim>("expectation", visit);
  Visit<Bounds<double>>("error_rate_bounds", visit);
  Visit<Bounds<sim::Duration>>("percentile_bounds", visit);
  Visit<Bounds<std::uint64_t>>("record_bounds", visit);
  Visit<Call>("call", visit);
  Visit<UserPopulation>("users", visit);
  Visit<SessionStep>("step", visit);
}

// The types of values that a field of this type may be read from.
struct TypesOfField {
  using Types = std::set<ValueType>;
  Types operator()(const bool*) const { return {ValueType::kBoolean}; }
  Types operator()(const int*) const { return {ValueType::kWhole}; }
  Types operator()(const std::uint64_t*) const { return {ValueType::kWhole}; }
  Types operator()(const std::int64_t*) const { return {ValueType::kTimestamp}; }
  Types operator()(const double*) const { return {ValueType::kNumber, ValueType::kRate}; }
  Types operator()(const sim::Duration*) const {
    return {ValueType::kDuration, ValueType::kRunDuration, ValueType::kTimeOfDay};
  }
  Types operator()(const std::string*) const {
    return {ValueType::kName,        ValueType::kText,        ValueType::kCode,
            ValueType::kServiceName, ValueType::kJourneyName, ValueType::kZoneName,
            ValueType::kFaultName};
  }
  Types operator()(const DurationDistribution*) const { return {ValueType::kDistribution}; }
  Types operator()(const std::vector<std::string>*) const {
    return {ValueType::kMessageList, ValueType::kNameList, ValueType::kServiceList,
            ValueType::kJourneyList, ValueType::kZoneList};
  }
  Types operator()(const std::vector<double>*) const { return {ValueType::kNumberList}; }
  Types operator()(const std::vector<int>*) const { return {ValueType::kHostList}; }
  Types operator()(const ChoiceRef&) const { return {ValueType::kChoice}; }
  Types operator()(const MapRef&) const { return {ValueType::kMap, ValueType::kBackoff}; }
  template <class Value>
  Types operator()(const std::optional<Value>*) const {
    return (*this)(static_cast<Value*>(nullptr));
  }
};

struct HaveOneValue {
  bool operator()(const ChoiceRef& one, const ChoiceRef& other) const {
    return one.Number() == other.Number();
  }
  bool operator()(const MapRef&, const MapRef&) const { return true; }  // has an example of its own
  template <class Value>
  bool operator()(Value* one, Value* other) const {
    return *one == *other;
  }
  template <class One, class Other>
  bool operator()(const One&, const Other&) const {
    return false;
  }
};

TEST(ScenarioFields, EveryObjectWithFieldsHasAnExample) {
  std::set<std::string_view> examples;
  ForEachExample([&](const Example& example) { examples.insert(example.object.name); });
  for (const ObjectSpec& object : ScenarioObjects()) {
    for (const KeySpec& key : object.keys) {
      if (!key.field) continue;
      EXPECT_TRUE(examples.contains(object.name)) << object.name;
    }
  }
}

TEST(ScenarioFields, EveryFieldHasTheTypeOfItsRow) {
  ForEachExample([](const Example& example) {
    for (const KeySpec& key : example.object.keys) {
      if (!key.field) continue;
      const auto types = std::visit(TypesOfField(), key.field.In(example.fresh));
      EXPECT_TRUE(types.contains(key.type)) << Concat({example.object.name, ".", key.name});
    }
  });
}

// A struct that a test or a program makes, and one that is read, are the same but for what was
// given. A list of messages is an exception: a service without messages is none.
TEST(ScenarioFields, DefaultsOfTheTableAreThoseOfTheStructs) {
  ForEachExample([](const Example& example) {
    for (const KeySpec& key : example.object.keys) {
      if (!key.field || key.type == ValueType::kMessageList) continue;
      EXPECT_TRUE(
          std::visit(HaveOneValue(), key.field.In(example.fresh), key.field.In(example.read)))
          << Concat({example.object.name, ".", key.name});
    }
  });
}

}  // namespace
}  // namespace groundhog::model
