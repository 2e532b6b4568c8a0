// Timestamps as lines have them: "2025-01-06T14:03:27.918Z".
#ifndef GROUNDHOG_TRACES_TIMESTAMP_RENDERER_H_
#define GROUNDHOG_TRACES_TIMESTAMP_RENDERER_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace groundhog::traces {

inline constexpr std::size_t kTimestampBytes = 24;

// Keeps the last date, because records of one second come together. Not thread-safe.
class TimestampRenderer {
 public:
  // Writes kTimestampBytes bytes and returns their end. Years are 0 to 9999.
  char* Put(std::int64_t unix_milliseconds, char* out);

 private:
  std::int64_t cached_second_ = -1;     // since 1970, of cached_date_
  std::array<char, 20> cached_date_{};  // "2025-01-06T14:03:27."
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_TIMESTAMP_RENDERER_H_
