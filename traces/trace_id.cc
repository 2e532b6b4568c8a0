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

std::string KindAndName(const EntityEntry& entity) {
  std::string text(KindPrefix(entity.kind));
  text += entity.name;
  return text;
}

RequestKeys::RequestKeys(const Catalogue& catalogue) {
  deltas_.reserve(catalogue.entities.size());
  for (const EntityEntry& entity : catalogue.entities) deltas_.push_back(entity.key_delta);
}

TraceIdDeriver::TraceIdDeriver(const Catalogue& catalogue, std::uint64_t trace_key)
    : trace_key_(trace_key), keys_(catalogue) {
  inputs_.reserve(catalogue.entities.size());
  for (const EntityEntry& entity : catalogue.entities) {
    inputs_.push_back(KindAndName(entity).append(8, '\0'));
  }
}

TraceId TraceIdDeriver::Derive(const RequestId& request) {
  sim::Check(sim::Index(request.source) < inputs_.size(), "a request's source is an entity");
  std::string& input = inputs_[sim::Index(request.source)];
  StoreLittleEndian64(request.ordinal, input.data() + input.size() - 8);
  const XXH128_hash_t hash =
      XXH3_128bits_withSeed(input.data(), input.size(), keys_.Of(request.source, trace_key_));
  if (hash.high64 == 0 && hash.low64 == 0) return TraceId{.high = 0, .low = 1};
  return TraceId{.high = hash.high64, .low = hash.low64};
}

std::string_view TraceIdDeriver::DeriveHex(const RequestId& request) {
  Known& known = known_[request.ordinal % known_.size()];
  if (!(known.request == request)) {
    WriteHex(Derive(request), known.digits.data());
    known.request = request;
  }
  return {known.digits.data(), known.digits.size()};
}

void TraceIdDeriver::set_trace_key(std::uint64_t trace_key) {
  if (trace_key == trace_key_) return;
  trace_key_ = trace_key;
  known_.fill(Known{});
}

}  // namespace groundhog::traces
