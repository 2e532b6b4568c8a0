// Properties of every world, checked on random worlds. The first seed is --seed=N of this program;
// a failure prints its world's seed.
#include "tests/model/random_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/world/world.h"
#include "tests/sim/seed_flag.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {
namespace {

using traces::Record;

constexpr std::uint64_t kWorlds = 12;

struct Life {
  Scenario scenario;
  traces::Catalogue catalogue;
  std::vector<Record> records;

  explicit Life(std::uint64_t seed, int partitions = 1) : scenario(RandomWorld(seed).Make()) {
    absl::StatusOr<World> world = World::Create(scenario, {.partitions = partitions});
    EXPECT_TRUE(world.ok()) << world.status();
    catalogue = world->catalogue();
    EXPECT_TRUE(
        world->Run(sim::VirtualTime(scenario.duration), static_cast<std::size_t>(-1), &records)
            .ok());
  }

  const Service& ServiceOf(const Record& record) const {
    return scenario.services[traces::Index(record.service)];
  }
  bool IsMessage(const Record& record) const { return ServiceOf(record).consumers.has_value(); }
  // A message's duration is that of the work on it.
  sim::VirtualTime Arrival(const Record& record) const {
    const sim::VirtualTime begin = record.time - record.duration;
    return IsMessage(record) ? begin - record.queue_wait : begin;
  }
  // A span's last record is its own; earlier ones are about its retries.
  std::vector<Record> Spans() const {
    std::map<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>, Record> last;
    for (const Record& record : records) {
      if (record.span == traces::SpanId::kNone) continue;
      if (catalogue.templates[traces::Index(record.message)].text.find("retrying") !=
          std::string::npos) {
        continue;
      }
      const bool is_new = last.emplace(KeyOf(record, record.span), record).second;
      EXPECT_TRUE(is_new) << "a span ended twice";
    }
    std::vector<Record> spans;
    for (auto& [key, record] : last) spans.push_back(record);
    return spans;
  }
  static std::tuple<std::uint32_t, std::uint64_t, std::uint32_t> KeyOf(const Record& record,
                                                                       traces::SpanId span) {
    return {sim::Index(record.request.source), record.request.ordinal,
            static_cast<std::uint32_t>(span)};
  }
};

// The largest number of half-open intervals that overlap.
class Overlap {
 public:
  void Add(sim::VirtualTime begin, sim::VirtualTime end) {
    if (begin == end) return;
    changes_.emplace_back(begin, 1);
    changes_.emplace_back(end, -1);
  }
  int Most() {
    std::sort(changes_.begin(), changes_.end());  // at one time those that end come first
    int now = 0;
    int most = 0;
    for (const auto& [time, change] : changes_) most = std::max(most, now += change);
    return most;
  }

 private:
  std::vector<std::pair<sim::VirtualTime, int>> changes_;
};

sim::VirtualTime AtMs(int milliseconds) {
  return sim::VirtualTime(sim::Milliseconds(milliseconds));
}

TEST(Overlap, CountsThoseThatHoldAtTheSameTime) {
  Overlap overlap;
  overlap.Add(AtMs(1), AtMs(5));
  overlap.Add(AtMs(5), AtMs(9));
  EXPECT_EQ(overlap.Most(), 1);
  overlap.Add(AtMs(4), AtMs(6));
  EXPECT_EQ(overlap.Most(), 2);
}

class RandomWorldTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  const std::uint64_t seed_ = sim::TestSeed() * 1'000 + GetParam();
  const testing::ScopedTrace trace_{__FILE__, __LINE__, "world " + std::to_string(seed_)};
};

TEST_P(RandomWorldTest, SpreadingEntitiesChangesNothing) {
  EXPECT_TRUE(Life(seed_).records == Life(seed_, /*partitions=*/5).records);
}

TEST_P(RandomWorldTest, NoHostHoldsMoreThanItsSlotsAndItsQueue) {
  const Life life(seed_);
  std::map<std::uint32_t, std::pair<Overlap, Overlap>> by_host;
  std::map<std::uint32_t, const Service*> services;
  for (const Record& span : life.Spans()) {
    auto& [working, waiting] = by_host[sim::Index(span.host)];
    const sim::VirtualTime taken = life.Arrival(span) + span.queue_wait;
    waiting.Add(life.Arrival(span), taken);
    working.Add(taken, span.time);
    services[sim::Index(span.host)] = &life.ServiceOf(span);
  }
  for (auto& [host, overlaps] : by_host) {
    const Service& service = *services[host];
    const bool has_consumers = service.consumers.has_value();
    EXPECT_LE(overlaps.first.Most(),
              has_consumers ? service.consumers->count : service.concurrency);
    EXPECT_LE(overlaps.second.Most(),
              has_consumers ? service.consumers->queue_bound : service.queue_bound);
  }
}

TEST_P(RandomWorldTest, NoSpanOutlastsItsTimeLimitOrBeginsBeforeItsParent) {
  const Life life(seed_);
  std::map<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>, sim::VirtualTime> arrivals;
  const std::vector<Record> spans = life.Spans();
  for (const Record& span : spans) arrivals[Life::KeyOf(span, span.span)] = life.Arrival(span);
  for (const Record& span : spans) {
    if (!life.IsMessage(span)) {
      EXPECT_LE(span.duration, life.ServiceOf(span).time_limit);
    }
    const auto parent = arrivals.find(Life::KeyOf(span, span.parent_span));
    if (parent != arrivals.end()) {
      EXPECT_LT(parent->second, life.Arrival(span));
    }
  }
}

// A user's turns are numbered: ordinal = turn * count + user.
TEST_P(RandomWorldTest, UsersAskOneThingAfterAnother) {
  const Life life(seed_);
  const auto count = static_cast<std::uint64_t>(life.scenario.users[0].count);
  std::map<std::uint64_t, std::map<std::uint64_t, sim::VirtualTime>> first_arrivals;
  for (const Record& span : life.Spans()) {
    const bool is_users =
        life.catalogue.entities[sim::Index(span.request.source)].kind == traces::EntityKind::kUsers;
    if (!is_users || span.parent_span != traces::SpanId::kNone || span.attempt != 1) continue;
    first_arrivals[span.request.ordinal % count][span.request.ordinal] = life.Arrival(span);
  }
  for (const auto& [user, arrivals] : first_arrivals) {
    EXPECT_TRUE(std::is_sorted(arrivals.begin(), arrivals.end(),
                               [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
}

INSTANTIATE_TEST_SUITE_P(Worlds, RandomWorldTest, testing::Range<std::uint64_t>(0, kWorlds));

}  // namespace
}  // namespace groundhog::model
