// XXH3-128 of the lines that a replay sends, each with its newline, as `xxhsum -H2` prints it.
#ifndef GROUNDHOG_REPLAY_PAYLOAD_HASH_H_
#define GROUNDHOG_REPLAY_PAYLOAD_HASH_H_

#include <xxhash.h>

#include <memory>
#include <string>
#include <string_view>

#include "traces/hash128.h"

namespace groundhog::replay {

// Not thread-safe.
class PayloadHash {
 public:
  PayloadHash();

  // `line` has no newline.
  void Add(std::string_view line);

  // Of all lines so far.
  traces::Hash128 Digest() const;

 private:
  struct FreeState {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };

  void TakePending() const;

  std::unique_ptr<XXH3_state_t, FreeState> state_;
  mutable std::string pending_;  // lines not yet hashed: long pieces are cheaper than short ones
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PAYLOAD_HASH_H_
