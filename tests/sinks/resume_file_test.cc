// The saved state of a replay that can be continued: the identity's text, and --resume's file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "sinks/null_sink.h"
#include "sinks/resume_file_sink.h"
#include "sinks/saved_position.h"
#include "sinks/sink_options.h"
#include "tests/sinks/message_source.h"

namespace groundhog::sinks {
namespace {

using ::testing::HasSubstr;

ReplayIdentity Identity(const std::string& level = "ERROR") {
  ReplayIdentity identity;
  identity.Add("the trace's digest", "0123456789abcdef");
  identity.Add("--level", level);
  return identity;
}

TEST(ReplayIdentity, ComesBackFromItsText) {
  SavedPosition saved = {.position = 17, .anchor_unix_nanoseconds = -5, .identity = Identity()};
  saved.identity.Add("--route", "a=b;c=d%20:\n\x80\xff \"x\"");
  const absl::StatusOr<SavedPosition> decoded = DecodeIdentity(EncodeIdentity(saved), 17);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, saved);
}

TEST(ReplayIdentity, TellsWhichFieldDiffersAndHow) {
  EXPECT_TRUE(Identity().CheckContinues(Identity()).ok());
  EXPECT_THAT(std::string(Identity("WARN").CheckContinues(Identity()).message()),
              HasSubstr("--level was 'ERROR' when it began, and is 'WARN'"));
  EXPECT_THAT(std::string(Identity("").CheckContinues(Identity()).message()),
              HasSubstr("and is none"));
  EXPECT_FALSE(ReplayIdentity().CheckContinues(Identity()).ok());
}

TEST(ReplayIdentity, LongValuesAreCutButStillCompared) {
  const std::string stem(100'000, 'a');
  const SavedPosition saved = {.identity = Identity(stem + "1")};
  const std::string text = EncodeIdentity(saved);
  EXPECT_LT(text.size(), 1'000U);
  const absl::StatusOr<SavedPosition> decoded = DecodeIdentity(text, 0);
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(Identity(stem + "1").CheckContinues(decoded->identity).ok());
  EXPECT_FALSE(Identity(stem + "2").CheckContinues(decoded->identity).ok());
}

TEST(ReplayIdentity, RefusesWhatIsNotItsText) {
  for (const char* text : {"", "offset 5", "groundhog-position-1;nonsense",
                           "groundhog-position-1;a=%4", "groundhog-position-1;anchor=x"}) {
    EXPECT_FALSE(DecodeIdentity(text, 0).ok()) << text;
  }
}

class ResumeFile : public ::testing::Test {
 protected:
  ResumeFile()
      : folder_(std::filesystem::temp_directory_path() /
                ("groundhog-resume-" + std::to_string(::getpid()))) {
    std::filesystem::create_directory(folder_);
    options_ = {
        .resume_file = folder_ / "position", .commit = {.records = 10}, .identity = Identity()};
  }
  ~ResumeFile() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Sink> Opened() {
    auto sink = std::make_unique<ResumeFileSink>(std::make_unique<NullSink>(), options_);
    opened_ = sink->Open();
    return sink;
  }
  std::uint64_t Noted() {
    const auto saved = ReadResumeFile(options_.resume_file);
    EXPECT_TRUE(saved.ok() && *saved) << saved.status();
    return (*saved)->position;
  }

  const MessageSource source_;
  const std::filesystem::path folder_;
  SinkOptions options_;
  absl::Status opened_;
};

TEST_F(ResumeFile, IsWrittenEverySoManyRecordsAndAtTheEnd) {
  const std::unique_ptr<Sink> sink = Opened();
  EXPECT_FALSE(sink->resumed());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 25).ok());
  EXPECT_EQ(Noted(), 20U);
  ASSERT_TRUE(sink->Checkpoint().ok());
  EXPECT_EQ(Noted(), 25U);
}

TEST_F(ResumeFile, TheNextRunGoesOnFromIt) {
  ASSERT_TRUE(source_.WriteMany(*Opened(), 0, 25).ok());
  const std::unique_ptr<Sink> sink = Opened();
  ASSERT_TRUE(sink->resumed());
  EXPECT_EQ(sink->resumed()->position, 20U);
}

TEST_F(ResumeFile, OfAnotherReplayIsRefused) {
  ASSERT_TRUE(source_.WriteMany(*Opened(), 0, 25).ok());
  options_.identity = Identity("INFO");
  (void)Opened();
  EXPECT_TRUE(absl::IsFailedPrecondition(opened_)) << opened_;
  EXPECT_THAT(std::string(opened_.message()), HasSubstr("--level was 'ERROR'"));
  EXPECT_EQ(Noted(), 20U);
}

TEST_F(ResumeFile, IsBegunAnewByReset) {
  ASSERT_TRUE(source_.WriteMany(*Opened(), 0, 25).ok());
  options_.identity = Identity("INFO");
  options_.is_reset = true;
  EXPECT_FALSE(Opened()->resumed());
  EXPECT_EQ(Noted(), 0U);
}

TEST_F(ResumeFile, ThatIsNoneOfOursIsNotOverwritten) {
  std::ofstream(options_.resume_file) << "dear diary\n";
  (void)Opened();
  EXPECT_TRUE(absl::IsFailedPrecondition(opened_)) << opened_;
  std::string line;
  std::getline(std::ifstream(options_.resume_file) >> std::ws, line);
  EXPECT_EQ(line, "dear diary");
}

TEST_F(ResumeFile, ThatCannotBeWrittenIsToldBeforeAnythingIsOpened) {
  options_.resume_file = folder_ / "missing" / "position";
  class NeverOpened : public NullSink {
    absl::Status Open() override {
      ADD_FAILURE() << "opened";
      return absl::OkStatus();
    }
  };
  ResumeFileSink sink(std::make_unique<NeverOpened>(), options_);
  const absl::Status opened = sink.Open();
  EXPECT_FALSE(opened.ok());
  EXPECT_THAT(std::string(opened.message()), HasSubstr("missing/position"));
}

}  // namespace
}  // namespace groundhog::sinks
