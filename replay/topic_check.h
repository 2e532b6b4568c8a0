// Compares a topic's messages with those that should be there: was every message stored once,
// unaltered, in order, on the partition of its key?
//
// Both sides come as sequences: the expected messages in the order of the replay, the stored ones
// in the order of each partition. Where they agree, nothing is kept. Where they differ, a window on
// both sides shows what happened: a message is missing, or extra, or at another place. These
// windows bound the memory for any length of the trace; a message that is further out of place is
// counted as missing and extra, so that the verdict is still right.
#ifndef GROUNDHOG_REPLAY_TOPIC_CHECK_H_
#define GROUNDHOG_REPLAY_TOPIC_CHECK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/hash128.h"

namespace groundhog::replay {

// Identifies a message by everything that a reader sees. `timestamp_unix_milliseconds` nullopt: the
// broker has set its own.
traces::Hash128 MessageHash(std::string_view key, std::string_view value,
                            std::optional<std::int64_t> timestamp_unix_milliseconds,
                            std::string_view headers);

struct ExpectedMessage {
  traces::Hash128 hash;
  std::uint64_t position = 0;
};

struct ArrivedMessage {
  traces::Hash128 hash;
  std::int64_t offset = 0;
};

enum class Finding {
  kMissing,    // expected, but stored nowhere
  kExtra,      // stored, and not expected
  kDoubled,    // stored once more
  kReordered,  // on its partition, but before or after its turn
  kMoved,      // on another partition than its key's
  kAltered,    // an unexpected one is in its place
};
inline constexpr int kFindingCount = 6;
const char* FindingName(Finding finding);  // "missing"

struct TopicCounts {
  std::uint64_t expected = 0;
  std::uint64_t arrived = 0;
  std::uint64_t right = 0;
  std::array<std::uint64_t, kFindingCount> findings{};

  std::uint64_t count(Finding finding) const { return findings[static_cast<int>(finding)]; }
  bool is_right() const { return expected == right && arrived == right; }
  // The same, but doubles are allowed.
  bool is_there() const { return expected == right && arrived == right + count(Finding::kDoubled); }
  // Whether anything that was expected is there, at its place or at another.
  bool has_any() const {
    return right + count(Finding::kDoubled) + count(Finding::kReordered) + count(Finding::kMoved) >
           0;
  }
};

// A finding and its place: the position in the trace, the partition and offset in Kafka, each if
// there is one.
struct Example {
  Finding finding = Finding::kMissing;
  std::optional<std::uint64_t> position;
  std::optional<int> partition;  // nullopt: any would do, or there is none
  std::optional<std::int64_t> offset;
};

// Not thread-safe.
class TopicCheck {
 public:
  // The messages kept on each side of each partition; and the most of lost and of surplus messages
  // in the whole topic.
  static constexpr std::size_t kWindow = 4'096;
  static constexpr std::size_t kUnresolvedMax = 65'536;
  static constexpr std::size_t kExamplesMax = 5;  // of each kind

  // Gives the next message of a partition; nullopt at its end.
  using Fetch = std::function<absl::StatusOr<std::optional<ArrivedMessage>>(int partition)>;

  // At least this many of the last right messages are remembered, some 20 bytes each, to
  // distinguish a doubled message from an extra one. Must be enough for a stretch that is sent
  // again: all that a killed replay had sent since it saved its position, or a whole repeated
  // replay.
  static constexpr std::size_t kRememberedMin = 4'194'304;

  TopicCheck(int partitions, Fetch fetch, std::size_t remembered_min = kRememberedMin);

  // The next message that should be stored, and on which partition; nullopt: on any, in any order.
  // Errors are Fetch's.
  absl::Status Expect(const ExpectedMessage& message, std::optional<int> partition);

  // No more messages are expected. Call it once.
  absl::Status Finish();

  const TopicCounts& counts() const { return counts_; }
  const std::vector<Example>& examples() const { return examples_; }

 private:
  struct Partition {
    std::deque<ExpectedMessage> expected;
    std::deque<ArrivedMessage> arrived;
    bool has_ended = false;
  };
  struct HashOfHash {
    std::size_t operator()(const traces::Hash128& hash) const { return hash.low; }
  };
  // A lost or surplus message whose counterpart may still come.
  struct Unresolved {
    traces::Hash128 hash;
    std::optional<std::uint64_t> position;  // of a lost one
    std::optional<std::int64_t> offset;     // of a surplus one
    std::optional<int> partition;           // nullopt: any
    std::optional<std::uint64_t> partner;   // the lost one whose place this surplus one took
  };
  class Pool {
   public:
    std::uint64_t Add(const Unresolved& one);
    // The oldest with this hash, removed.
    std::optional<Unresolved> Take(const traces::Hash128& hash);
    std::optional<Unresolved> TakeNumber(std::uint64_t number);
    std::optional<Unresolved> TakeOldest();
    std::size_t size() const { return by_number_.size(); }

   private:
    std::map<std::uint64_t, Unresolved> by_number_;
    std::unordered_multimap<traces::Hash128, std::uint64_t, HashOfHash> by_hash_;
    std::uint64_t next_ = 0;
  };

  // Makes up to `count` arrived messages visible.
  absl::Status Fill(int partition, std::size_t count);
  // Deals with the oldest expected message of a partition.
  absl::Status Settle(int partition);
  absl::Status ExpectAnywhere(const ExpectedMessage& message);
  // Passes over messages in front that were right before and are not `expected`.
  absl::Status PassRepeated(int number, const traces::Hash128& expected);
  void TakeRight(int partition);
  void Remember(const traces::Hash128& hash);
  bool IsRemembered(const traces::Hash128& hash) const;
  std::optional<std::uint64_t> Lose(const ExpectedMessage& message, std::optional<int> partition);
  void Surplus(const ArrivedMessage& message, int partition, std::optional<std::uint64_t> partner,
               bool is_keyless);
  void Resolve(const Unresolved& lost, const Unresolved& surplus);
  void SettleLost(const Unresolved& lost);
  void SettleSurplus(const Unresolved& surplus);
  void Trim(std::size_t size_max);
  void Note(Finding finding, const Unresolved& where);

  const Fetch fetch_;
  const std::size_t remembered_min_;
  std::vector<Partition> partitions_;
  Pool lost_;
  Pool surplus_;
  // Half of the hash of each right message: `old_hashes_` came before `recent_hashes_`.
  absl::flat_hash_set<std::uint64_t> recent_hashes_;
  absl::flat_hash_set<std::uint64_t> old_hashes_;
  TopicCounts counts_;
  std::vector<Example> examples_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_TOPIC_CHECK_H_
