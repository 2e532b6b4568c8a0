// The keys of who asks: journeys, their calls and clients, and users.
#include <array>

#include "model/scenario/keys/table.h"

namespace groundhog::model {
namespace {

constexpr auto kJourneyKeys = std::to_array<KeySpec>({
    {.name = "rate",
     .type = ValueType::kRate,
     .is_required = true,
     .minimum = "0/s",
     .maximum = "1000000/s",
     .meaning = "requests, averaged over the day and the week; 0/s: only `users` make them"},
    {.name = "deadline",
     .type = ValueType::kDuration,
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
     .fallback_note = "in no zone",
     .meaning = "where its clients are"},
    {.name = "client",
     .type = ValueType::kMap,
     .fallback = "{}",
     .object = "client",
     .meaning = "when its clients give up, and whether they try again"},
});

constexpr auto kCallKeys = std::to_array<KeySpec>({
    {.name = "service",
     .type = ValueType::kServiceName,
     .is_required = true,
     .meaning = "who is called"},
    {.name = "probability",
     .type = ValueType::kNumber,
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
     .fallback_note = "the `deadline`",
     .minimum = "1us",
     .maximum = "1d",
     .meaning = "when it gives an attempt up; not above the `deadline`"},
    {.name = "retries",
     .type = ValueType::kMap,
     .fallback = "{}",
     .object = "client_retries",
     .meaning = "further attempts after a failed one"},
    {.name = "cancel",
     .type = ValueType::kBoolean,
     .fallback = "true",
     .meaning = "a client that gives up tells the entry service, which then stops"},
});

constexpr auto kClientRetriesKeys = std::to_array<KeySpec>({
    {.name = "max",
     .type = ValueType::kWhole,
     .fallback = "0",
     .minimum = "0",
     .maximum = "100",
     .meaning = "further attempts after the first"},
    {.name = "backoff",
     .type = ValueType::kBackoff,
     .fallback = "{}",
     .object = "backoff",
     .meaning = "the pause before a further attempt; a bare duration is its `base`"},
});

constexpr auto kUsersKeys = std::to_array<KeySpec>({
    {.name = "count",
     .type = ValueType::kWhole,
     .is_required = true,
     .minimum = "1",
     .maximum = "1000000",
     .meaning = "how many they are"},
    {.name = "think_time",
     .type = ValueType::kDistribution,
     .is_required = true,
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "the pause before each request"},
    {.name = "session_pause",
     .type = ValueType::kDistribution,
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
     .is_required = true,
     .meaning = "what is asked"},
    {.name = "probability",
     .type = ValueType::kNumber,
     .fallback = "1",
     .minimum = "0",
     .maximum = "1",
     .meaning = "how likely the step is taken"},
    {.name = "times",
     .type = ValueType::kWhole,
     .fallback = "1",
     .minimum = "1",
     .maximum = "1000",
     .meaning = "so many requests, each after a `think_time`"},
});

constexpr auto kObjects = std::to_array<ObjectSpec>({
    {"journey", "a journey", kJourneyKeys},
    {"call", "a call", kCallKeys},
    {"group", "a group of calls", kGroupKeys},
    {"client", "client", kClientKeys},
    {"client_retries", "retries of a client", kClientRetriesKeys},
    {"users", "users", kUsersKeys},
    {"step", "a step", kStepKeys},
});

}  // namespace

std::span<const ObjectSpec> RequestObjects() { return kObjects; }

}  // namespace groundhog::model
