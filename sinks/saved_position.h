// The identity of a replay: the trace and every option that decides which messages it sends and
// where. It is saved together with a committed position, so that a replay cannot continue with
// other options, which would leave a mixture in the topic.
#ifndef GROUNDHOG_SINKS_SAVED_POSITION_H_
#define GROUNDHOG_SINKS_SAVED_POSITION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace groundhog::sinks {

class ReplayIdentity {
 public:
  // `name` is the option or fact for a person ("--service", "trace digest"), without '=' and ';'.
  void Add(std::string name, std::string value);

  // FailedPrecondition names the first field in which `earlier` differs, and both values.
  absl::Status CheckContinues(const ReplayIdentity& earlier) const;

  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
  bool operator==(const ReplayIdentity&) const = default;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// The progress of a replay: everything before `position` is delivered.
struct SavedPosition {
  std::uint64_t position = 0;
  // With shifted timestamps: the date of t0, nanoseconds since 1970.
  std::optional<std::int64_t> anchor_unix_nanoseconds;
  ReplayIdentity identity;
  bool operator==(const SavedPosition&) const = default;
};

// One line of printable ASCII for all fields except the position, at most a few kilobytes for any
// options: long values are cut, with a hash of the whole.
std::string EncodeIdentity(const SavedPosition& saved);

// The reverse, for a position. DataLoss: not such a line.
absl::StatusOr<SavedPosition> DecodeIdentity(std::string_view text, std::uint64_t position);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_SAVED_POSITION_H_
