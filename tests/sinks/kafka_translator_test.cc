// Bytes of Kafka's protocol guide and of Kafka's own clients.
#include "sinks/kafka/kafka_translator.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace groundhog::sinks {
namespace {

using namespace std::string_literals;

const std::string kCorrelation = "\0\0\0\7"s;

// Of API `api` in version `version`, by a client named "me".
std::string Request(char api, char version, const std::string& rest = "") {
  return "\0"s + api + "\0"s + version + kCorrelation + "\0\2me"s + rest;
}

KafkaTranslator Translator() {
  return KafkaTranslator(std::map<std::int32_t, std::int32_t>{{9092, 41000}});
}

TEST(KafkaTranslator, LeavesAloneWhatBothSidesUnderstand) {
  KafkaTranslator translator = Translator();
  const std::string fetch = Request(kKafkaFetch, 6, "rest");
  EXPECT_EQ(translator.Request(fetch), fetch);
  EXPECT_EQ(translator.Answer(kCorrelation + "records"), kCorrelation + "records");
}

TEST(KafkaTranslator, AsksForPlainApiVersionsAndAnswersCompactOnes) {
  for (const char version : {'\3', '\4'}) {
    KafkaTranslator translator = Translator();
    EXPECT_EQ(translator.Request(Request(kKafkaApiVersions, version, "\0\3go\0020\0"s)),
              Request(kKafkaApiVersions, 0));
    EXPECT_EQ(translator.Answer(kCorrelation + "\0\0"
                                               "\0\0\0\2"
                                               "\0\1\0\0\0\6"
                                               "\0\x12\0\0\0\2"s),
              kCorrelation +
                  "\0\0"
                  "\3"
                  "\0\1\0\0\0\6\0"
                  "\0\x12\0\0\0\4\0"
                  "\0\0\0\0"
                  "\0"s);
  }
}

TEST(KafkaTranslator, AnswersApiVersionsFromTheFutureAsABrokerDoes) {
  KafkaTranslator translator = Translator();
  EXPECT_EQ(translator.Request(Request(kKafkaApiVersions, 9)), Request(kKafkaApiVersions, 0));
  // UNSUPPORTED_VERSION in version 0, and what may be asked.
  EXPECT_EQ(translator.Answer(kCorrelation + "\0\0"
                                             "\0\0\0\1"
                                             "\0\1\0\0\0\6"s),
            kCorrelation +
                "\0\x23"
                "\0\0\0\1"
                "\0\x12\0\0\0\4"s);
}

TEST(KafkaTranslator, SaysThatBrokersAreWhereTheGateIs) {
  const std::string broker =
      "\0\0\0\1"
      "\0\4host"s;
  const std::string port = "\0\0\x23\x84"s, door = "\0\0\xA0\x28"s;  // 9092, 41000
  const std::string other =
      "\0\0\0\2"
      "\0\4host"
      "\0\0\0\5"s;
  const std::string no_rack = "\xFF\xFF"s, throttle = "\0\0\0\0"s, two = "\0\0\0\2"s;
  for (const char version : {'\1', '\2', '\7'}) {
    KafkaTranslator translator = Translator();
    const std::string head = kCorrelation + (version >= 3 ? throttle : "") + two + broker;
    const std::string tail = no_rack + other + no_rack + "the rest";
    ASSERT_TRUE(translator.Request(Request(kKafkaMetadata, version)));
    EXPECT_EQ(translator.Answer(head + port + tail), head + door + tail);
  }
  KafkaTranslator translator = Translator();
  ASSERT_TRUE(translator.Request(Request(kKafkaMetadata, 0)));
  EXPECT_EQ(translator.Answer(kCorrelation + two + broker + port + other),
            kCorrelation + two + broker + door + other);
}

TEST(KafkaTranslator, SaysThatTheCoordinatorIsWhereTheGateIs) {
  KafkaTranslator translator = Translator();
  const std::string head = kCorrelation +
                           "\0\0\0\0"
                           "\0\0"
                           "\xFF\xFF"
                           "\0\0\0\1"
                           "\0\4host"s;
  ASSERT_TRUE(translator.Request(Request(kKafkaFindCoordinator, 2)));
  EXPECT_EQ(translator.Answer(head + "\0\0\x23\x84"s), head + "\0\0\xA0\x28"s);
  ASSERT_TRUE(translator.Request(Request(kKafkaFindCoordinator, 0)));
  const std::string none = kCorrelation +
                           "\0\x0F"
                           "\xFF\xFF\xFF\xFF"
                           "\xFF\xFF"
                           "\xFF\xFF\xFF\xFF"s;
  EXPECT_EQ(translator.Answer(none), none);
}

TEST(KafkaTranslator, RefusesWhatIsCutShortOrWasNotAsked) {
  EXPECT_EQ(Translator().Request(""), std::nullopt);
  EXPECT_EQ(Translator().Request("GET / HT"), std::nullopt);
  EXPECT_EQ(Translator().Answer(kCorrelation), std::nullopt);
  for (const char api : {kKafkaApiVersions, kKafkaMetadata, kKafkaFindCoordinator}) {
    KafkaTranslator translator = Translator();
    ASSERT_TRUE(translator.Request(Request(api, api == kKafkaApiVersions ? 4 : 1)));
    EXPECT_EQ(translator.Answer(kCorrelation + "\0\0\0"s), std::nullopt);
  }
}

}  // namespace
}  // namespace groundhog::sinks
