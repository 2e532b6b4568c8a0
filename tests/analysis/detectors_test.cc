#include "analysis/detectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace groundhog::analysis {
namespace {

using traces::Level;
using traces::ServiceId;
using traces::TemplateId;

constexpr ServiceId kGateway{0};
constexpr ServiceId kOrders{1};
constexpr ServiceId kAuth{2};
constexpr std::size_t kServices = 3;

sim::VirtualTime Minute(std::int64_t minute) { return sim::VirtualTime(sim::Minutes(minute)); }

// Records of a service, evenly over each minute of [from, until).
struct Records {
  ServiceId service = kGateway;
  std::int64_t from = 0;
  std::int64_t until = 0;
  std::int64_t a_minute = 60;
  Level level = Level::kInfo;
  std::int64_t duration_ms = 10;
  TemplateId message{0};
  bool is_of_request = true;
};

class Day {
 public:
  Day& Log(const Records& records) {
    for (std::int64_t minute = records.from; minute < records.until; ++minute) {
      for (std::int64_t i = 0; i < records.a_minute; ++i) {
        traces::Record record;
        record.time = Minute(minute) + sim::Minutes(1) * i / records.a_minute;
        record.service = records.service;
        record.level = records.level;
        record.call_path =
            records.is_of_request ? traces::CallPathId{0} : traces::CallPathId::kNone;
        record.duration = sim::Milliseconds(records.duration_ms);
        record.message = records.message;
        records_.push_back(record);
      }
    }
    return *this;
  }

  // 60 records of each service a minute.
  Day& LogUsual(std::int64_t from, std::int64_t until) {
    for (const ServiceId service : {kGateway, kOrders, kAuth}) {
      Log({.service = service, .from = from, .until = until});
    }
    return *this;
  }

