// --kafka-stats FILE: librdkafka's statistics, one JSON object a line, as they come.
#ifndef GROUNDHOG_CLI_KAFKA_STATISTICS_H_
#define GROUNDHOG_CLI_KAFKA_STATISTICS_H_

#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace groundhog::cli {

// Thread-safe. What cannot be written (a full disk) is left out: statistics stop no replay.
class KafkaStatistics {
 public:
  // Begins the file anew. InvalidArgument: it cannot be written.
  static absl::StatusOr<std::unique_ptr<KafkaStatistics>> Open(const std::string& path);

  void Write(std::string_view json);

 private:
  explicit KafkaStatistics(std::ofstream file) : file_(std::move(file)) {}

  std::mutex mutex_;
  std::ofstream file_;  // guarded by mutex_
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_KAFKA_STATISTICS_H_
