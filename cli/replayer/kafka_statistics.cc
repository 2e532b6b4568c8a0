#include "cli/replayer/kafka_statistics.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace groundhog::cli {

absl::StatusOr<std::unique_ptr<KafkaStatistics>> KafkaStatistics::Open(const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("--kafka-stats: cannot write ", path, ": ", std::strerror(errno)));
  }
  return std::unique_ptr<KafkaStatistics>(new KafkaStatistics(path, std::move(file)));
}

void KafkaStatistics::Write(std::string_view json) {
  const std::lock_guard lock(mutex_);
  if (!status_.ok() || !file_.is_open()) return;
  errno = 0;
  file_ << json << '\n' << std::flush;
  if (!file_) status_ = CannotWrite();
  ++written_;
}

absl::Status KafkaStatistics::Close() {
  const std::lock_guard lock(mutex_);
  if (!file_.is_open()) return status_;
  errno = 0;
  file_.close();
  if (status_.ok() && !file_) status_ = CannotWrite();
  if (status_.ok() && written_ == 0) {
    status_ = absl::NotFoundError(
        absl::StrCat("--kafka-stats: ", path_,
                     " is empty, as the replay was shorter than the "
                     "interval; shorten it, as in -X statistics.interval.ms=100"));
  }
  return status_;
}

absl::Status KafkaStatistics::CannotWrite() const {
  return absl::ResourceExhaustedError(absl::StrCat("--kafka-stats: cannot write ", path_, ": ",
                                                   std::strerror(errno),
                                                   "; the statistics after that are missing"));
}

}  // namespace groundhog::cli
