// A session, from a trace in a file to the lines in another one.
#include "replay/session.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "replay/stop_signal.h"
#include "sinks/jsonl_sink.h"
#include "sinks/resume_file_sink.h"
#include "tests/replay/fake_clock.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::replay {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    traces::SampleTrace trace{.info = traces::SampleInfo(), .catalogue = traces::SampleCatalogue()};
    trace.records = traces::SampleRecords(10, 0, kSecond);
    traces::WriteTrace(trace, trace_.path());
  }

  sinks::SinkOptions Resumable() const {
    sinks::SinkOptions options;
    options.resume_file = resume_.path();
    return options;
  }

  // Opens everything; the first error.
  absl::Status Open(Session& session, const sinks::SinkOptions& options,
                    TimestampMode timestamps = TimestampMode::kOriginal) const {
    if (absl::Status s = session.OpenTrace(trace_.path()); !s.ok()) return s;
    if (absl::Status s = session.MakePlaylist({}); !s.ok()) return s;
    const auto make = [this](const sinks::SinkOptions& sink_options, const traces::Catalogue&) {
      std::unique_ptr<sinks::Sink> sink =
          std::make_unique<sinks::JsonlSink>(sinks::JsonlSinkOptions{
              .path = lines_.path(), .stop_requested = sink_options.stop_requested});
      if (sink_options.is_saved()) {
        sink = std::make_unique<sinks::ResumeFileSink>(std::move(sink), sink_options);
      }
      return sink;
    };
    return session.OpenSink(make, options, timestamps, std::nullopt);
  }

  std::vector<std::string> Lines() const {
    return absl::StrSplit(traces::ReadFile(lines_.path()), '\n', absl::SkipEmpty());
  }

  FakeClock clock_;
  StopSignal stop_;
  traces::TestFile trace_{"session.ghog"};
  traces::TestFile lines_{"session.jsonl"};
  traces::TestFile resume_{"session.resume"};
};

TEST_F(SessionTest, PlaysATraceIntoASink) {
  Session session(clock_, stop_);
  ASSERT_TRUE(Open(session, {}).ok());
  EXPECT_EQ(session.resumed_at(), std::nullopt);
  const Outcome outcome = session.Play({.pace = *ParseSpeed("max")});
  EXPECT_TRUE(session.CloseSink().ok());
  EXPECT_EQ(outcome.ending, Ending::kFinished);
  EXPECT_EQ(outcome.report.records_sent, 10u);
  EXPECT_TRUE(outcome.report.complete);
  EXPECT_EQ(Lines().size(), 10u);
}

TEST_F(SessionTest, GoesOnWhereAnEarlierOneStopped) {
  {
    Session first(clock_, stop_);
    ASSERT_TRUE(Open(first, Resumable()).ok());
    PlayerOptions options{.pace = *ParseSpeed("1x")};
    options.progress_interval = std::chrono::seconds(1);
    options.on_progress = [this](const Progress& progress) {
      if (progress.records_sent == 4) stop_.Raise();
    };
    EXPECT_EQ(first.Play(options).ending, Ending::kInterrupted);
    EXPECT_TRUE(first.CloseSink().ok());
  }
  const std::vector<std::string> sent = Lines();
  ASSERT_EQ(sent.size(), 4u);
  StopSignal not_raised;
  Session second(clock_, not_raised);
  ASSERT_TRUE(Open(second, Resumable()).ok());
  EXPECT_EQ(second.resumed_at(), 4u);
  const Outcome outcome = second.Play({.pace = *ParseSpeed("1x")});
  EXPECT_TRUE(second.CloseSink().ok());
  EXPECT_EQ(outcome.report.resumed_at, 4u);
  EXPECT_EQ(outcome.report.records_sent, 6u);
  // Its first record is due at once.
  EXPECT_EQ(outcome.report.duration, std::chrono::seconds(5));
}

TEST_F(SessionTest, WhatIsResumedKeepsTheDateOfShiftedTimestamps) {
  std::vector<std::string> lines;
  for (int run = 0; run < 2; ++run) {
    clock_.Advance(std::chrono::hours(run));
    StopSignal stop;
    Session session(clock_, stop);
    ASSERT_TRUE(Open(session, Resumable(), TimestampMode::kShift).ok());
    PlayerOptions options{.pace = *ParseSpeed("1x"), .timestamps = TimestampMode::kShift};
    options.on_progress = [&](const Progress& progress) {
      if (run == 0 && progress.records_sent == 4) stop.Raise();
    };
    session.Play(options);
    EXPECT_TRUE(session.CloseSink().ok());
    for (const std::string& line : Lines()) lines.push_back(line);
  }
  StopSignal stop;
  FakeClock clock;
  Session whole(clock, stop);
  ASSERT_TRUE(Open(whole, {}, TimestampMode::kShift).ok());
  whole.Play({.pace = *ParseSpeed("1x"), .timestamps = TimestampMode::kShift});
  EXPECT_TRUE(whole.CloseSink().ok());
  EXPECT_EQ(lines, Lines());
}

TEST_F(SessionTest, ReportsWhichStepFails) {
  Session session(clock_, stop_);
  EXPECT_FALSE(session.OpenTrace(trace_.path() + ".missing").ok());
  ASSERT_TRUE(session.OpenTrace(trace_.path()).ok());
  ASSERT_TRUE(session.MakePlaylist({}).ok());
  const auto make = [](const sinks::SinkOptions&, const traces::Catalogue&) {
    return absl::StatusOr<std::unique_ptr<sinks::Sink>>(absl::InvalidArgumentError("no sink"));
  };
  EXPECT_EQ(session.OpenSink(make, {}, TimestampMode::kOriginal, std::nullopt).message(),
            "no sink");
}

}  // namespace
}  // namespace groundhog::replay
