#include "model/scenario/message_slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

using testing::HasSubstr;

std::string ErrorOf(std::string_view text) {
  const auto parsed = ParseMessage(text);
  return parsed.ok() ? "(none)" : std::string(parsed.status().message());
}

TEST(MessageSlots, TemplateKeepsItsSlotsInOrder) {
  const auto parsed = ParseMessage("{{User {user}}} waited {duration_ms} ms");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->message.text, "{{User {}}} waited {} ms");
  EXPECT_EQ(parsed->message.slots, (std::vector{traces::RequestField(0, traces::SlotKind::kInteger),
                                                traces::SlotKind::kDuration}));
  EXPECT_EQ(parsed->fills, (std::vector{MessageSlot::kUser, MessageSlot::kDurationMs}));
}

TEST(MessageSlots, TableIsInTheOrderOfTheEnumeration) {
  for (std::size_t i = 0; i < MessageSlots().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(MessageSlots()[i].slot), i);
  }
}

TEST(MessageSlots, EverySlotCanBeUsed) {
  for (const MessageSlotEntry& entry : MessageSlots()) {
    const auto parsed = ParseMessage(Concat({"{", entry.name, "}"}));
    ASSERT_TRUE(parsed.ok()) << entry.name;
    EXPECT_EQ(parsed->fills.at(0), entry.slot);
  }
}

TEST(MessageSlots, MistakesAreToldWithTheirFix) {
  EXPECT_EQ(ErrorOf("{durration_ms}"),
            "unknown slot '{durration_ms}'; did you mean 'duration_ms'?");
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("unknown slot '{}'"));
  EXPECT_THAT(ErrorOf("a { b"), HasSubstr("'{' without its '}'"));
  EXPECT_THAT(ErrorOf("a } b"), HasSubstr("'}' without its '{'"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("must not be empty"));
  EXPECT_THAT(ErrorOf("two\nlines"), HasSubstr("one line"));
  EXPECT_THAT(ErrorOf("\xC3"), HasSubstr("UTF-8"));
  EXPECT_THAT(ErrorOf(std::string(1001, 'x')), HasSubstr("1000 bytes"));
}

TEST(MessageSlots, SixStoredSlotsAreTheMost) {
  EXPECT_TRUE(ParseMessage("{user}{order}{items}{amount}{sku}{slots}{host}{request}").ok());
  EXPECT_THAT(ErrorOf("{user}{items}{amount}{sku}{slots}{in_flight}{queue_depth}"),
              HasSubstr("six slots"));
}

}  // namespace
}  // namespace groundhog::model
