// The commands of a replay, as text.
#include "replay/command.h"

#include <gtest/gtest.h>

namespace groundhog::replay {
namespace {

TEST(Command, EachWordIsItsCommand) {
  EXPECT_EQ(ParseCommand("pause")->kind, CommandKind::kPause);
  EXPECT_EQ(ParseCommand("resume")->kind, CommandKind::kResume);
  EXPECT_EQ(ParseCommand("faster")->kind, CommandKind::kFaster);
  EXPECT_EQ(ParseCommand("slower")->kind, CommandKind::kSlower);
  EXPECT_EQ(ParseCommand("next")->kind, CommandKind::kNextIncident);
  EXPECT_EQ(ParseCommand("previous")->kind, CommandKind::kPreviousIncident);
  EXPECT_EQ(ParseCommand("status")->kind, CommandKind::kStatus);
  EXPECT_EQ(ParseCommand(" quit\r")->kind, CommandKind::kQuit);
}

TEST(Command, ValuesAreTaken) {
  EXPECT_EQ(ParseCommand("step")->count, 1u);
  EXPECT_EQ(ParseCommand("step  12 ")->count, 12u);
  EXPECT_EQ(ParseCommand("speed 7/3x")->pace, *ParseSpeed("7/3x"));
  EXPECT_EQ(ParseCommand("goto 14h30m")->time, "14h30m");
}

TEST(Command, NonsenseIsRefusedAndToldWhatThereIs) {
  for (const char* line :
       {"", "   ", "stop", "PAUSE", "pause now", "step 0", "step -1", "step 1.5", "step 1000001",
        "step 99999999999999999999", "speed", "speed fast", "speed 0x", "goto", "status?"}) {
    const absl::StatusOr<Command> command = ParseCommand(line);
    EXPECT_EQ(command.status().code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_FALSE(command.status().message().empty());
    EXPECT_EQ(command.status().message().find('\n'), absl::string_view::npos);
  }
}

TEST(Command, WhatIsRefusedIsNamed) {
  EXPECT_EQ(ParseCommand("pause now").status().message(), "pause takes no value");
  EXPECT_EQ(ParseCommand("speed 60").status().message(),
            "'60': not a speed; write one like 1x, 60x, 0.5x, 7/3x or max");
  EXPECT_EQ(ParseCommand("speed").status().message(),
            "speed takes a factor, as in speed 60x, or max");
}

}  // namespace
}  // namespace groundhog::replay
