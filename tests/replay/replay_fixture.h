// Everything a replay needs: a trace in a file, a fake clock, and a sink that records its calls.
#ifndef GROUNDHOG_TESTS_REPLAY_REPLAY_FIXTURE_H_
#define GROUNDHOG_TESTS_REPLAY_REPLAY_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "replay/player.h"
#include "replay/playlist.h"
#include "replay/stop_signal.h"
#include "tests/replay/fake_clock.h"
#include "tests/replay/recording_sink.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::replay {

inline constexpr std::int64_t kSecond = 1'000'000'000;

inline traces::SampleTrace TraceOf(std::vector<traces::Record> records) {
  traces::SampleTrace trace{.info = traces::SampleInfo(), .catalogue = traces::SampleCatalogue()};
  trace.records = std::move(records);
  return trace;
}

// A replay of a trace in a file.
class Replay {
 public:
  explicit Replay(const traces::SampleTrace& trace, traces::WriterOptions writer_options = {})
      : trace_(trace), summary_(traces::WriteTrace(trace, file_.path(), writer_options)) {}

  Outcome Play(const PlayerOptions& options, const PlaylistOptions& playlist_options = {}) {
    auto reader = traces::Reader::Open(file_.path());
    EXPECT_TRUE(reader.ok()) << reader.status();
    auto playlist = Playlist::Make(**reader, playlist_options);
    EXPECT_TRUE(playlist.ok()) << playlist.status();
    Player player(**reader, **playlist, sink, clock, stop, options);
    return player.Play();
  }

  const traces::Summary& summary() const { return summary_; }
  const std::string& path() const { return file_.path(); }

  // The lines with timestamps as recorded.
  std::vector<std::string> Lines() const {
    traces::JsonRenderer renderer(trace_.info, trace_.catalogue);
    std::vector<std::string> lines;
    for (const traces::Record& record : trace_.records) {
      lines.emplace_back(renderer.Render(record));
    }
    return lines;
  }

  FakeClock clock;
  RecordingSink sink{clock};
  StopSignal stop;

 private:
  traces::TestFile file_{"player.ghog"};
  traces::SampleTrace trace_;
  traces::Summary summary_;
};

inline PlayerOptions At(const char* speed) { return {.pace = *ParseSpeed(speed)}; }

inline std::chrono::nanoseconds SinceStart(const Taken& taken) {
  return taken.at - FakeClock::kStart;
}

inline std::vector<std::string> LinesOf(const std::vector<Taken>& all) {
  std::vector<std::string> lines;
  for (const Taken& taken : all) lines.push_back(taken.line);
  return lines;
}

}  // namespace groundhog::replay

#endif  // GROUNDHOG_TESTS_REPLAY_REPLAY_FIXTURE_H_
