// The keys of what a scenario expects of its records.
#include <array>
#include <cstdint>

#include "model/scenario/claim.h"
#include "model/scenario/keys/table.h"
#include "sim/time.h"

namespace groundhog::model {
namespace {

constexpr auto kClaimKeys = std::to_array<KeySpec>({
    {.name = "service",
     .type = ValueType::kServiceName,
     .field = Field::Of<&Claim::service>(),
     .fallback_note = "users' requests where they enter; of `records`: all",
     .meaning = "whose spans, or records"},
    {.name = "from",
     .type = ValueType::kDuration,
     .field = Field::Of<&Claim::from>(),
     .fallback_note = "the start of the run",
     .minimum = "0s",
     .maximum = "18250d",
     .excluded_by = "during",
     .meaning = "counts from then on, from the start"},
    {.name = "until",
     .type = ValueType::kDuration,
     .field = Field::Of<&Claim::until>(),
     .fallback_note = "the end of the run",
     .minimum = "1ms",
     .maximum = "18250d",
     .needs = "from",
     .meaning = "counts before then, from the start; after `from`"},
    {.name = "during",
     .type = ValueType::kFaultName,
     .field = Field::Of<&Claim::during>(),
     .fallback_note = "none",
     .excluded_by = "after",
     .meaning = "or holds in each occurrence of this fault, from its start to its end"},
    {.name = "after",
     .type = ValueType::kFaultName,
     .field = Field::Of<&Claim::after>(),
     .fallback_note = "none",
     .excluded_by = "from",
     .meaning = "or holds after each occurrence of this fault, in every minute until the next "
                "fault begins"},
    {.name = "within",
     .type = ValueType::kDuration,
     .field = Field::Of<&Claim::within>(),
     .fallback = "0s",
     .minimum = "0s",
     .maximum = "18250d",
     .needs = "after",
     .meaning = "so long after the fault's end the first of these minutes begins"},
    {.name = "error_rate",
     .type = ValueType::kMap,
     .field = Field::Of<&Claim::error_rate>(),
     .fallback_note = "give exactly one figure",
     .object = "error_rate_bounds",
     .meaning = "share of the spans that fail"},
    {.name = "p50",
     .type = ValueType::kMap,
     .field = Field::Of<&Claim::p50>(),
     .fallback_note = "give exactly one figure",
     .object = "percentile_bounds",
     .meaning = "median of how long the spans take"},
    {.name = "p95",
     .type = ValueType::kMap,
     .field = Field::Of<&Claim::p95>(),
     .fallback_note = "give exactly one figure",
     .object = "percentile_bounds",
     .meaning = "the 95th percentile"},
    {.name = "p99",
     .type = ValueType::kMap,
     .field = Field::Of<&Claim::p99>(),
     .fallback_note = "give exactly one figure",
     .object = "percentile_bounds",
     .meaning = "the 99th percentile"},
    {.name = "records",
     .type = ValueType::kMap,
     .field = Field::Of<&Claim::records>(),
     .fallback_note = "give exactly one figure",
     .object = "record_bounds",
     .meaning = "number of records of any kind; only with `until`, `during` or `after`"},
});

constexpr auto kErrorRateKeys = std::to_array<KeySpec>({
    {.name = "at_least",
     .type = ValueType::kNumber,
     .field = Field::Of<&Bounds<double>::at_least>(),
     .fallback_note = "give one or both",
     .minimum = "0",
     .maximum = "1",
     .meaning = "the share is this or more"},
    {.name = "at_most",
     .type = ValueType::kNumber,
     .field = Field::Of<&Bounds<double>::at_most>(),
     .fallback_note = "give one or both",
     .minimum = "0",
     .maximum = "1",
     .meaning = "the share is this or less"},
});

constexpr auto kPercentileKeys = std::to_array<KeySpec>({
    {.name = "at_least",
     .type = ValueType::kDuration,
     .field = Field::Of<&Bounds<sim::Duration>::at_least>(),
     .fallback_note = "give one or both",
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "the percentile is this or longer"},
    {.name = "at_most",
     .type = ValueType::kDuration,
     .field = Field::Of<&Bounds<sim::Duration>::at_most>(),
     .fallback_note = "give one or both",
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "the percentile is this or shorter"},
});

constexpr auto kRecordKeys = std::to_array<KeySpec>({
    {.name = "at_least",
     .type = ValueType::kWhole,
     .field = Field::Of<&Bounds<std::uint64_t>::at_least>(),
     .fallback_note = "give one or both",
     .minimum = "0",
     .maximum = "1000000000000",
     .meaning = "there are so many records, or more"},
    {.name = "at_most",
     .type = ValueType::kWhole,
     .field = Field::Of<&Bounds<std::uint64_t>::at_most>(),
     .fallback_note = "give one or both",
     .minimum = "0",
     .maximum = "1000000000000",
     .meaning = "there are so many records, or fewer"},
});

constexpr auto kObjects = std::to_array<ObjectSpec>({
    {.name = "expectation", .phrase = "an expectation", .keys = kClaimKeys},
    {.name = "error_rate_bounds",
     .phrase = "the bounds of an error rate",
     .keys = kErrorRateKeys,
     .is_on_one_line = true},
    {.name = "percentile_bounds",
     .phrase = "the bounds of a percentile",
     .keys = kPercentileKeys,
     .is_on_one_line = true},
    {.name = "record_bounds",
     .phrase = "the bounds of a number of records",
     .keys = kRecordKeys,
     .is_on_one_line = true},
});

}  // namespace

std::span<const ObjectSpec> ClaimObjects() { return kObjects; }

}  // namespace groundhog::model
