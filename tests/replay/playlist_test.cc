// The contents of a playlist: loops, filters, shards, start positions, squeezed gaps, seeks.
#include "replay/playlist.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "replay/shard.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::replay {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// An item; its line is as recorded except for the changes that its loop makes.
struct Played {
  std::uint64_t position = 0;
  std::uint64_t loop = 0;
  std::uint64_t number = 0;
  sim::VirtualTime time;
  sim::Duration squeezed;
  std::string line;
  traces::Record record;
  bool operator==(const Played&) const = default;
};

std::vector<Played> Rest(Playlist& playlist, std::size_t count_max = 1'000'000) {
  std::vector<Played> all;
  PlaylistItem item;
  while (all.size() < count_max) {
    if (playlist.Take(&item)) {
      all.push_back({.position = item.position,
                     .loop = item.loop,
                     .number = item.number,
                     .time = item.time,
                     .squeezed = item.squeezed,
                     .line = std::string(playlist.Render(item, 0)),
                     .record = *item.record});
      continue;
    }
    const absl::StatusOr<bool> has_more = playlist.ReadMore();
    EXPECT_TRUE(has_more.ok()) << has_more.status();
    if (!has_more.ok() || !*has_more) break;
  }
  return all;
}

// A trace in a file, and playlists of it.
class Source {
 public:
  explicit Source(std::vector<traces::Record> records, std::size_t chunk_records = 10) {
    trace_.info = traces::SampleInfo();
    trace_.info.duration = sim::Seconds(200);
    trace_.catalogue = traces::SampleCatalogue();
    trace_.records = std::move(records);
    traces::WriteTrace(trace_, file_.path(),
                       {.chunk_records = static_cast<std::uint32_t>(chunk_records)});
  }

  absl::StatusOr<std::unique_ptr<Playlist>> Make(const PlaylistOptions& options) {
    auto reader = traces::Reader::Open(file_.path());
    EXPECT_TRUE(reader.ok()) << reader.status();
    reader_ = *std::move(reader);
    return Playlist::Make(*reader_, options);
  }

  std::vector<Played> Play(const PlaylistOptions& options,
                           std::optional<sim::Duration> gap_max = std::nullopt) {
    auto playlist = Make(options);
    EXPECT_TRUE(playlist.ok()) << playlist.status();
    if (!playlist.ok()) return {};
    (*playlist)->set_gap_max(gap_max);
    return Rest(**playlist);
  }

  const traces::SampleTrace& trace() const { return trace_; }
  const std::string& path() const { return file_.path(); }

 private:
  traces::TestFile file_{"playlist.ghog"};
  traces::SampleTrace trace_;
  std::unique_ptr<traces::Reader> reader_;
};

std::vector<traces::Record> SeveralServices(std::size_t count) {
  std::vector<traces::Record> records = traces::SampleRecords(count, 0, kSecond);
  const traces::Catalogue catalogue = traces::SampleCatalogue();
  for (std::size_t i = 0; i < records.size(); ++i) {
    constexpr std::uint32_t kHosts[] = {0, 1, 3, 4, 5};
    const std::uint32_t host = kHosts[i % 5];
    records[i].host = sim::EntityId{host};
    records[i].service = catalogue.entities[host].service;
    records[i].request.ordinal = i / 3;
  }
  return records;
}

TEST(Playlist, OnceIsTheTraceAsRecorded) {
  Source source(SeveralServices(95));
  const std::vector<Played> all = source.Play({});
  ASSERT_EQ(all.size(), 95u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].position, i);
    EXPECT_EQ(all[i].number, i);
    EXPECT_EQ(all[i].loop, 0u);
    EXPECT_EQ(all[i].record, source.trace().records[i]);
    EXPECT_EQ(all[i].time, source.trace().records[i].time);
  }
}