  std::vector<Detection> Detect(std::vector<Incident> incidents, std::int64_t end_minute,
                                const DetectorOptions& options = {}) {
    std::stable_sort(records_.begin(), records_.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
    Detectors detectors(kServices, std::move(incidents), options);
    const std::span<const traces::Record> all = records_;
    detectors.Add(all.first(all.size() / 2));
    detectors.Add(all.subspan(all.size() / 2));
    return detectors.Finish(Minute(end_minute));
  }

 private:
  std::vector<traces::Record> records_;
};

// From minute 20 to minute 30 of 40.
Incident TheIncident(ServiceId root) {
  return {.start = Minute(20), .end = Minute(30), .root = root};
}

Verdict VerdictOf(Day& day, Detector detector, ServiceId root) {
  return day.Detect({TheIncident(root)}, 40)[0].verdicts[static_cast<std::size_t>(detector)];
}

TEST(Detectors, WithoutIncidentsSayNothing) {
  EXPECT_TRUE(Day().LogUsual(0, 40).Detect({}, 40).empty());
}

TEST(Detectors, SuspectNothingWhereNothingHappens) {
  const Detection found = Day().LogUsual(0, 40).Detect({TheIncident(kAuth)}, 40)[0];
  EXPECT_EQ(found.baseline_buckets, 20u);
  EXPECT_EQ(found.buckets, 10u);
  for (const Verdict& verdict : found.verdicts) {
    EXPECT_FALSE(verdict.blamed.has_value());
    EXPECT_EQ(verdict.suspects, 0u);
    EXPECT_EQ(verdict.rank_of_root, 0u);
    EXPECT_FALSE(verdict.is_right());
  }
  EXPECT_EQ(found.difficulty(), Difficulty::kHard);
}

// Errors of the whole day are 4 of 64; then 64 more of auth, as warnings, 16 more of orders.
TEST(Detectors, ErrorRateBlamesTheLargestRise) {
  Day day;
  day.LogUsual(0, 40);
  for (const ServiceId service : {kGateway, kOrders, kAuth}) {
    day.Log({.service = service, .until = 40, .a_minute = 4, .level = Level::kError});
  }
  day.Log({.service = kOrders, .from = 21, .until = 22, .a_minute = 16, .level = Level::kError});
  day.Log({.service = kAuth, .from = 23, .until = 24, .a_minute = 64, .level = Level::kWarn});
  day.Log({.service = kAuth, .from = 25, .until = 26, .a_minute = 16, .level = Level::kWarn});
  const Verdict verdict = VerdictOf(day, Detector::kErrorRate, kOrders);
  EXPECT_EQ(verdict.blamed->service, kAuth);
  EXPECT_EQ(verdict.blamed->first_bucket, Minute(23));
  EXPECT_DOUBLE_EQ(verdict.blamed->usual, 4.0 / 64);
  EXPECT_DOUBLE_EQ(verdict.blamed->seen, 68.0 / 128);
  EXPECT_DOUBLE_EQ(verdict.blamed->score, 68.0 / 128 - 4.0 / 64);
  EXPECT_EQ(verdict.suspects, 2u);
  EXPECT_EQ(verdict.rank_of_root, 2u);
  EXPECT_FALSE(verdict.is_right());
  EXPECT_TRUE(VerdictOf(day, Detector::kErrorRate, kAuth).is_right());
  EXPECT_EQ(VerdictOf(day, Detector::kErrorRate, kGateway).rank_of_root, 0u);
}

TEST(Detectors, ErrorRateAsksForMoreThanFivePointsAndTwentyRecords) {
  const auto suspects = [](std::int64_t fine, std::int64_t errors) {
    Day day;
    day.Log({.service = kAuth, .until = 20});
    day.Log({.service = kAuth, .from = 20, .until = 21, .a_minute = fine});
    day.Log(
        {.service = kAuth, .from = 20, .until = 21, .a_minute = errors, .level = Level::kError});
    return VerdictOf(day, Detector::kErrorRate, kAuth).suspects;
  };
  EXPECT_EQ(suspects(95, 5), 0u);
  EXPECT_EQ(suspects(94, 6), 1u);
  EXPECT_EQ(suspects(0, 19), 0u);
  EXPECT_EQ(suspects(0, 20), 1u);
}

// The baseline's means are 10 and 12 ms in turn: 11 ms, and a deviation of 1.026 ms.
Day AlternatingLatency() {
  Day day;
  for (const ServiceId service : {kOrders, kAuth}) {
    for (std::int64_t minute = 0; minute < 20; ++minute) {
      day.Log({.service = service,
               .from = minute,
               .until = minute + 1,
               .duration_ms = 10 + 2 * (minute % 2)});
    }
  }
  return day;
}

TEST(Detectors, LatencyBlamesTheServiceMostSigmasAboveItsMean) {
  Day day = AlternatingLatency();
  day.Log({.service = kOrders, .from = 20, .until = 30, .duration_ms = 15});
  day.Log({.service = kAuth, .from = 20, .until = 25, .duration_ms = 14});
  day.Log({.service = kAuth, .from = 25, .until = 26, .duration_ms = 21});
  const Verdict verdict = VerdictOf(day, Detector::kLatency, kAuth);
  EXPECT_TRUE(verdict.is_right());
  EXPECT_EQ(verdict.blamed->first_bucket, Minute(25)) << "14 ms is within three sigma";
  EXPECT_DOUBLE_EQ(verdict.blamed->usual, 11);
  EXPECT_DOUBLE_EQ(verdict.blamed->seen, 21);
  EXPECT_NEAR(verdict.blamed->score, 10 / 1.02598, 1e-4);
  EXPECT_EQ(verdict.suspects, 2u);
}

TEST(Detectors, LatencySeesOnlyRisesOfEnoughRequests) {
  Day day = AlternatingLatency();
  day.Log({.service = kGateway, .until = 9});
  day.Log({.service = kGateway, .from = 9, .until = 20, .a_minute = 19});
  day.Log({.service = kGateway, .from = 20, .until = 30, .duration_ms = 900});
  day.Log({.service = kOrders, .from = 20, .until = 30, .duration_ms = 1});
  day.Log({.service = kAuth, .from = 20, .until = 30, .a_minute = 19, .duration_ms = 900});
  day.Log({.service = kAuth, .from = 20, .until = 30, .duration_ms = 900, .is_of_request = false});
  EXPECT_EQ(VerdictOf(day, Detector::kLatency, kAuth).suspects, 0u);
}

TEST(Detectors, LatencyTakesTheDeviationAsOnePercentAtLeast) {
  const auto suspects = [](std::int64_t duration_ms) {
    Day day;
    day.Log({.service = kAuth, .until = 20, .duration_ms = 1'000});
    day.Log({.service = kAuth, .from = 20, .until = 30, .duration_ms = duration_ms});
    return VerdictOf(day, Detector::kLatency, kAuth).suspects;
  };
  EXPECT_EQ(suspects(1'030), 0u);
  EXPECT_EQ(suspects(1'031), 1u);
}

TEST(Detectors, NewMessageIsOneThatTheServiceNeverLoggedBeforeTheIncident) {
  constexpr TemplateId kRare{5};
  constexpr TemplateId kTimedOut{6};
  constexpr TemplateId kOpened{7};
  Day day;
  day.LogUsual(0, 40);
  day.Log({.service = kGateway, .until = 1, .a_minute = 1, .message = kRare});
  day.Log({.service = kGateway, .from = 22, .until = 24, .message = kRare});
  day.Log({.service = kOrders, .from = 20, .until = 21, .a_minute = 20, .message = kRare});
  day.Log({.service = kAuth, .from = 24, .until = 25, .a_minute = 10, .message = kTimedOut});
  day.Log({.service = kAuth, .from = 24, .until = 25, .a_minute = 10, .message = kOpened});
  day.Log({.service = kAuth, .from = 26, .until = 27, .a_minute = 20, .message = kOpened});
  day.Log({.service = kAuth, .from = 26, .until = 27, .a_minute = 10, .message = kTimedOut});
  const Verdict verdict = VerdictOf(day, Detector::kNewMessage, kOrders);
  EXPECT_EQ(verdict.blamed->service, kAuth);
  EXPECT_EQ(verdict.blamed->message, kTimedOut);
  EXPECT_EQ(verdict.blamed->first_bucket, Minute(24));
  EXPECT_DOUBLE_EQ(verdict.blamed->seen, 30.0 / 90);
  EXPECT_DOUBLE_EQ(verdict.blamed->score, 30.0 / 90);
  EXPECT_EQ(verdict.suspects, 2u);
  EXPECT_EQ(verdict.rank_of_root, 2u);
}

TEST(Detectors, NewMessageOfOneIncidentIsNotNewInTheNext) {
  Day day;
  day.LogUsual(0, 60);
  for (const std::int64_t minute : {22, 42}) {
    day.Log({.service = kAuth, .from = minute, .until = minute + 1, .message = TemplateId{6}});
  }
  const auto found =
      day.Detect({TheIncident(kAuth), {.start = Minute(40), .end = Minute(50), .root = kAuth}}, 60);
  const auto new_message = static_cast<std::size_t>(Detector::kNewMessage);
  EXPECT_TRUE(found[0].verdicts[new_message].is_right());
  EXPECT_EQ(found[1].verdicts[new_message].suspects, 0u);
}

TEST(Detectors, RecordCountSeesRisesAndFalls) {
  Day day;
  day.LogUsual(0, 20);
  day.Log({.service = kGateway, .from = 20, .until = 30, .a_minute = 63});
  day.Log({.service = kOrders, .from = 20, .until = 30, .a_minute = 64});
  const Verdict verdict = VerdictOf(day, Detector::kRecordCount, kOrders);
  EXPECT_EQ(verdict.blamed->service, kAuth) << "it is silent";
  EXPECT_EQ(verdict.blamed->first_bucket, Minute(20));
  EXPECT_DOUBLE_EQ(verdict.blamed->usual, 60);
  EXPECT_DOUBLE_EQ(verdict.blamed->seen, 0);
  EXPECT_DOUBLE_EQ(verdict.blamed->score, 60);
  EXPECT_EQ(verdict.suspects, 2u) << "three records more are within three sigma";
  EXPECT_EQ(verdict.rank_of_root, 2u);
}

TEST(Detectors, ABucketThatTheTraceCutsOffIsNoFall) {
  Detectors detectors(1, {{.start = Minute(20), .end = Minute(30), .root = kGateway}});
  for (std::int64_t second = 0; second <= 22 * 60 + 30; ++second) {
    traces::Record record;
    record.time = sim::VirtualTime(sim::Seconds(second));
    record.service = kGateway;
    detectors.Add({&record, 1});
  }
  const Detection found = detectors.Finish(sim::VirtualTime(sim::Seconds(22 * 60 + 31)))[0];
  EXPECT_EQ(found.buckets, 2u);
  EXPECT_EQ(found.verdicts[static_cast<std::size_t>(Detector::kRecordCount)].suspects, 0u);
}

TEST(Detectors, EqualScoresAreOrderedByTheFirstBucketThenByCatalogue) {
  const auto blamed = [](std::int64_t orders_from, std::int64_t auth_from) {
    Day day;
    day.LogUsual(0, 20);
    for (const auto& [service, from] :
         {std::pair(kAuth, auth_from), std::pair(kOrders, orders_from)}) {
      day.Log({.service = service, .from = from, .until = 25, .level = Level::kError});
    }
    return VerdictOf(day, Detector::kErrorRate, kAuth).blamed->service;
  };
  EXPECT_EQ(blamed(22, 21), kAuth);
  EXPECT_EQ(blamed(21, 22), kOrders);
  EXPECT_EQ(blamed(21, 21), kOrders);
}

TEST(Detectors, NeedABaselineOfWholeBuckets) {
  Day day;
  day.LogUsual(0, 30);
  const auto detect = [&day](sim::VirtualTime start) {
    return day.Detect({{.start = start, .end = Minute(20), .root = kAuth}}, 30)[0];
  };
  const Detection early = detect(Minute(10) - sim::Seconds(1));
  EXPECT_EQ(early.baseline_buckets, 9u);
  EXPECT_FALSE(early.has_baseline);
  EXPECT_FALSE(early.difficulty().has_value());
  const Detection later = detect(Minute(10));
  EXPECT_EQ(later.baseline_buckets, 10u);
  EXPECT_TRUE(later.has_baseline);
  EXPECT_TRUE(later.difficulty().has_value());
}

TEST(Detectors, SayNothingWithoutABaseline) {
  Day day;
  day.LogUsual(0, 5);
  day.Log({.service = kAuth, .from = 5, .until = 20, .a_minute = 500, .level = Level::kError});
  const Detection found =
      day.Detect({{.start = Minute(5), .end = Minute(20), .root = kAuth}}, 30)[0];
  EXPECT_FALSE(found.has_baseline);
  for (const Verdict& verdict : found.verdicts) EXPECT_FALSE(verdict.blamed.has_value());
}

TEST(Detectors, HaveNoIncidentAfterTheTrace) {
  const Detection found =
      Day().LogUsual(0, 30).Detect({{.start = Minute(35), .end = Minute(45)}}, 30)[0];
  EXPECT_EQ(found.buckets, 0u);
  EXPECT_FALSE(found.difficulty().has_value());
}

// Auth fails by half in the first incident, and by a fifth in the second, which begins later, or
// meanwhile.
TEST(Detectors, LeaveBucketsOfOtherIncidentsOutOfTheBaseline) {
  for (const std::int64_t second : {25, 35}) {
    Day day;
    day.LogUsual(0, 60);
    day.Log({.service = kAuth, .from = 20, .until = 25, .level = Level::kError});
    day.Log({.service = kAuth,
             .from = second,
             .until = second + 10,
             .a_minute = 15,
             .level = Level::kError});
    const Detection found =
        day.Detect({{.start = Minute(second), .end = Minute(second + 10)},
                    {.start = Minute(20) + sim::Seconds(30), .end = Minute(30)}},
                   60)[0];
    EXPECT_EQ(found.baseline_buckets, second == 25 ? 20u : 25u);
    const Suspect& blamed = *found.verdicts[static_cast<std::size_t>(Detector::kErrorRate)].blamed;
    EXPECT_DOUBLE_EQ(blamed.usual, 0);
    EXPECT_DOUBLE_EQ(blamed.seen, 0.2);
  }
}

TEST(Detectors, TakeTheLastBucketsAsTheBaseline) {
  Day day;
  day.Log({.service = kAuth, .until = 5, .a_minute = 1'000, .level = Level::kError});
  day.LogUsual(5, 40);
  day.Log({.service = kAuth, .from = 20, .until = 30, .level = Level::kError});
  const Detection found = day.Detect({TheIncident(kAuth)}, 40, {.baseline_max = 15})[0];
  EXPECT_EQ(found.baseline_buckets, 15u);
  EXPECT_DOUBLE_EQ(found.verdicts[static_cast<std::size_t>(Detector::kErrorRate)].blamed->usual, 0);
}

TEST(Detectors, CompareEachIncidentWithItsOwnBaseline) {
  Day day;
  day.LogUsual(0, 60);
  day.Log({.service = kAuth, .from = 20, .until = 60, .a_minute = 15, .level = Level::kError});
  day.Log({.service = kAuth, .from = 40, .until = 50, .level = Level::kError});
  const auto found = day.Detect({{.start = Minute(40), .end = Minute(50)}, TheIncident(kAuth)}, 60,
                                {.baseline_max = 10});
  const auto error_rate = static_cast<std::size_t>(Detector::kErrorRate);
  EXPECT_DOUBLE_EQ(found[0].verdicts[error_rate].blamed->usual, 0.2);
  EXPECT_DOUBLE_EQ(found[1].verdicts[error_rate].blamed->usual, 0);
}

TEST(Detectors, JudgeAnIncidentThatTheTraceDoesNotSeeTheEndOf) {
  Day day;
  day.LogUsual(0, 25);
  day.Log({.service = kAuth, .from = 20, .until = 25, .level = Level::kError});
  const Detection found = day.Detect({TheIncident(kAuth)}, 25)[0];
  EXPECT_EQ(found.buckets, 5u);
  EXPECT_TRUE(found.verdicts[static_cast<std::size_t>(Detector::kErrorRate)].is_right());
}

TEST(Detectors, TakeBucketsOfAnyLength) {
  Day day;
  day.Log({.service = kAuth, .until = 3, .a_minute = 2'400});
  day.Log({.service = kAuth, .from = 2, .until = 3, .a_minute = 2'400, .level = Level::kError});
  const Detection found = day.Detect({{.start = Minute(2), .end = Minute(3), .root = kAuth}}, 3,
                                     {.bucket = sim::Seconds(10)})[0];
  EXPECT_EQ(found.baseline_buckets, 12u);
  EXPECT_EQ(found.buckets, 6u);
  const Suspect& blamed = *found.verdicts[static_cast<std::size_t>(Detector::kErrorRate)].blamed;
  EXPECT_EQ(blamed.first_bucket, Minute(2));
  EXPECT_DOUBLE_EQ(blamed.seen, 0.5);
}

TEST(Detectors, PassOverALongGapAtOnce) {
  // 190 years, and what follows counts as it does without the gap.
  const std::int64_t far = 100'000'000;
  const auto detect = [](std::int64_t shift) {
    Day day;
    day.LogUsual(0, 5)
        .LogUsual(shift, shift + 40)
        .Log({.service = kAuth, .from = shift + 20, .until = shift + 30, .level = Level::kError});
    return day.Detect({{.start = Minute(shift + 20), .end = Minute(shift + 30), .root = kAuth},
                       {.start = Minute(shift + 35), .end = Minute(shift + 36), .root = kAuth}},
                      shift + 40);
  };
  const std::vector<Detection> near = detect(200);
  const std::vector<Detection> distant = detect(far);
  ASSERT_EQ(distant.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(distant[i].baseline_buckets, near[i].baseline_buckets);
    EXPECT_EQ(distant[i].buckets, near[i].buckets);
    EXPECT_EQ(distant[i].right(), near[i].right());
  }
  EXPECT_EQ(distant[0].baseline_buckets, 60U);
  EXPECT_GE(distant[0].right(), 1U);
}

TEST(Detectors, TakeAnyTimeAndDuration) {
  Detectors detectors(kServices, {TheIncident(kAuth)});
  traces::Record record;
  record.service = kAuth;
  record.call_path = traces::CallPathId{0};
  record.duration = sim::Duration::Max();
  const std::vector<traces::Record> first(3, record);
  record.time = sim::VirtualTime(sim::Duration::Max());
  detectors.Add(first);
  detectors.Add(std::vector<traces::Record>(3, record));
  EXPECT_EQ(detectors.Finish(record.time)[0].right(), 0U);
}

TEST(Detection, IsEasyWithAMajority) {
  Detection detection = {.baseline_buckets = 10, .buckets = 1, .has_baseline = true};
  std::vector<std::optional<Difficulty>> found = {detection.difficulty()};
  for (Verdict& verdict : detection.verdicts) {
    verdict.rank_of_root = 1;
    found.push_back(detection.difficulty());
  }
  using enum Difficulty;
  EXPECT_THAT(found, testing::ElementsAre(kHard, kMedium, kMedium, kEasy, kEasy));
  detection.verdicts[0].rank_of_root = 2;
  EXPECT_EQ(detection.right(), 3u);
}

TEST(SuspicionInWords, SaysFromWhatToWhat) {
  traces::Catalogue catalogue;
  catalogue.templates = {{.text = "Breaker of {} opened", .slots = {}}};
  const auto words = [&catalogue](Detector detector, double usual, double seen, double score) {
    return SuspicionInWords(detector, {.score = score, .usual = usual, .seen = seen}, catalogue);
  };
  EXPECT_EQ(words(Detector::kErrorRate, 0.00123, 0.432, 0.43), "0.1 % -> 43 %");
  EXPECT_EQ(words(Detector::kLatency, 9.94, 204.4, 31), "9.9 ms -> 204 ms (31 sigma)");
  EXPECT_EQ(words(Detector::kNewMessage, 0, 0.38, 0.38), "38 % of records: Breaker of {} opened");
  EXPECT_EQ(words(Detector::kRecordCount, 61.5, 3, 5.94), "62 -> 3 records (5.9 sigma)");
}

}  // namespace
}  // namespace groundhog::analysis
