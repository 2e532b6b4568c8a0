#include "cli/kafka_statistics.h"

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
  return std::unique_ptr<KafkaStatistics>(new KafkaStatistics(std::move(file)));
}

void KafkaStatistics::Write(std::string_view json) {
  const std::lock_guard lock(mutex_);
  file_ << json << '\n' << std::flush;
}

}  // namespace groundhog::cli
