#include "sinks/null_sink.h"

namespace groundhog::sinks {

absl::Status NullSink::Write(const Delivery& delivery) {
  next_position_ = delivery.position + 1;
  ++counts_.messages_sent;
  ++counts_.messages_acknowledged;
  counts_.bytes += delivery.line.size();
  return absl::OkStatus();
}

}  // namespace groundhog::sinks