TEST(Playlist, ALoopIsALoopLengthLaterWithTraceIdsOfItsOwnAndElseTheSame) {
  Source source(SeveralServices(95));
  const std::vector<Played> once = source.Play({});
  const std::vector<Played> all = source.Play({.loops = 3});
  ASSERT_EQ(all.size(), 3 * 95u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Played& first = once[i % 95];
    EXPECT_EQ(all[i].loop, i / 95);
    EXPECT_EQ(all[i].position, i);
    EXPECT_EQ(all[i].time, first.time + sim::Seconds(200) * static_cast<std::int64_t>(i / 95));
    EXPECT_EQ(all[i].record, first.record);
    EXPECT_EQ(all[i].line == first.line, i < 95) << i;
  }
  EXPECT_EQ(all, source.Play({.loops = 3}));
}

// Computed independently, with Python's package xxhash:
//   xxhash.xxh3_64_intdigest((1).to_bytes(8, "little"), seed=0x0123456789abcdef)
TEST(Playlist, TheKeyOfALoopIsAsDocumented) {
  EXPECT_EQ(LoopTraceKey(0x0123'4567'89AB'CDEF, 0), 0x0123'4567'89AB'CDEFu);
  EXPECT_EQ(LoopTraceKey(0x0123'4567'89AB'CDEF, 1), 0x62DA9B4ECF9E94BCu);
  EXPECT_EQ(LoopTraceKey(0x0123'4567'89AB'CDEF, 1'000'000), 0xBA2AFD3509BDE7DDu);
}

TEST(Playlist, ALoopIsAsLongAsTheRange) {
  Source source(SeveralServices(95));
  auto playlist = source.Make({.selection = {.from = sim::VirtualTime(sim::Seconds(20)),
                                             .until = sim::VirtualTime(sim::Seconds(50))},
                               .loops = 2});
  ASSERT_TRUE(playlist.ok()) << playlist.status();
  EXPECT_EQ((*playlist)->loop_length(), sim::Seconds(30));
  EXPECT_EQ((*playlist)->end(), sim::VirtualTime(sim::Seconds(80)));
  const std::vector<Played> all = Rest(**playlist);
  ASSERT_EQ(all.size(), 60u);
  EXPECT_EQ(all[30].time, sim::VirtualTime(sim::Seconds(50)));
  EXPECT_EQ(all[30].position, 95u + 20);
  EXPECT_EQ((*playlist)->records_read(), 60u);
}

TEST(Playlist, WithoutEndItGoesOnUntilDatesEnd) {
  Source source(SeveralServices(5));
  auto playlist = source.Make({.loops = std::nullopt});
  ASSERT_TRUE(playlist.ok());
  const std::vector<Played> all = Rest(**playlist, 1'000);
  EXPECT_EQ(all.size(), 1'000u);
  EXPECT_EQ(all.back().loop, 199u);
  EXPECT_FALSE((*playlist)->has_ended());
}

TEST(Playlist, LoopsThatGiveNothingEnd) {
  Source source(SeveralServices(95));
  EXPECT_TRUE(source.Play({.selection = {.levels = {traces::Level::kWarn}}, .loops = std::nullopt})
                  .empty());
  // A shard without a service: there are more shards than services.
  std::size_t empty = 0;
  for (std::uint32_t number = 1; number <= 4; ++number) {
    const Shard shard{.number = number, .count = 4};
    const ShardHash hash(shard, source.trace().catalogue);
    if (hash.HasService(traces::ServiceId{0}) || hash.HasService(traces::ServiceId{1}) ||
        hash.HasService(traces::ServiceId{2})) {
      continue;
    }
    ++empty;
    EXPECT_TRUE(source.Play({.loops = std::nullopt, .shard = shard}).empty());
  }
  EXPECT_GE(empty, 1u);
}

TEST(Playlist, FiltersKeepWhatTheyShouldInEveryLoop) {
  Source source(SeveralServices(95));
  traces::JsonRenderer renderer(source.trace().info, source.trace().catalogue);
  const traces::TraceId wanted =
      traces::ParseHash128(renderer.DeriveTraceIdHex(source.trace().records[10].request)).value();
  const std::vector<Played> some =
      source.Play({.selection = {.services = {traces::ServiceId{1}}}, .loops = 2});
  const std::vector<Played> request =
      source.Play({.selection = {.trace_ids = {wanted}}, .loops = 2});
  EXPECT_EQ(some.size(), 2 * std::count_if(source.trace().records.begin(),
                                           source.trace().records.end(), [](const auto& record) {
                                             return record.service == traces::ServiceId{1};
                                           }));
  ASSERT_FALSE(some.empty());
  for (const Played& one : some) EXPECT_EQ(one.record.service, traces::ServiceId{1});
  ASSERT_EQ(request.size(), 6u);
  EXPECT_EQ(request[0].record, request[3].record);
  EXPECT_NE(request[0].line, request[3].line);
}

class ShardKeys : public testing::TestWithParam<sinks::MessageKey> {};

TEST_P(ShardKeys, ShardsTogetherAreTheWholeAndAKeyIsInOne) {
  Source source(SeveralServices(300), 7);
  const std::vector<Played> whole = source.Play({.loops = 2});
  std::map<std::uint64_t, Played> joined;
  std::map<std::string, std::set<std::uint32_t>> shards_of_key;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    const std::vector<Played> part =
        source.Play({.loops = 2, .shard = {.number = number, .count = 3, .key = GetParam()}});
    for (const Played& one : part) {
      EXPECT_TRUE(joined.emplace(one.position, one).second) << one.position;
      const std::string key = GetParam() == sinks::MessageKey::kService
                                  ? std::to_string(Index(one.record.service))
                                  : one.line.substr(one.line.find("trace_id"), 44);
      shards_of_key[key].insert(number);
    }
  }
  ASSERT_EQ(joined.size(), whole.size());
  std::size_t i = 0;
  // Positions, and so deadlines, are those of the unsharded replay.
  for (const auto& [position, one] : joined) EXPECT_EQ(one, whole[i++]);
  if (GetParam() == sinks::MessageKey::kNone) return;
  for (const auto& [key, shards] : shards_of_key) EXPECT_EQ(shards.size(), 1u) << key;
}

INSTANTIATE_TEST_SUITE_P(Playlist, ShardKeys,
                         testing::Values(sinks::MessageKey::kService, sinks::MessageKey::kTraceId,
                                         sinks::MessageKey::kNone));

// Also computed independently: xxhash.xxh3_64_intdigest(b"payment-service") % 5 + 1.
TEST(Shard, TheShardOfAKeyIsAsDocumented) {
  EXPECT_EQ(ShardOf("payment-service", 5), 5u);
  EXPECT_EQ(ShardOf("auth-service", 7), 5u);
  EXPECT_EQ(ShardOf("anything", 1), 1u);
}

TEST(Shard, OnlyAPartOfAWholeIsOne) {
  EXPECT_EQ(ParseShard("2/3")->number, 2u);
  EXPECT_EQ(ParseShard("2/3")->count, 3u);
  EXPECT_TRUE(ParseShard("1/1").ok());
  for (const char* text : {"", "/", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "1/65537", "a/b",
                           " 1/3", "1 /3", "1/3x"}) {
    EXPECT_FALSE(ParseShard(text).ok()) << text;
  }
}

TEST(Playlist, StartsAtAnyPositionWithTheRestOfTheWhole) {
  Source source(SeveralServices(95));
  const PlaylistOptions whole_options = {
      .selection = {.from = sim::VirtualTime(sim::Seconds(12)),
                    .until = sim::VirtualTime(sim::Seconds(83)),
                    .services = {traces::ServiceId{0}, traces::ServiceId{1}}},
      .loops = 3};
  const std::vector<Played> whole = source.Play(whole_options);
  for (std::uint64_t start = 0; start < 3 * 95; ++start) {
    PlaylistOptions options = whole_options;
    options.start_position = start;
    std::vector<Played> rest = source.Play(options);
    const auto first = std::find_if(whole.begin(), whole.end(),
                                    [&](const Played& one) { return one.position >= start; });
    std::vector<Played> expected(first, whole.end());
    for (Played& one : expected) one.number -= first - whole.begin();
    ASSERT_EQ(rest, expected) << start;
  }
}

TEST(Playlist, WhatWasPlayedToItsEndHasNoRest) {
  Source source(SeveralServices(95));
  EXPECT_TRUE(source.Play({.start_position = 95}).empty());
  auto playlist = source.Make({.loops = 2, .start_position = 2 * 95});
  ASSERT_TRUE(playlist.ok()) << playlist.status();
  EXPECT_TRUE(Rest(**playlist).empty());
  EXPECT_TRUE((*playlist)->has_ended());
}

TEST(Playlist, IdleTimeIsSqueezedFromT0OnAndAcrossLoops) {
  std::vector<traces::Record> records;
  for (const std::int64_t at : {50, 51, 51, 90, 100}) {
    records.push_back(traces::SampleRecord(at * kSecond));
  }
  Source source(records);
  const std::vector<Played> all = source.Play({.loops = 2}, sim::Seconds(10));
  std::vector<std::int64_t> played;
  for (const Played& one : all) {
    played.push_back((one.time - one.squeezed).nanoseconds() / kSecond);
  }
  EXPECT_EQ(played, (std::vector<std::int64_t>{10, 11, 11, 21, 31, 41, 42, 42, 52, 62}));
  EXPECT_EQ(all[5].time, sim::VirtualTime(sim::Seconds(250)));
}

TEST(Playlist, SeeksForwardsAndBackwardsOverLoops) {
  Source source(SeveralServices(95));
  const PlaylistOptions options = {.selection = {.from = sim::VirtualTime(sim::Seconds(10))},
                                   .loops = 2};
  const std::vector<Played> whole = source.Play(options);
  auto playlist = source.Make(options);
  ASSERT_TRUE(playlist.ok());
  (*playlist)->set_gap_max(sim::Seconds(5));
  // Loops are 190 s long; the gap at a loop's end is 105 s.
  for (const std::int64_t at : {60, 12, 10, 0, 94, 95, 200, 210, 150, 30, 284}) {
    const sim::VirtualTime time{sim::Seconds(at)};
    ASSERT_TRUE((*playlist)->SeekTo(time).ok());
    const std::vector<Played> rest = Rest(**playlist, 3);
    const auto first = std::find_if(whole.begin(), whole.end(),
                                    [&](const Played& one) { return one.time >= time; });
    ASSERT_EQ(rest.empty(), first == whole.end()) << at;
    if (rest.empty()) continue;
    EXPECT_EQ(rest.front().position, first->position) << at;
    EXPECT_EQ(rest.front().line, first->line) << at;
    // Idle time counts from the time sought.
    const sim::Duration gap = first->time - std::max(time, options.selection.from);
    EXPECT_EQ(rest.front().squeezed, std::max(gap - sim::Seconds(5), sim::Duration())) << at;
  }
}

TEST(Playlist, LoopsThatCannotBeAreRefused) {
  Source source(SeveralServices(95));
  const auto refusal = [&source](const PlaylistOptions& options) {
    return std::string(source.Make(options).status().message());
  };
  EXPECT_NE(refusal({.selection = {.from = sim::VirtualTime(sim::Seconds(300))}, .loops = 2}), "");
  EXPECT_NE(refusal({.loops = 1ull << 62}).find("2261"), std::string::npos);
  EXPECT_NE(refusal({.loops = 2, .start_position = 2 * 95 + 1}).find("position 191"),
            std::string::npos);
  const std::string bytes = traces::ReadFile(source.path());
  traces::WriteFile(source.path(), bytes.substr(0, bytes.size() - 1));
  EXPECT_NE(refusal({.loops = 2}).find("complete"), std::string::npos);
  EXPECT_EQ(refusal({.loops = 1}), "");
}

}  // namespace
}  // namespace groundhog::replay
