// The digest of a trace: XXH3-128 over a canonical encoding of the catalogue and every record with
// its truth, so the same for any chunk size and compression. Not cryptographic: it detects
// accidents, not forgery. Defined byte by byte in traces/FORMAT.md, "Digest".
//
// Records are hashed in blocks of 65,536 by position, and the blocks' hashes are hashed, so that
// blocks can be hashed in parallel.
#ifndef GROUNDHOG_TRACES_DIGEST_H_
#define GROUNDHOG_TRACES_DIGEST_H_

#include <xxhash.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "traces/catalogue.h"
#include "traces/hash128.h"
#include "traces/record.h"
#include "traces/trace_id.h"

namespace groundhog::traces {

// The first part of the digest's input: the canonical encoding of a catalogue and the start.
std::string EncodeCatalogue(const TraceInfo& info, const Catalogue& catalogue);

// Digests records in order. Not thread-safe. About 40 ns a record.
class DigestBuilder {
 public:
  DigestBuilder(const TraceInfo& info, const Catalogue& catalogue);

  // Records must satisfy CheckRecord. `trace_key` is the one of their chunk.
  void Add(std::span<const Record> records, std::uint64_t trace_key);

  std::uint64_t records() const { return records_; }

  // The digest of everything added so far; more may be added afterwards.
  Hash128 Digest() const;

 private:
  struct FreeState {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  using State = std::unique_ptr<XXH3_state_t, FreeState>;

  static State NewState();
  static void AddHash(Hash128 hash, XXH3_state_t* state);
  void EndBlock();

  RequestKeys keys_;
  std::vector<std::uint8_t> stored_slots_;  // by template
  State outer_;
  State block_;
  std::uint64_t records_ = 0;
  std::vector<char> buffer_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_DIGEST_H_
