// --kafka-stats FILE: librdkafka's statistics, one JSON object a line, as they come.
#ifndef GROUNDHOG_CLI_REPLAYER_KAFKA_STATISTICS_H_
#define GROUNDHOG_CLI_REPLAYER_KAFKA_STATISTICS_H_

#include <cstdint>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace groundhog::cli {

// Thread-safe. A write that fails (a full disk) does not stop the replay: nothing more is written,
// and Close says why.
class KafkaStatistics {
 public:
  // Makes the file, or empties it. InvalidArgument: it cannot be written.
  static absl::StatusOr<std::unique_ptr<KafkaStatistics>> Open(const std::string& path);

  void Write(std::string_view json);

  // ResourceExhausted: not everything could be written. NotFound: there was nothing to write, as
  // the replay was shorter than librdkafka's interval. Nothing is written afterwards.
  absl::Status Close();

 private:
  KafkaStatistics(std::string path, std::ofstream file)
      : path_(std::move(path)), file_(std::move(file)) {}

  absl::Status CannotWrite() const;

  const std::string path_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::ofstream file_;
  std::uint64_t written_ = 0;
  absl::Status status_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_KAFKA_STATISTICS_H_
