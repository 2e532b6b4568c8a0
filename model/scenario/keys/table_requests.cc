// The keys of who asks: journeys, their calls and clients, and users.
#include <array>

#include "model/scenario/keys/table.h"

namespace groundhog::model {
namespace {

constexpr auto kJourneyKeys = std::to_array<KeySpec>({
    {.name = "rate",
     .type = ValueType::kRate,
     .field = Field::Of<&Journey::rate_per_second>(),
     .is_required = true,
     .minimum = "0/s",
     .maximum = "1000000/s",
     .meaning = "requests, averaged over the day and the week; 0/s: only `users` make them"},
    {.name = "deadline",
     .type = ValueType::kDuration,
     .field = Field::Of<&Journey::deadline>(),
     .is_required = true,
     .minimum = "1us",
     .maximum = "1d",
     .meaning = "of the whole request; it travels with every call"},
    {.name = "entry",
     .type = ValueType::kCall,
     .is_required = true,
     .object = "call",
     .meaning = "the service that the user reaches, and the calls from there"},
    {.name = "zone",
     .type = ValueType::kZoneName,
     .field = Field::Of<&Journey::zone>(),
     .fallback_note = "in no zone",
     .meaning = "where its clients are"},
    {.name = "client",
     .type = ValueType::kMap,
     .field = Field::Itself<Journey>(),
     .fallback = "{}",
     .object = "client",
     .meaning = "when its clients give up, and whether they try again"},
});

constexpr auto kCallKeys = std::to_array<KeySpec>({
    {.name = "service",
     .type = ValueType::kServiceName,
     .field = Field::Of<&Call::service>(),
     .is_required = true,
     .meaning = "who is called"},
    {.name = "probability",
     .type = ValueType::kNumber,
     .field = Field::Of<&Call::probability>(),
     .fallback = "1",
     .minimum = "0",
     .maximum = "1",
     .meaning = "how likely the call is made; not for an entry"},
    {.name = "calls",
     .type = ValueType::kCallList,
     .fallback = "[]",
     .object = "call",
     .meaning =
         "the calls that it makes in turn, one after another; a bare name is a call without calls"},
});

constexpr auto kGroupKeys = std::to_array<KeySpec>({
    {.name = "parallel",
     .type = ValueType::kParallelCalls,
     .is_required = true,
     .object = "call",
     .meaning = "the calls that are made at the same time, two at least; the next call of the list "
                "waits for all of them"},
});

constexpr auto kClientKeys = std::to_array<KeySpec>({
    {.name = "patience",
     .type = ValueType::kDuration,
     .field = Field::Of<&Journey::patience>(),
     .fallback_note = "the `deadline`",
     .minimum = "1us",
     .maximum = "1d",
     .meaning = "when it gives an attempt up; not above the `deadline`"},
    {.name = "retries",
     .type = ValueType::kMap,
     .field = Field::Of<&Journey::retries>(),
     .fallback = "{}",
     .object = "client_retries",
     .meaning = "further attempts after a failed one"},
    {.name = "cancel",
     .type = ValueType::kBoolean,
     .field = Field::Of<&Journey::cancels>(),
     .fallback = "true",
     .meaning = "a client that gives up tells the entry service, which then stops"},
});

constexpr auto kClientRetriesKeys = std::to_array<KeySpec>({
    {.name = "max",
     .type = ValueType::kWhole,
     .field = Field::Of<&RetryPolicy::max>(),
     .fallback = "0",
     .minimum = "0",
     .maximum = "100",
     .meaning = "further attempts after the first"},
    {.name = "backoff",
     .type = ValueType::kBackoff,
     .field = Field::Itself<RetryPolicy>(),
     .fallback = "{}",
     .object = "backoff",
     .meaning = "the pause before a further attempt; a bare duration is its `base`"},
});

constexpr auto kUsersKeys = std::to_array<KeySpec>({
    {.name = "count",
     .type = ValueType::kWhole,
     .field = Field::Of<&UserPopulation::count>(),
     .is_required = true,
     .minimum = "1",
     .maximum = "1000000",
     .meaning = "how many they are"},
    {.name = "think_time",
     .type = ValueType::kDistribution,
     .field = Field::Of<&UserPopulation::think_time>(),
     .is_required = true,
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "the pause before each request"},
    {.name = "session_pause",
     .type = ValueType::kDistribution,
     .field = Field::Of<&UserPopulation::session_pause>(),
     .fallback = "0s",
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "a further pause, before the first request of a session"},
    {.name = "session",
     .type = ValueType::kStepList,
     .is_required = true,
     .object = "step",
     .meaning = "the requests of a session, in turn, then anew; 1 to 100 steps"},
});

constexpr auto kStepKeys = std::to_array<KeySpec>({
    {.name = "journey",
     .type = ValueType::kJourneyName,
     .field = Field::Of<&SessionStep::journey>(),
     .is_required = true,
     .meaning = "what is asked"},
    {.name = "probability",
     .type = ValueType::kNumber,
     .field = Field::Of<&SessionStep::probability>(),
     .fallback = "1",
     .minimum = "0",
     .maximum = "1",
     .meaning = "how likely the step is taken"},
    {.name = "times",
     .type = ValueType::kWhole,
     .field = Field::Of<&SessionStep::times>(),
     .fallback = "1",
     .minimum = "1",
     .maximum = "1000",
     .meaning = "so many requests, each after a `think_time`"},
});

constexpr auto kObjects = std::to_array<ObjectSpec>({
    {.name = "journey", .phrase = "a journey", .keys = kJourneyKeys},
    {.name = "call", .phrase = "a call", .keys = kCallKeys},
    {.name = "group", .phrase = "a group of calls", .keys = kGroupKeys},
    {.name = "client", .phrase = "client", .keys = kClientKeys},
    {.name = "client_retries", .phrase = "retries of a client", .keys = kClientRetriesKeys},
    {.name = "users", .phrase = "users", .keys = kUsersKeys},
    {.name = "step", .phrase = "a step", .keys = kStepKeys, .is_on_one_line = true},
});

}  // namespace

std::span<const ObjectSpec> RequestObjects() { return kObjects; }

}  // namespace groundhog::model
