#include "replay/request_sample.h"

#include <gtest/gtest.h>

#include <string>

namespace groundhog::replay {
namespace {

TEST(RequestSample, ARequestInCommonIsEnough) {
  RequestSample sample;
  for (const char* id : {"a", "b"}) sample.Expect(id);
  for (const char* id : {"x", "", "b"}) sample.Arrive(id);
  EXPECT_FALSE(sample.is_foreign());
}

TEST(RequestSample, NoneInCommonIsForeign) {
  RequestSample sample;
  for (const char* id : {"a", "b"}) sample.Expect(id);
  for (const char* id : {"x", ""}) sample.Arrive(id);
  EXPECT_TRUE(sample.is_foreign());
}

TEST(RequestSample, WhatHasNoIdsIsForeign) {
  RequestSample sample;
  sample.Expect("a");
  sample.Arrive("");
  EXPECT_TRUE(sample.is_foreign());
}

TEST(RequestSample, OfNothingNothingIsSaid) {
  RequestSample sample;
  EXPECT_FALSE(sample.is_foreign());
  sample.Expect("a");
  EXPECT_FALSE(sample.is_foreign());
  RequestSample other;
  other.Arrive("a");
  EXPECT_FALSE(other.is_foreign());
}

TEST(RequestSample, LooksFarIntoWhatIsExpected) {
  RequestSample sample;
  for (int i = 0; i < 60'000; ++i) sample.Expect(std::to_string(i));
  sample.Arrive("59999");
  EXPECT_FALSE(sample.is_foreign());
}

}  // namespace
}  // namespace groundhog::replay
