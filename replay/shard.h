// One of several machines' part of a trace: by key, so that what has one key is played by one
// machine, in order. Every record is in exactly one part.
#ifndef GROUNDHOG_REPLAY_SHARD_H_
#define GROUNDHOG_REPLAY_SHARD_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/message_key.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::replay {

struct Shard {
  std::uint32_t number = 1;  // from 1 to `count`
  std::uint32_t count = 1;   // 1: the whole
  // Records with the same key keep their order; kNone: there is no order, and the position decides.
  sinks::MessageKey key = sinks::MessageKey::kService;
};

// "2/3", of at most 65,536. InvalidArgument says how to write one, without the text itself.
absl::StatusOr<Shard> ParseShard(std::string_view text);

// Which part a key belongs to, from 1: XXH3-64 of its bytes, modulo `count`, plus 1.
std::uint32_t ShardOf(std::string_view key, std::uint32_t count);

// The services' parts, computed once. Not for trace ids.
class ShardHash {
 public:
  ShardHash(const Shard& shard, const traces::Catalogue& catalogue);
  bool HasService(traces::ServiceId service) const { return has_service_[Index(service)]; }

 private:
  std::vector<bool> has_service_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_SHARD_H_
