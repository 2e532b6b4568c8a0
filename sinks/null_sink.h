// null: takes everything and keeps nothing, to try a replay or to measure the player alone.
#ifndef GROUNDHOG_SINKS_NULL_SINK_H_
#define GROUNDHOG_SINKS_NULL_SINK_H_

#include <string>

#include "sinks/sink.h"

namespace groundhog::sinks {

class NullSink : public Sink {
 public:
  absl::Status Open() override { return absl::OkStatus(); }
  absl::Status Write(const Delivery& delivery) override;
  absl::Status Poll() override { return absl::OkStatus(); }
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status Close() override { return absl::OkStatus(); }
  std::uint64_t AcknowledgedPosition() override { return next_position_; }
  Counts counts() const override { return counts_; }
  const Histogram& acknowledgement_delays() const override { return delays_; }
  std::string Describe() const override { return "null:"; }

 private:
  std::uint64_t next_position_ = 0;
  Counts counts_;
  Histogram delays_;  // stays empty
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_NULL_SINK_H_
