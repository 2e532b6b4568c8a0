// A sink that records its calls and their times, and fails or waits as the test asks.
#ifndef GROUNDHOG_TESTS_REPLAY_RECORDING_SINK_H_
#define GROUNDHOG_TESTS_REPLAY_RECORDING_SINK_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "replay/clock.h"
#include "sinks/sink.h"

namespace groundhog::replay {

struct Taken {
  std::uint64_t position = 0;
  std::string line;
  std::int64_t timestamp_unix_milliseconds = 0;
  SteadyTime at;  // when Write was called
};

class RecordingSink : public sinks::Sink {
 public:
  explicit RecordingSink(Clock& clock) : clock_(clock) {}

  // Called inside Write, Poll, Flush and Checkpoint; Write's with the number of records taken
  // before.
  std::function<absl::Status(std::uint64_t)> on_write;
  std::function<absl::Status()> on_poll;
  std::function<absl::Status()> on_flush;
  std::function<absl::Status()> on_checkpoint;
  bool acknowledges = true;

  const std::vector<Taken>& taken() const { return taken_; }
  // The number of records taken before the last flush; nullopt: it was not flushed.
  std::optional<std::size_t> taken_at_flush() const { return taken_at_flush_; }
  // The number of records taken before each checkpoint.
  const std::vector<std::size_t>& checkpoints() const { return checkpoints_; }

  absl::Status Open() override { return absl::OkStatus(); }
  absl::Status Write(const sinks::Delivery& delivery) override {
    const SteadyTime at = clock_.Now();
    if (on_write) {
      if (absl::Status s = on_write(counts_.messages_sent); !s.ok()) return s;
    }
    taken_.push_back({.position = delivery.position,
                      .line = std::string(delivery.line),
                      .timestamp_unix_milliseconds = delivery.timestamp_unix_milliseconds,
                      .at = at});
    ++counts_.messages_sent;
    counts_.bytes += delivery.line.size();
    if (acknowledges) ++counts_.messages_acknowledged;
    return absl::OkStatus();
  }
  absl::Status Poll() override { return on_poll ? on_poll() : absl::OkStatus(); }
  absl::Status Flush() override {
    taken_at_flush_ = taken_.size();
    return on_flush ? on_flush() : absl::OkStatus();
  }
  absl::Status Checkpoint() override {
    checkpoints_.push_back(taken_.size());
    return on_checkpoint ? on_checkpoint() : absl::OkStatus();
  }
  absl::Status Close() override { return absl::OkStatus(); }
  sinks::Counts counts() const override { return counts_; }
  const sinks::Histogram& acknowledgement_delays() const override { return delays_; }
  std::string Describe() const override { return "recording:"; }

 private:
  Clock& clock_;
  std::vector<Taken> taken_;
  std::optional<std::size_t> taken_at_flush_;
  std::vector<std::size_t> checkpoints_;
  sinks::Counts counts_;
  sinks::Histogram delays_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_TESTS_REPLAY_RECORDING_SINK_H_
