#include "traces/trace_id.h"

#include <xxhash.h>

#include <string_view>

#include "sim/check.h"
#include "traces/byte_order.h"

namespace groundhog::traces {
namespace {

std::string_view KindPrefix(EntityKind kind) {
  switch (kind) {
    case EntityKind::kHost:
      return "host:";
    case EntityKind::kJourney:
      return "journey:";
    case EntityKind::kSurge:
      return "surge:";
    case EntityKind::kUsers:
      return "users:";
  }
  sim::Check(false, "an entity's kind is one of four");
  return {};
}

}  // namespace

TraceIdDeriver::TraceIdDeriver(const Catalogue& catalogue, std::uint64_t trace_key)
    : trace_key_(trace_key) {
  inputs_.reserve(catalogue.entities.size());
  for (const EntityEntry& entity : catalogue.entities) {
    std::string input(KindPrefix(entity.kind));
    input += entity.name;
    input.append(8, '\0');
    inputs_.push_back(std::move(input));
  }
}

TraceId TraceIdDeriver::Derive(const RequestId& request) {
  sim::Check(sim::Index(request.source) < inputs_.size(), "a request's source is an entity");
  std::string& input = inputs_[sim::Index(request.source)];
  StoreLittleEndian64(request.ordinal, input.data() + input.size() - 8);
  const XXH128_hash_t hash = XXH3_128bits_withSeed(input.data(), input.size(), trace_key_);
  if (hash.high64 == 0 && hash.low64 == 0) return TraceId{.high = 0, .low = 1};
  return TraceId{.high = hash.high64, .low = hash.low64};
}

}  // namespace groundhog::traces
