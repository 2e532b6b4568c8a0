#include "text/enum_names.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace groundhog::text {
namespace {

enum class Colour : std::uint8_t { kRed, kGreen, kBlue };

constexpr EnumNames kColours(std::to_array<EnumName<Colour>>(
    {{Colour::kRed, "red"}, {Colour::kGreen, "green"}, {Colour::kBlue, "blue"}}));

struct Fruit {
  enum class Kind { kApple, kPear };
  Kind value{};
  std::string_view name;
  bool is_round = false;
};

constexpr EnumNames kFruits(std::to_array<Fruit>({
    {.value = Fruit::Kind::kApple, .name = "apple", .is_round = true},
    {.value = Fruit::Kind::kPear, .name = "pear"},
}));

template <class... Row>
constexpr bool AreDense(Row... values) {
  return IsDense(std::array<EnumName<Colour>, sizeof...(values)>{{{values, "name"}...}});
}

TEST(EnumNames, ValueHasItsName) {
  static_assert(kColours.NameOf(Colour::kGreen) == "green");
  EXPECT_EQ(kColours.NameOf(Colour::kBlue), "blue");
}

TEST(EnumNames, NameHasItsValue) {
  static_assert(kColours.ValueOf("green") == Colour::kGreen);
  EXPECT_EQ(kColours.ValueOf("blue"), Colour::kBlue);
}

TEST(EnumNames, UnknownNameHasNoValue) {
  for (const std::string_view name : {"", "Red", "re", "reds", "yellow"}) {
    EXPECT_EQ(kColours.ValueOf(name), std::nullopt) << name;
  }
}

TEST(EnumNames, RowsMayHaveMoreThanAName) {
  EXPECT_TRUE(kFruits[Fruit::Kind::kApple].is_round);
  EXPECT_FALSE(kFruits[Fruit::Kind::kPear].is_round);
}

TEST(EnumNames, SpacedNamesAreThoseWantedInOrder) {
  static constexpr auto kAll = kColours.SpacedNames();
  static constexpr auto kRound =
      kFruits.SpacedNames([](const Fruit& fruit) { return fruit.is_round; });
  static constexpr auto kNone = kFruits.SpacedNames([](const Fruit&) { return false; });
  EXPECT_EQ(kAll.view(), "red green blue");
  EXPECT_EQ(kRound.view(), "apple");
  EXPECT_EQ(kNone.view(), "");
}

// The mistakes for which a table does not compile.
TEST(EnumNames, OnlyAllEnumeratorsInOrderAreDense) {
  static_assert(AreDense(Colour::kRed, Colour::kGreen, Colour::kBlue));
  EXPECT_FALSE(AreDense(Colour::kRed, Colour::kGreen)) << "the last one is missing";
  EXPECT_FALSE(AreDense(Colour::kGreen, Colour::kBlue)) << "the first one is missing";
  EXPECT_FALSE(AreDense(Colour::kRed, Colour::kBlue)) << "one between is missing";
  EXPECT_FALSE(AreDense(Colour::kRed, Colour::kBlue, Colour::kGreen)) << "another order";
  EXPECT_FALSE(AreDense(Colour::kRed, Colour::kGreen, Colour::kGreen)) << "one twice";
}

TEST(EnumNames, OnlyNamedValuesAreEnumerators) {
  EXPECT_TRUE(IsEnumerator<Colour::kRed>());
  EXPECT_TRUE(IsEnumerator<Fruit::Kind::kPear>());
  EXPECT_FALSE(IsEnumerator<Colour{3}>());
  EXPECT_FALSE(IsEnumerator<Fruit::Kind{2}>());
}

}  // namespace
}  // namespace groundhog::text
