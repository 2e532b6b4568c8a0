#include "replay/topic_check.h"

#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "traces/byte_order.h"

namespace groundhog::replay {
namespace {

// The index of the first message with this hash; nullopt: there is none.
template <class Message>
std::optional<std::size_t> IndexOf(const std::deque<Message>& messages,
                                   const traces::Hash128& hash) {
  const auto found = std::find_if(messages.begin(), messages.end(),
                                  [&](const Message& one) { return one.hash == hash; });
  if (found == messages.end()) return std::nullopt;
  return static_cast<std::size_t>(found - messages.begin());
}

}  // namespace

traces::Hash128 MessageHash(std::string_view key, std::string_view value,
                            std::optional<std::int64_t> timestamp_unix_milliseconds,
                            std::string_view headers) {
  // With lengths, so that moving bytes from one part to another changes the hash.
  std::array<char, 32> numbers{};
  traces::StoreLittleEndian64(key.size(), numbers.data());
  traces::StoreLittleEndian64(value.size(), numbers.data() + 8);
  traces::StoreLittleEndian64(headers.size(), numbers.data() + 16);
  traces::StoreLittleEndian64(
      static_cast<std::uint64_t>(timestamp_unix_milliseconds.value_or(INT64_MIN)),
      numbers.data() + 24);
  std::string all(numbers.data(), numbers.size());
  all.append(key).append(headers).append(value);
  const XXH128_hash_t hash = XXH3_128bits(all.data(), all.size());
  return {.high = hash.high64, .low = hash.low64};
}

const char* FindingName(Finding finding) {
  static constexpr std::array<const char*, kFindingCount> kNames = {
      "missing", "extra", "doubled", "reordered", "moved", "altered"};
  return kNames[static_cast<std::size_t>(finding)];
}

std::uint64_t TopicCheck::Pool::Add(const Unresolved& one) {
  by_number_.emplace(next_, one);
  by_hash_.emplace(one.hash, next_);
  return next_++;
}

std::optional<TopicCheck::Unresolved> TopicCheck::Pool::Take(const traces::Hash128& hash) {
  if (by_hash_.empty()) return std::nullopt;
  const auto [begin, end] = by_hash_.equal_range(hash);
  if (begin == end) return std::nullopt;
  std::uint64_t oldest = begin->second;
  for (auto one = begin; one != end; ++one) oldest = std::min(oldest, one->second);
  return TakeNumber(oldest);
}

std::optional<TopicCheck::Unresolved> TopicCheck::Pool::TakeNumber(std::uint64_t number) {
  const auto found = by_number_.find(number);
  if (found == by_number_.end()) return std::nullopt;
  const Unresolved one = found->second;
  by_number_.erase(found);
  const auto [begin, end] = by_hash_.equal_range(one.hash);
  by_hash_.erase(std::find_if(begin, end, [&](const auto& it) { return it.second == number; }));
  return one;
}

std::optional<TopicCheck::Unresolved> TopicCheck::Pool::TakeOldest() {
  if (by_number_.empty()) return std::nullopt;
  return TakeNumber(by_number_.begin()->first);
}

TopicCheck::TopicCheck(int partitions, Fetch fetch, std::size_t remembered_min)
    : fetch_(std::move(fetch)),
      remembered_min_(std::max<std::size_t>(remembered_min, 1)),
      partitions_(static_cast<std::size_t>(partitions)) {}

absl::Status TopicCheck::Fill(int number, std::size_t count) {
  Partition& partition = partitions_[static_cast<std::size_t>(number)];
  while (partition.arrived.size() < count && !partition.has_ended) {
    const absl::StatusOr<std::optional<ArrivedMessage>> next = fetch_(number);
    if (!next.ok()) return next.status();
    if (*next) {
      partition.arrived.push_back(**next);
      ++counts_.arrived;
    } else {
      partition.has_ended = true;
    }
  }
  return absl::OkStatus();
}

absl::Status TopicCheck::Expect(const ExpectedMessage& message, std::optional<int> partition) {
  ++counts_.expected;
  if (partitions_.empty()) {
    Lose(message, std::nullopt);
    return absl::OkStatus();
  }
  if (!partition) return ExpectAnywhere(message);
  std::deque<ExpectedMessage>& expected =
      partitions_[static_cast<std::size_t>(*partition)].expected;
  expected.push_back(message);
  return expected.size() > kWindow ? Settle(*partition) : absl::OkStatus();
}

absl::Status TopicCheck::Settle(int number) {
  Partition& partition = partitions_[static_cast<std::size_t>(number)];
  while (true) {
    const ExpectedMessage expected = partition.expected.front();
    if (absl::Status s = Fill(number, 1); !s.ok()) return s;
    if (partition.arrived.empty()) {
      Lose(expected, number);
      partition.expected.pop_front();
      return absl::OkStatus();
    }
    const ArrivedMessage arrived = partition.arrived.front();
    if (arrived.hash == expected.hash) {
      TakeRight(number);
      partition.expected.pop_front();
      return absl::OkStatus();
    }
    if (absl::Status s = Fill(number, kWindow); !s.ok()) return s;
    const std::optional<std::size_t> expected_at = IndexOf(partition.arrived, expected.hash);
    const std::optional<std::size_t> arrived_at = IndexOf(partition.expected, arrived.hash);
    // If fewer messages must be passed over on the arrived side, the arrived one is out of place.
    // So is one that was right before, in a stretch that was sent again.
    const bool is_arrived_odd = (expected_at && (!arrived_at || *expected_at < *arrived_at)) ||
                                (!arrived_at && IsRemembered(arrived.hash));
    if (is_arrived_odd) {
      partition.arrived.pop_front();
      Surplus(arrived, number, std::nullopt, /*is_keyless=*/false);
      continue;
    }
    const std::optional<std::uint64_t> lost = Lose(expected, number);
    partition.expected.pop_front();
    if (!arrived_at) {
      partition.arrived.pop_front();
      Surplus(arrived, number, lost, /*is_keyless=*/false);
    }
    return absl::OkStatus();
  }
}

// Without a key there is no order; messages that are passed over are kept until they are expected.
absl::Status TopicCheck::ExpectAnywhere(const ExpectedMessage& message) {
  if (surplus_.Take(message.hash)) {
    ++counts_.right;
    Remember(message.hash);
    return absl::OkStatus();
  }
  const int count = static_cast<int>(partitions_.size());
  for (const std::size_t window : {std::size_t{1}, kWindow}) {
    for (int number = 0; number < count; ++number) {
      if (absl::Status s = PassRepeated(number, message.hash); !s.ok()) return s;
      if (absl::Status s = Fill(number, window); !s.ok()) return s;
      std::deque<ArrivedMessage>& arrived = partitions_[static_cast<std::size_t>(number)].arrived;
      const std::optional<std::size_t> at = IndexOf(arrived, message.hash);
      if (!at) continue;
      for (std::size_t i = 0; i < *at; ++i) {
        Surplus(arrived.front(), number, std::nullopt, /*is_keyless=*/true);
        arrived.pop_front();
      }
      TakeRight(number);
      return absl::OkStatus();
    }
  }
  Lose(message, std::nullopt);
  return absl::OkStatus();
}

// A stretch that was sent again may be longer than the window, so it must not stay in front.
absl::Status TopicCheck::PassRepeated(int number, const traces::Hash128& expected) {
  std::deque<ArrivedMessage>& arrived = partitions_[static_cast<std::size_t>(number)].arrived;
  while (true) {
    if (absl::Status s = Fill(number, 1); !s.ok()) return s;
    if (arrived.empty() || arrived.front().hash == expected ||
        !IsRemembered(arrived.front().hash)) {
      return absl::OkStatus();
    }
    Surplus(arrived.front(), number, std::nullopt, /*is_keyless=*/true);
    arrived.pop_front();
  }
}

// The front of what arrived is what was expected.
void TopicCheck::TakeRight(int number) {
  std::deque<ArrivedMessage>& arrived = partitions_[static_cast<std::size_t>(number)].arrived;
  const ArrivedMessage message = arrived.front();
  arrived.pop_front();
  ++counts_.right;
  Remember(message.hash);
  // A copy that came earlier is a double, then.
  if (const std::optional<Unresolved> earlier = surplus_.Take(message.hash)) {
    Note(Finding::kDoubled, *earlier);
  }
}

void TopicCheck::Remember(const traces::Hash128& hash) {
  if (recent_hashes_.size() == remembered_min_) {
    old_hashes_ = std::exchange(recent_hashes_, {});
  }
  recent_hashes_.insert(hash.low);
}

bool TopicCheck::IsRemembered(const traces::Hash128& hash) const {
  return recent_hashes_.contains(hash.low) || old_hashes_.contains(hash.low);
}

// Its number among the lost; nullopt: it has arrived before, so it is not lost.
std::optional<std::uint64_t> TopicCheck::Lose(const ExpectedMessage& message,
                                              std::optional<int> partition) {
  const Unresolved lost = {
      .hash = message.hash, .position = message.position, .partition = partition};
  if (const std::optional<Unresolved> surplus = surplus_.Take(message.hash)) {
    Resolve(lost, *surplus);
    return std::nullopt;
  }
  const std::uint64_t number = lost_.Add(lost);
  Trim(kUnresolvedMax);
  return number;
}

void TopicCheck::Surplus(const ArrivedMessage& message, int partition,
                         std::optional<std::uint64_t> partner, bool is_keyless) {
  const Unresolved surplus = {
      .hash = message.hash, .offset = message.offset, .partition = partition, .partner = partner};
  if (const std::optional<Unresolved> lost = lost_.Take(message.hash)) {
    Resolve(*lost, surplus);
  } else if (!is_keyless && IsRemembered(message.hash)) {
    Note(Finding::kDoubled, surplus);
  } else {
    surplus_.Add(surplus);
    Trim(kUnresolvedMax);
  }
}

// `lost` and `surplus` are the same message.
void TopicCheck::Resolve(const Unresolved& lost, const Unresolved& surplus) {
  Remember(lost.hash);
  if (!lost.partition) {
    ++counts_.right;
    return;
  }
  Unresolved both = surplus;
  both.position = lost.position;
  Note(lost.partition == surplus.partition ? Finding::kReordered : Finding::kMoved, both);
}

void TopicCheck::SettleLost(const Unresolved& lost) { Note(Finding::kMissing, lost); }

// Its counterpart will not come any more. A further copy of a message that is there is doubled,
// also when it took a lost one's place.
void TopicCheck::SettleSurplus(const Unresolved& surplus) {
  if (IsRemembered(surplus.hash)) return Note(Finding::kDoubled, surplus);
  if (surplus.partner) {
    if (const std::optional<Unresolved> lost = lost_.TakeNumber(*surplus.partner)) {
      Unresolved both = surplus;
      both.position = lost->position;
      return Note(Finding::kAltered, both);
    }
  }
  Note(Finding::kExtra, surplus);
}

void TopicCheck::Trim(std::size_t size_max) {
  while (surplus_.size() > size_max) SettleSurplus(*surplus_.TakeOldest());
  while (lost_.size() > size_max) SettleLost(*lost_.TakeOldest());
}

absl::Status TopicCheck::Finish() {
  for (std::size_t number = 0; number < partitions_.size(); ++number) {
    Partition& partition = partitions_[number];
    while (!partition.expected.empty()) {
      if (absl::Status s = Settle(static_cast<int>(number)); !s.ok()) return s;
    }
    while (true) {
      if (absl::Status s = Fill(static_cast<int>(number), 1); !s.ok()) return s;
      if (partition.arrived.empty()) break;
      Surplus(partition.arrived.front(), static_cast<int>(number), std::nullopt,
              /*is_keyless=*/false);
      partition.arrived.pop_front();
    }
  }
  Trim(0);
  return absl::OkStatus();
}

void TopicCheck::Note(Finding finding, const Unresolved& where) {
  const std::uint64_t before = counts_.findings[static_cast<std::size_t>(finding)]++;
  if (before >= kExamplesMax) return;
  examples_.push_back({.finding = finding,
                       .position = where.position,
                       .partition = where.partition,
                       .offset = where.offset});
}

}  // namespace groundhog::replay
