#include "analysis/alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using traces::Record;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kKey = 42;

// A source of chunks of `size` records.
KeyedChunkSource ChunksOf(const std::vector<Record>& all, std::size_t size = 7,
                          std::uint64_t key = kKey) {
  return [&all, size, key, at = std::size_t{0}](std::vector<Record>* records,
                                                std::uint64_t* trace_key) mutable {
    const std::size_t end = std::min(at + size, all.size());
    records->assign(all.begin() + static_cast<std::ptrdiff_t>(at),
                    all.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
    *trace_key = key;
    return !records->empty();
  };
}

std::string Text(const Record* record) {
  if (record == nullptr) return "-";
  return absl::StrCat(
      record->time.nanoseconds(), " host ", sim::Index(record->host), " service ",
      traces::Index(record->service), " request ", record->request.ordinal, " span ",
      traces::Index(record->span), "/", traces::Index(record->parent_span), " attempt ",
      record->attempt, " level ", static_cast<int>(record->level), " code ",
      traces::Index(record->error_code), " message ", traces::Index(record->message), " duration ",
      record->duration.nanoseconds(), " dependency ", traces::Index(record->dependency));
}

std::string Text(const AlignedRecord& aligned) {
  std::string text = absl::StrCat(Text(aligned.a.record), " | ", Text(aligned.b.record), " |");
  for (const auto& field : kFieldNames.rows()) {
    if (aligned.differences.Has(field.value)) absl::StrAppend(&text, " ", std::string(field.name));
  }
  return text;
}

std::vector<std::string> Alignment(const std::vector<Record>& a, const std::vector<Record>& b,
                                   const AlignmentOptions& options = {}, std::size_t chunk = 7) {
  const JointCatalogue joint =
      JointCatalogue::Make(traces::SampleCatalogue(), traces::SampleCatalogue()).value();
  std::vector<std::string> texts;
  Align(joint, ChunksOf(a, chunk), ChunksOf(b, chunk + 1), options,
        [&](const AlignedRecord& aligned) { texts.push_back(Text(aligned)); });
  return texts;
}

// A record of a request, by default INFO.
Record OfRequest(std::int64_t time_ns, std::uint64_t ordinal) {
  Record record = traces::SampleRecord(time_ns);
  record.level = traces::Level::kInfo;
  record.error_code = traces::ErrorCodeId::kNone;
  record.request = {.source = sim::EntityId{2}, .ordinal = ordinal};
  record.span = traces::SpanId{7};
  record.parent_span = traces::SpanId{3};
  record.call_path = traces::CallPathId{0};
  record.attempt = 1;
  return record;
}

Record OfHost(std::int64_t time_ns, std::uint32_t host) {
  Record record = traces::SampleRecord(time_ns);
  record.host = sim::EntityId{host};
  record.request = {.source = record.host, .ordinal = 0};
  record.span = record.parent_span = traces::SpanId::kNone;
  record.call_path = traces::CallPathId::kNone;
  record.attempt = 0;
  return record;
}

Record Failed(Record record) {
  record.level = traces::Level::kError;
  record.error_code = traces::ErrorCodeId{0};
  record.message = traces::TemplateId{1};
  return record;
}

// The same in plain steps over whole traces, with neither window nor limit.
class NaiveAlignment {
 public:
  NaiveAlignment(const std::vector<Record>& a, const std::vector<Record>& b)
      : a_(a), b_(b), taken_a_(a.size()), taken_b_(b.size()) {
    Match([](const Record& one, const Record& other) {
      return one.time == other.time && Differences(one, other).is_empty();
    });
    Match([](const Record& one, const Record& other) {
      return one.message == other.message && one.level == other.level &&
             one.error_code == other.error_code && one.dependency == other.dependency;
    });
    MatchLast();
    Match([](const Record& one, const Record& other) {
      return one.level == other.level && one.error_code == other.error_code;
    });
    Match([](const Record&, const Record&) { return true; });
    for (std::size_t i = 0; i < a_.size(); ++i) {
      if (!taken_a_[i]) texts_.push_back(Text({.a = {.record = &a_[i]}, .b = {}}));
    }
    for (std::size_t j = 0; j < b_.size(); ++j) {
      if (!taken_b_[j]) texts_.push_back(Text({.a = {}, .b = {.record = &b_[j]}}));
    }
  }

  const std::vector<std::string>& texts() const { return texts_; }

 private:
  static bool AreAtOnePlace(const Record& one, const Record& other) {
    if (one.call_path == traces::CallPathId::kNone) {
      return other.call_path == traces::CallPathId::kNone && one.host == other.host &&
             one.time == other.time;
    }
    return one.request == other.request && one.call_path == other.call_path &&
           one.span == other.span && one.parent_span == other.parent_span &&
           one.attempt == other.attempt && one.service == other.service;
  }

  void Pair(std::size_t i, std::size_t j) {
    taken_a_[i] = taken_b_[j] = true;
    texts_.push_back(Text({.a = {.record = &a_[i]},
                           .b = {.record = &b_[j]},
                           .differences = Differences(a_[i], b_[j])}));
  }

  template <class Alike>
  void Match(const Alike& are_alike) {
    for (std::size_t i = 0; i < a_.size(); ++i) {
      for (std::size_t j = 0; j < b_.size() && !taken_a_[i]; ++j) {
        if (taken_b_[j] || !AreAtOnePlace(a_[i], b_[j]) || !are_alike(a_[i], b_[j])) continue;
        Pair(i, j);
      }
    }
  }

  // Of those without a partner, the last ones of each place.
  void MatchLast() {
    const std::vector<bool> taken_a = taken_a_;
    const std::vector<bool> taken_b = taken_b_;
    const auto is_last = [](const std::vector<Record>& all, const std::vector<bool>& taken,
                            std::size_t i) {
      for (std::size_t k = i + 1; k < all.size(); ++k) {
        if (!taken[k] && AreAtOnePlace(all[i], all[k])) return false;
      }
      return !taken[i];
    };
    for (std::size_t i = 0; i < a_.size(); ++i) {
      if (!is_last(a_, taken_a, i)) continue;
      for (std::size_t j = 0; j < b_.size(); ++j) {
        if (is_last(b_, taken_b, j) && AreAtOnePlace(a_[i], b_[j])) Pair(i, j);
      }
    }
  }

  const std::vector<Record>& a_;
  const std::vector<Record>& b_;
  std::vector<bool> taken_a_;
  std::vector<bool> taken_b_;
  std::vector<std::string> texts_;
};

void Sort(std::vector<Record>& records) {
  std::stable_sort(records.begin(), records.end(), [](const Record& one, const Record& other) {
    return one.time != other.time ? one.time < other.time : one.host < other.host;
  });
}

// Few places, hosts and instants, so that much is at the same one.
Record RandomRecord(traces::TestRandom& random, std::int64_t time_ns) {
  if (random.OneIn(4)) {
    Record record = OfHost(time_ns, static_cast<std::uint32_t>(random.Below(3)));
    record.duration = sim::Duration(static_cast<std::int64_t>(random.Below(3)));
    return random.OneIn(4) ? Failed(record) : record;
  }
  Record record = OfRequest(time_ns, random.Below(30));
  record.host = sim::EntityId{static_cast<std::uint32_t>(random.Below(3))};
  record.span = traces::SpanId{static_cast<std::uint32_t>(1 + random.Below(2))};
  record.message = traces::TemplateId{static_cast<std::uint16_t>(random.Below(3))};
  record.duration = sim::Duration(static_cast<std::int64_t>(random.Below(3)));
  if (random.OneIn(3)) record.level = traces::Level::kWarn;
  return random.OneIn(5) ? Failed(record) : record;
}

std::vector<Record> RandomDay(traces::TestRandom& random, std::size_t count) {
  std::vector<Record> day;
  std::int64_t time = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!random.OneIn(3)) time += static_cast<std::int64_t>(random.Below(1'000));
    day.push_back(RandomRecord(random, time));
  }
  Sort(day);
  return day;
}

// The day with records left out, put in, changed, and moved in time.
std::vector<Record> Changed(traces::TestRandom& random, const std::vector<Record>& day) {
  const std::uint64_t one_in = 2 + random.Below(20);
  std::vector<Record> changed;
  for (Record record : day) {
    if (random.OneIn(one_in)) continue;
    if (random.OneIn(one_in)) changed.push_back(RandomRecord(random, record.time.nanoseconds()));
    if (random.OneIn(one_in)) {
      record.time = record.time + sim::Duration(static_cast<std::int64_t>(random.Below(20'000)));
    }
    if (random.OneIn(one_in)) record = Failed(record);
    if (random.OneIn(one_in)) record.duration += sim::Nanoseconds(1);
    changed.push_back(record);
  }
  Sort(changed);
  return changed;
}

TEST(Align, IsThatOfANaiveAligner) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    traces::TestRandom random(seed);
    const std::vector<Record> a = RandomDay(random, random.Below(300));
    const std::vector<Record> b = Changed(random, a);
    const NaiveAlignment naive(a, b);
    std::vector<std::string> expected = naive.texts();
    std::sort(expected.begin(), expected.end());
    std::vector<std::string> aligned = Alignment(a, b, {}, 1 + random.Below(40));
    std::sort(aligned.begin(), aligned.end());
    ASSERT_THAT(aligned, ElementsAreArray(expected)) << "seed " << seed;
  }
}

TEST(Align, MatchesWhatComesLaterInOneTrace) {
  const Record early = OfRequest(0, 1);
  const Record other = OfRequest(30 * kSecond, 2);
  const Record late = OfRequest(60 * kSecond, 1);
  EXPECT_THAT(Alignment({early, other}, {other, late}),
              UnorderedElementsAre(Text({.a = {.record = &other}, .b = {.record = &other}}),
                                   absl::StrCat(Text(&early), " | ", Text(&late), " | time")));
}

TEST(Align, GivesUpOnAPartnerBeyondTheWindow) {
  const Record early = OfRequest(0, 1);
  const Record late = OfRequest(60 * kSecond, 1);
  EXPECT_EQ(Alignment({early}, {late}, {.window = sim::Seconds(60)}).size(), 1u);
  // Something else lets the window pass the early record before the late one comes.
  const Record between = OfRequest(50 * kSecond, 2);
  EXPECT_THAT(
      Alignment({early, between}, {late}, {.window = sim::Seconds(40)}),
      UnorderedElementsAre(Text({.a = {.record = &early}}), Text({.a = {.record = &between}}),
                           Text({.b = {.record = &late}})));
}

TEST(Align, PrefersTheRecordOfTheSameKind) {
  Record retried = OfRequest(1, 1);
  retried.level = traces::Level::kWarn;
  retried.message = traces::TemplateId{2};
  const Record served = OfRequest(5, 1);
  const Record served_sooner = OfRequest(3, 1);
  EXPECT_THAT(
      Alignment({retried, served}, {served_sooner}),
      UnorderedElementsAre(Text({.a = {.record = &retried}}),
                           absl::StrCat(Text(&served), " | ", Text(&served_sooner), " | time")));
}

TEST(Align, PairsAFailureWithTheSuccessInItsPlace) {
  const Record served = OfRequest(3, 1);
  const Record failed = Failed(OfRequest(9, 1));
  EXPECT_THAT(Alignment({failed}, {served}),
              ElementsAre(absl::StrCat(Text(&failed), " | ", Text(&served),
                                       " | time level error_code message")));
}

TEST(Align, PairsTheEndsOfASpanWhateverItsAttemptsLog) {
  Record retried = OfRequest(1, 1);
  retried.level = traces::Level::kWarn;
  retried.message = traces::TemplateId{2};
  const Record failed = Failed(OfRequest(9, 1));
  Record slow = OfRequest(3, 1);
  slow.level = traces::Level::kWarn;
  EXPECT_THAT(Alignment({retried, failed}, {slow}),
              UnorderedElementsAre(Text({.a = {.record = &retried}}),
                                   absl::StrCat(Text(&failed), " | ", Text(&slow),
                                                " | time level error_code message")));
}

TEST(Align, ComparesHostsAtTheSameTimeOnly) {
  const Record beat = OfHost(kSecond, 0);
  Record slower = beat;
  slower.duration += sim::Milliseconds(1);
  slower.request.ordinal = 9;  // one record more of this host came before
  const Record later = OfHost(2 * kSecond, 0);
  EXPECT_THAT(Alignment({beat}, {slower}),
              ElementsAre(absl::StrCat(Text(&beat), " | ", Text(&slower), " | duration")));
  EXPECT_THAT(Alignment({beat}, {later}), UnorderedElementsAre(Text({.a = {.record = &beat}}),
                                                               Text({.b = {.record = &later}})));
}

TEST(Align, TellsRequestsOfDifferentTraceKeysApart) {
  const std::vector<Record> day = {OfRequest(1, 1), OfHost(2, 0)};
  const JointCatalogue joint =
      JointCatalogue::Make(traces::SampleCatalogue(), traces::SampleCatalogue()).value();
  std::vector<std::string> texts;
  Align(joint, ChunksOf(day, 7, 1), ChunksOf(day, 7, 2), {},
        [&](const AlignedRecord& aligned) { texts.push_back(Text(aligned)); });
  EXPECT_THAT(texts, UnorderedElementsAre(
                         Text({.a = {.record = &day[0]}}), Text({.b = {.record = &day[0]}}),
                         Text({.a = {.record = &day[1]}, .b = {.record = &day[1]}})));
}

TEST(Align, GivesEachRecordOnceWithinAnyLimit) {
  for (const std::size_t unmatched_max : {1, 2, 10}) {
    traces::TestRandom random(unmatched_max);
    const std::vector<Record> a = RandomDay(random, 500);
    const std::vector<Record> b = Changed(random, a);
    const JointCatalogue joint =
        JointCatalogue::Make(traces::SampleCatalogue(), traces::SampleCatalogue()).value();
    std::vector<std::string> given_a;
    std::vector<std::string> given_b;
    Align(joint, ChunksOf(a), ChunksOf(b), {.unmatched_max = unmatched_max},
          [&](const AlignedRecord& aligned) {
            if (aligned.a.record != nullptr) given_a.push_back(Text(aligned.a.record));
            if (aligned.b.record != nullptr) given_b.push_back(Text(aligned.b.record));
          });
    const auto texts = [](const std::vector<Record>& records) {
      std::vector<std::string> all;
      for (const Record& record : records) all.push_back(Text(&record));
      return all;
    };
    EXPECT_THAT(given_a, testing::UnorderedElementsAreArray(texts(a)));
    EXPECT_THAT(given_b, testing::UnorderedElementsAreArray(texts(b)));
  }
}

TEST(Align, SettlesAPlaceWithVeryManyRecords) {
  std::vector<Record> a;
  for (std::int64_t i = 0; i < 1'000; ++i) a.push_back(OfRequest(i, 1));
  const std::vector<Record> b = {Failed(OfRequest(500, 1))};
  EXPECT_EQ(Alignment(a, b).size(), 1'000u) << "one of A's is B's";
  std::vector<Record> beats(200, OfHost(1, 0));
  std::vector<Record> failures(150, Failed(OfHost(1, 0)));
  EXPECT_EQ(Alignment(beats, failures).size(), 200u);
}

TEST(Align, PairsAllOfVeryManyEqualRecordsOfAnInstant) {
  const std::vector<Record> b(20'000, OfHost(1, 0));
  std::vector<Record> a = b;
  a[0] = Failed(a[0]);
  const std::string equal = Text({.a = {.record = &b[0]}, .b = {.record = &b[0]}});
  const std::vector<std::string> aligned = Alignment(a, b);
  EXPECT_EQ(aligned.size(), b.size());
  EXPECT_EQ(std::ranges::count(aligned, equal), std::ssize(b) - 1);
}

TEST(Align, OfNothingIsNothing) {
  EXPECT_THAT(Alignment({}, {}), IsEmpty());
  const Record record = OfRequest(1, 1);
  EXPECT_THAT(Alignment({record}, {}), ElementsAre(Text({.a = {.record = &record}})));
  EXPECT_THAT(Alignment({}, {record}), ElementsAre(Text({.b = {.record = &record}})));
}

TEST(Differences, NameEveryFieldThatDiffers) {
  const Record record = OfRequest(1, 1);
  EXPECT_TRUE(Differences(record, record).is_empty());
  const auto differs_in = [&](Field field, auto change) {
    Record other = record;
    change(other);
    FieldSet expected;
    expected.Add(field);
    EXPECT_EQ(Differences(record, other), expected) << kFieldNames.NameOf(field);
  };
  differs_in(Field::kTime, [](Record& r) { r.time = sim::VirtualTime(9); });
  differs_in(Field::kHost, [](Record& r) { r.host = sim::EntityId{2}; });
  differs_in(Field::kLevel, [](Record& r) { r.level = traces::Level::kWarn; });
  differs_in(Field::kDuration, [](Record& r) { r.duration += sim::Nanoseconds(1); });
  differs_in(Field::kQueueWait, [](Record& r) { r.queue_wait += sim::Nanoseconds(1); });
  differs_in(Field::kClockSkew, [](Record& r) { r.clock_skew += sim::Nanoseconds(1); });
  differs_in(Field::kDependency, [](Record& r) { r.dependency = traces::ServiceId{2}; });
  differs_in(Field::kErrorCode, [](Record& r) { r.error_code = traces::ErrorCodeId{0}; });
  differs_in(Field::kMessage, [](Record& r) { r.message = traces::TemplateId{6}; });
  differs_in(Field::kMessage, [](Record& r) { r.slots[0] += 1; });
  differs_in(Field::kTruth, [](Record& r) { r.truth.hops += 1; });
}

}  // namespace
}  // namespace groundhog::analysis
