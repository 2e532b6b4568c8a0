// The keys of faults, and which kinds have which.
#include <array>

#include "model/scenario/fault.h"
#include "model/scenario/keys/table.h"

namespace groundhog::model {
namespace {

constexpr auto kKindWords = kFaultKinds.SpacedNames();

// The table of kinds (fault.h) says which kinds may have a key, and which need it.
constexpr auto kKeys = std::to_array<KeySpec>({
    {.name = "kind",
     .type = ValueType::kChoice,
     .field = Field::Of<&Fault::kind>(),
     .is_required = true,
     .choices = kKindWords.view(),
     .meaning = "what goes wrong; see below"},
    {.name = "target",
     .type = ValueType::kServiceName,
     .field = Field::Of<&Fault::target>(),
     .is_required = true,
     .meaning = "the service that is hit"},
    {.name = "hosts",
     .type = ValueType::kHostList,
     .field = Field::Of<&Fault::hosts>(),
     .fallback_note = "all",
     .minimum = "1",
     .maximum = "65000",
     .meaning = "the numbers of its hosts that are hit"},
    {.name = "zones",
     .type = ValueType::kZoneList,
     .field = Field::Of<&Fault::zones>(),
     .fallback_note = "all",
     .excluded_by = "hosts",
     .meaning = "or its zones that are hit"},
    {.name = "at",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::at>(),
     .fallback_note = "give `at` or `time_of_day`",
     .minimum = "0s",
     .maximum = "18250d",
     .follows_from = "time_of_day",
     .meaning = "when it begins, counted from the start"},
    {.name = "time_of_day",
     .type = ValueType::kTimeOfDay,
     .field = Field::Of<&Fault::time_of_day>(),
     .fallback_note = "give `at` or `time_of_day`",
     .meaning = "or the UTC time at which it begins, the first after the start"},
    {.name = "for",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::duration>(),
     .is_required = true,
     .minimum = "1ms",
     .maximum = "18250d",
     .excluded_by = "mtbf",
     .meaning = "how long it lasts"},
    {.name = "every",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::every>(),
     .fallback_note = "once",
     .minimum = "1ms",
     .maximum = "18250d",
     .excluded_by = "mtbf",
     .zero_is_none = true,
     .meaning = "how often it begins again; not below `for`"},
    {.name = "mtbf",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::mtbf>(),
     .fallback_note = "not at random",
     .minimum = "1ms",
     .maximum = "18250d",
     .needs = "mttr",
     .zero_is_none = true,
     .meaning = "mean time from the end of one occurrence to the next: it comes at random, from "
                "`at` or the start on"},
    {.name = "mttr",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::mttr>(),
     .fallback_note = "not at random",
     .minimum = "1ms",
     .maximum = "18250d",
     .needs = "mtbf",
     .zero_is_none = true,
     .meaning = "mean length of a random occurrence"},
    {.name = "ramp",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::ramp>(),
     .fallback = "0s",
     .minimum = "0s",
     .maximum = "18250d",
     .excluded_by = "mtbf",
     .zero_is_none = true,
     .meaning = "how long its strength takes to rise at its start, and to fall at its end; at most "
                "half of `for`"},
    {.name = "factor",
     .type = ValueType::kNumber,
     .field = Field::Of<&Fault::factor>(),
     .fallback_note = "1 for `deploy`",
     .minimum = "0.01",
     .maximum = "10000",
     .meaning = "own work takes so many times longer; `capacity`: so many times the slots and "
                "consumers, 1 at most; `surge`: so many times the requests, from 1 to 1000; "
                "`deploy`: own work of "
                "the new version"},
    {.name = "rate",
     .type = ValueType::kNumber,
     .field = Field::Of<&Fault::rate>(),
     .fallback_note = "1 for `outage`, 0 for `deploy`",
     .minimum = "0",
     .maximum = "1",
     .meaning = "share of the spans that are hit; `loss`: of the messages; `deploy`: errors of the "
                "new version"},
    {.name = "code",
     .type = ValueType::kCode,
     .field = Field::Of<&Fault::code>(),
     .fallback = "ERR_500",
     .meaning = "what those spans fail with"},
    {.name = "callers",
     .type = ValueType::kServiceList,
     .field = Field::Of<&Fault::callers>(),
     .fallback_note = "all",
     .meaning = "only the messages of these callers of the target"},
    {.name = "journeys",
     .type = ValueType::kJourneyList,
     .field = Field::Of<&Fault::journeys>(),
     .fallback_note = "all that enter at the target",
     .meaning = "only these, which enter at the target and have a `rate` above 0"},
    {.name = "restart",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::restart>(),
     .fallback = "10s",
     .minimum = "1ms",
     .maximum = "1d",
     .meaning = "how long a host is down"},
    {.name = "pause",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::pause>(),
     .fallback = "20s",
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "from a host's return until the next one stops"},
    {.name = "drain",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::drain>(),
     .fallback = "5s",
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "callers avoid a host so long before it stops"},
    {.name = "at_once",
     .type = ValueType::kWhole,
     .field = Field::Of<&Fault::at_once>(),
     .fallback = "1",
     .minimum = "1",
     .maximum = "65000",
     .meaning = "hosts that are restarted together"},
    {.name = "skew",
     .type = ValueType::kDuration,
     .field = Field::Of<&Fault::skew>(),
     .minimum = "1ms",
     .maximum = "1d",
     .meaning = "how far the clocks are off"},
    {.name = "direction",
     .type = ValueType::kChoice,
     .field = Field::Of<&Fault::direction>(),
     .fallback = "ahead",
     .choices = "ahead behind",
     .meaning = "whether they are fast or slow"},
});

struct KindsOfKey {
  decltype(kFaultKinds)::Names that_have_it;
  decltype(kFaultKinds)::Names that_need_it;
};

constexpr auto kKindsOfKeys = [] {
  std::array<KindsOfKey, kKeys.size()> kinds;
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    const std::string_view key = kKeys[i].name;
    kinds[i] = {
        kFaultKinds.SpacedNames([key](const FaultKind& kind) { return kind.HasKey(key); }),
        kFaultKinds.SpacedNames([key](const FaultKind& kind) { return kind.NeedsKey(key); })};
  }
  return kinds;
}();

constexpr auto kFaultKeys = [] {
  std::array<KeySpec, kKeys.size()> keys = kKeys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].kinds = kKindsOfKeys[i].that_have_it.view();
    keys[i].required_kinds = kKindsOfKeys[i].that_need_it.view();
  }
  return keys;
}();

constexpr auto kObjects = std::to_array<ObjectSpec>({
    {.name = "fault", .phrase = "a fault", .keys = kFaultKeys},
});

}  // namespace

std::span<const ObjectSpec> FaultObjects() { return kObjects; }

}  // namespace groundhog::model
