#include "model/world/plan/log_model.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

const SourceInfo kSource;
constexpr std::uint64_t kWords = std::uint64_t{1} << 32;

// front has three messages; back has an error of its own, with a message.
class LogModelTest : public testing::Test {
 protected:
  LogModelTest() : scenario_(SmallScenario()) {
    scenario_.services[0].messages = {"one", "two {user}", "three {order} {items}"};
    scenario_.services[2].errors = {
        {.code = "ERR_402", .rate = 0.1, .retryable = false, .messages = {"Card declined"}}};
    Fault fault = SmallFault(Fault::Kind::kErrorRate, "back-service");
    fault.code = "ERR_599";
    scenario_.faults = {fault};
    absl::StatusOr<Topology> topology = CompileTopology(scenario_);
    EXPECT_TRUE(topology.ok()) << topology.status();
    topology_ = *std::move(topology);
    model_.emplace(scenario_, topology_);
  }

  traces::Record Filled(MessageGroup group, std::uint64_t word,
                        const MessageContext& context = {.source = &kSource}) const {
    traces::Record record;
    model_->Fill(group, static_cast<std::uint32_t>(word), context, &record);
    return record;
  }
  const std::string& Text(const traces::Record& record) const {
    return model_->templates()[Index(record.message)].text;
  }
  // The text of a group of one.
  const std::string& OnlyText(MessageGroup group) const {
    EXPECT_EQ(group.count, 1U);
    return model_->templates()[group.first].text;
  }

  Scenario scenario_;
  Topology topology_;
  std::optional<LogModel> model_;
};

TEST_F(LogModelTest, EachTextOfAGroupHasAnEqualShareOfTheDraws) {
  const MessageGroup ok = model_->Ok(0);
  EXPECT_EQ(Text(Filled(ok, 0)), "one");
  EXPECT_EQ(Text(Filled(ok, kWords / 3)), "one");
  EXPECT_EQ(Text(Filled(ok, kWords / 3 + 1)), "two {}");
  EXPECT_EQ(Text(Filled(ok, kWords / 3 * 2 + 2)), "three {} {}");
  EXPECT_EQ(Text(Filled(ok, kWords - 1)), "three {} {}");
}

TEST_F(LogModelTest, ARequestIsAboutTheSameThingInEveryMessage) {
  const SourceInfo source = {.key = sim::StreamKey(42, "journey/visit")};
  const MessageContext context = {.source = &source, .ordinal = 17};
  const MessageGroup ok = model_->Ok(0);
  const traces::Record user = Filled(ok, kWords / 2, context);
  EXPECT_EQ(Filled(ok, kWords / 2, context).slots, user.slots);
  EXPECT_GE(user.slots[0], 1'000);
  EXPECT_LT(user.slots[0], 41'000);
  const traces::Record order = Filled(ok, kWords - 1, context);
  EXPECT_GE(order.slots[0], 1);
  EXPECT_LE(order.slots[0], 6);
  EXPECT_EQ(order.slots[1], 0) << "the order's number is the request's";
  const MessageContext other = {.source = &source, .ordinal = 18};
  EXPECT_NE(Filled(ok, kWords / 2, other).slots, user.slots);
}

TEST_F(LogModelTest, AnInjectedCodeHasTheServicesOwnWordsIfThereAreAny) {
  EXPECT_EQ(OnlyText(model_->Own(2, 0)), "Card declined");
  EXPECT_EQ(OnlyText(model_->Injected(2, topology_.ErrorCode("ERR_402"))), "Card declined");
  const MessageGroup general = model_->Injected(2, topology_.ErrorCode("ERR_599"));
  EXPECT_GT(general.count, 1U);
  EXPECT_EQ(general.first, model_->Injected(0, topology_.ErrorCode("ERR_402")).first);
}

TEST_F(LogModelTest, EveryFailureButNoneAndOwnHasTexts) {
  for (int i = 0; i < kFailureCount; ++i) {
    const auto failure = static_cast<Failure>(i);
    const bool has_texts = failure != Failure::kNone && failure != Failure::kOwn;
    EXPECT_EQ(model_->Failed(failure).count > 0, has_texts) << i;
  }
}

TEST_F(LogModelTest, AnIntervalShowsItsFigures) {
  const MessageContext context = {.queue_depth = 4,
                                  .in_flight = 5,
                                  .slots = 6,
                                  .spans = 1,
                                  .errors = 2,
                                  .load_hundredths = 345};
  const traces::Record record = Filled(model_->Interval(), 0, context);
  EXPECT_EQ(Text(record).find("Heartbeat: {} requests, {} errors, load {}"), 0U);
  EXPECT_EQ(record.slots, (std::array<std::int64_t, traces::kStoredSlotsMax>{1, 2, 345, 4, 5, 6}));
}

// A template of one group that another group names as well would say the wrong thing.
TEST_F(LogModelTest, GroupsShareNoTemplate) {
  std::map<std::uint32_t, int> owners;
  const auto add = [&](MessageGroup group) {
    for (std::uint32_t i = 0; i < group.count; ++i) ++owners[group.first + i];
  };
  for (std::uint32_t service = 0; service < 3; ++service) add(model_->Ok(service));
  add(model_->Own(2, 0));
  add(model_->Injected(0, topology_.ErrorCode("ERR_599")));
  for (int i = 0; i < kFailureCount; ++i) add(model_->Failed(static_cast<Failure>(i)));
  for (const MessageGroup group :
       {model_->RetryAfterTimeout(), model_->RetryAfterError(), model_->Degraded(), model_->Slow(),
        model_->Started(), model_->Interval(), model_->DegradedInterval()}) {
    add(group);
  }
  EXPECT_EQ(owners.size(), model_->templates().size());
  for (const auto& [number, count] : owners) {
    EXPECT_EQ(count, 1) << model_->templates()[number].text;
  }
}

}  // namespace
}  // namespace groundhog::model
