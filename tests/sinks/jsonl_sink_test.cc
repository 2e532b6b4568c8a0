#include "sinks/jsonl_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/sinks/message_source.h"

namespace groundhog::sinks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

class JsonlSinkTest : public ::testing::Test {
 protected:
  JsonlSinkTest() {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    std::string pattern = (std::filesystem::temp_directory_path() / "jsonl-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~JsonlSinkTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string Content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  std::string Lines(std::uint64_t first, std::uint64_t count) const {
    std::string lines;
    for (std::uint64_t i = first; i < first + count; ++i) lines += source_.Message(i).line + "\n";
    return lines;
  }
  JsonlSinkOptions Options(const std::string& path,
                           std::chrono::nanoseconds timeout = seconds(30)) {
    return {.path = path,
            .timeout = timeout,
            .notice = [this](std::string_view line) { notices_.emplace_back(line); },
            .stop_requested = [this] { return stop_.load(); }};
  }
  // A FIFO and its reading end, which does not read by itself.
  int OpenFifo(const std::string& path) {
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  // What can be read until nothing comes for 200 ms.
  static std::string ReadAll(int descriptor) {
    std::string text;
    std::array<char, 4096> some{};
    struct pollfd wanted = {.fd = descriptor, .events = POLLIN, .revents = 0};
    while (::poll(&wanted, 1, 200) > 0) {
      const ssize_t count = ::read(descriptor, some.data(), some.size());
      if (count <= 0) break;
      text.append(some.data(), static_cast<std::size_t>(count));
    }
    return text;
  }
  // More than a pipe and the sink's buffer hold together.
  static constexpr std::uint64_t kTooMany = 2'000;

  const MessageSource source_;
  std::filesystem::path folder_;
  std::vector<std::string> notices_;
  std::atomic<bool> stop_{false};
};

TEST_F(JsonlSinkTest, WritesALineARecord) {
  JsonlSink sink(Options(Path("out")));
  ASSERT_TRUE(sink.Open().ok());
  ASSERT_TRUE(source_.WriteMany(sink, 0, 5'000).ok());
  ASSERT_TRUE(sink.Flush().ok());
  ASSERT_TRUE(sink.Close().ok());
  EXPECT_EQ(Content(Path("out")), Lines(0, 5'000));
  const Counts counts = sink.counts();
  EXPECT_EQ(counts.messages_sent, 5'000U);
  EXPECT_EQ(counts.messages_acknowledged, 5'000U);
  EXPECT_EQ(counts.messages_failed, 0U);
  EXPECT_EQ(counts.copies_acknowledged, 0U);
  EXPECT_EQ(counts.bytes + 5'000, Lines(0, 5'000).size());
}

TEST_F(JsonlSinkTest, TakesItsNameOnlyInClose) {
  std::ofstream(Path("out")) << "old\n";
  JsonlSink sink(Options(Path("out")));
  ASSERT_TRUE(sink.Open().ok());
  ASSERT_TRUE(source_.Write(sink, 0).ok());
  ASSERT_TRUE(sink.Flush().ok());
  EXPECT_EQ(Content(Path("out")), "old\n");
  EXPECT_EQ(Content(Path("out.partial")), Lines(0, 1));
  ASSERT_TRUE(sink.Close().ok());
  ASSERT_TRUE(sink.Close().ok());
  EXPECT_EQ(Content(Path("out")), Lines(0, 1));
  EXPECT_FALSE(std::filesystem::exists(Path("out.partial")));
}

TEST_F(JsonlSinkTest, KeepsThePartialFileWhenItIsNotClosed) {
  {
    JsonlSink sink(Options(Path("out")));
    ASSERT_TRUE(sink.Open().ok());
    ASSERT_TRUE(source_.Write(sink, 0).ok());
    ASSERT_TRUE(sink.Flush().ok());
  }
  EXPECT_FALSE(std::filesystem::exists(Path("out")));
  EXPECT_EQ(Content(Path("out.partial")), Lines(0, 1));
}

TEST_F(JsonlSinkTest, CountsAsFailedWhatWasNotFlushed) {
  JsonlSink sink(Options(Path("out")));
  ASSERT_TRUE(sink.Open().ok());
  ASSERT_TRUE(source_.WriteMany(sink, 0, 7).ok());
  EXPECT_EQ(sink.counts().messages_acknowledged, 0U);
  (void)sink.Close();
  EXPECT_EQ(sink.counts().messages_failed, 7U);
  EXPECT_FALSE(std::filesystem::exists(Path("out")));
}

TEST_F(JsonlSinkTest, RefusesAPathThatCannotBeWritten) {
  for (const std::string& path : {Path("missing/out"), folder_.string()}) {
    JsonlSink sink(Options(path));
    const absl::Status status = sink.Open();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr(path));
  }
}

TEST_F(JsonlSinkTest, ASizeLimitKeepsThePartialFileAndSaysSo) {
  struct rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  JsonlSink sink(Options(Path("out")));
  ASSERT_TRUE(sink.Open().ok());
  const struct rlimit small = {.rlim_cur = 1'000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  ASSERT_TRUE(source_.WriteMany(sink, 0, 20).ok());
  const absl::Status status = sink.Flush();
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(sink.Write({.record = {}, .line = "{}"}), status);
  (void)sink.Close();
  EXPECT_FALSE(std::filesystem::exists(Path("out")));
  EXPECT_EQ(Content(Path("out.partial")).size(), 1'000U);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("out.partial")));
  const Counts counts = sink.counts();
  EXPECT_EQ(counts.messages_acknowledged, 1'000U / (Lines(0, 20).size() / 20));
  EXPECT_EQ(counts.messages_acknowledged + counts.messages_failed, 20U);
}

TEST_F(JsonlSinkTest, AFullDiskIsResourceExhausted) {
  JsonlSink sink(Options("/dev/full"));
  ASSERT_TRUE(sink.Open().ok());
  ASSERT_TRUE(source_.Write(sink, 0).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(sink.Poll()));
  EXPECT_EQ(sink.counts().messages_failed, 1U);
}

TEST_F(JsonlSinkTest, PollShowsEachLineAtThePipe) {
  const int reader = OpenFifo(Path("pipe"));
  JsonlSink sink(Options(Path("pipe")));
  ASSERT_TRUE(sink.Open().ok());
  for (std::uint64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(source_.Write(sink, i).ok());
    ASSERT_TRUE(sink.Poll().ok());
    std::array<char, 1024> some{};
    const ssize_t count = ::read(reader, some.data(), some.size());
    ASSERT_GT(count, 0);
    EXPECT_EQ(std::string(some.data(), static_cast<std::size_t>(count)), Lines(i, 1));
    EXPECT_EQ(sink.counts().messages_acknowledged, i + 1);
  }
  ASSERT_TRUE(sink.Close().ok());
  ::close(reader);
  EXPECT_TRUE(std::filesystem::is_fifo(Path("pipe")));
}

TEST_F(JsonlSinkTest, AClosedPipeIsCancelled) {
  const int reader = OpenFifo(Path("pipe"));
  JsonlSink sink(Options(Path("pipe")));
  ASSERT_TRUE(sink.Open().ok());
  ::close(reader);
  ASSERT_TRUE(source_.Write(sink, 0).ok());
  EXPECT_TRUE(absl::IsCancelled(sink.Poll()));
}

TEST_F(JsonlSinkTest, AReaderThatStallsHoldsBackAndLosesNothing) {
  const int reader = OpenFifo(Path("pipe"));
  JsonlSink sink(Options(Path("pipe")));
  ASSERT_TRUE(sink.Open().ok());
  std::string received;
  std::thread slow([&] {
    std::this_thread::sleep_for(milliseconds(500));
    received = ReadAll(reader);
  });
  const Clock::time_point start = Clock::now();
  EXPECT_TRUE(source_.WriteMany(sink, 0, kTooMany).ok());
  EXPECT_TRUE(sink.Flush().ok());
  EXPECT_GE(Clock::now() - start, milliseconds(400));
  slow.join();
  EXPECT_EQ(received, Lines(0, kTooMany));
  EXPECT_EQ(sink.counts().messages_acknowledged, kTooMany);
  ::close(reader);
}

TEST_F(JsonlSinkTest, AReaderThatNeverReadsIsGivenUpAfterTheTimeout) {
  const int reader = OpenFifo(Path("pipe"));
  JsonlSink sink(Options(Path("pipe"), milliseconds(400)));
  ASSERT_TRUE(sink.Open().ok());
  const Clock::time_point start = Clock::now();
  const absl::Status status = source_.WriteMany(sink, 0, kTooMany);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("has read nothing for 400ms"));
  EXPECT_GE(Clock::now() - start, milliseconds(400));
  EXPECT_LT(Clock::now() - start, seconds(5));
  EXPECT_EQ(sink.Poll(), status);
  const Counts counts = sink.counts();
  EXPECT_EQ(counts.messages_acknowledged + counts.messages_failed, counts.messages_sent);
  const std::string received = ReadAll(reader);
  EXPECT_EQ(std::count(received.begin(), received.end(), '\n'),
            static_cast<std::ptrdiff_t>(counts.messages_acknowledged));
  ::close(reader);
}

TEST_F(JsonlSinkTest, AStopEndsTheWaitingAndWhatWasTakenCanBeFlushed) {
  const int reader = OpenFifo(Path("pipe"));
  JsonlSink sink(Options(Path("pipe")));
  ASSERT_TRUE(sink.Open().ok());
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(300));
    stop_ = true;
  });
  const Clock::time_point start = Clock::now();
  EXPECT_TRUE(absl::IsCancelled(source_.WriteMany(sink, 0, kTooMany)));
  EXPECT_LT(Clock::now() - start, seconds(3));
  stopper.join();
  const std::uint64_t taken = sink.counts().messages_sent;
  EXPECT_LT(taken, kTooMany);
  std::string received;
  std::thread late([&] { received = ReadAll(reader); });
  EXPECT_TRUE(sink.Flush().ok());
  EXPECT_TRUE(sink.Close().ok());
  late.join();
  EXPECT_EQ(received, Lines(0, taken));
  ::close(reader);
}

}  // namespace
}  // namespace groundhog::sinks
