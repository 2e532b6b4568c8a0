#include "replay/shard.h"

#include <xxhash.h>

#include <charconv>
#include <optional>

namespace groundhog::replay {
namespace {

constexpr std::uint32_t kCountMax = 65'536;

std::optional<std::uint32_t> ParseNumber(std::string_view text) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (rest != end || error != std::errc() || value == 0 || value > kCountMax) return std::nullopt;
  return value;
}

}  // namespace

absl::StatusOr<Shard> ParseShard(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::optional<std::uint32_t> number = ParseNumber(text.substr(0, slash));
    const std::optional<std::uint32_t> count = ParseNumber(text.substr(slash + 1));
    if (number && count && *number <= *count) return Shard{.number = *number, .count = *count};
  }
  return absl::InvalidArgumentError(
      "not a part of a whole; write 1/3, 2/3 and 3/3 for three machines, at most 65536");
}

std::uint32_t ShardOf(std::string_view key, std::uint32_t count) {
  return static_cast<std::uint32_t>(XXH3_64bits(key.data(), key.size()) % count) + 1;
}

ShardHash::ShardHash(const Shard& shard, const traces::Catalogue& catalogue) {
  for (const traces::ServiceEntry& service : catalogue.services) {
    has_service_.push_back(ShardOf(service.name, shard.count) == shard.number);
  }
}

}  // namespace groundhog::replay
