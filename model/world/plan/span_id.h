// Names for the steps of a request, the same in every request that takes them: the path keys the
// draws of an attempt, the span id names it in the trace. Both are hashes of names, not of numbers,
// so that a change elsewhere in the scenario changes none of them.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_SPAN_ID_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_SPAN_ID_H_

#include <cstdint>
#include <string_view>

#include "sim/random.h"
#include "traces/record.h"

namespace groundhog::model {

// The upper half of MixBits over both words.
constexpr std::uint32_t MixWords(std::uint32_t high, std::uint32_t low) {
  return static_cast<std::uint32_t>(sim::MixBits((std::uint64_t{high} << 32) | low) >> 32);
}

// FNV-1a of the name, folded by MixBits to 32 bits.
constexpr std::uint32_t HashName32(std::string_view name) {
  return static_cast<std::uint32_t>(sim::MixBits(sim::HashName(name)) >> 32);
}

// Of a call made by a span (kNone: by the client).
constexpr std::uint32_t CallPath(traces::SpanId parent, std::uint32_t call_key) {
  return MixWords(static_cast<std::uint32_t>(parent), call_key);
}

// Of one attempt (from 1) of a call. Never kNone.
constexpr traces::SpanId SpanIdOf(std::uint32_t path, std::uint16_t attempt) {
  const std::uint32_t id = MixWords(path, attempt);
  return traces::SpanId{id == 0 ? 1 : id};
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_SPAN_ID_H_
