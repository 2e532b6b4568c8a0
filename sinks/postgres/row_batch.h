// Rows on their way: in chunks from the thread that makes them to the one that sends them, and
// there in a batch, one transaction, until it is committed.
#ifndef GROUNDHOG_SINKS_POSTGRES_ROW_BATCH_H_
#define GROUNDHOG_SINKS_POSTGRES_ROW_BATCH_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/histogram.h"

namespace groundhog::sinks {

struct RowChunk {
  std::string rows;                                // as RowEncoder makes them
  std::vector<std::chrono::nanoseconds> arrivals;  // of each, on the scale of RoughClock
  std::uint64_t end_position = 0;                  // after the last one

  bool is_empty() const { return arrivals.empty(); }
};

// Not thread-safe.
class RowBatch {
 public:
  void Add(RowChunk chunk);
  // After the commit: counts how long each row has waited.
  void Clear(std::chrono::nanoseconds now, Histogram& delays);

  // What has not been sent yet, chunk by chunk; empty: all is sent.
  std::string_view NextUnsent() const;
  void MarkSent();
  // Everything is to be sent again.
  void MarkUnsent();

  bool is_empty() const { return chunks_.empty(); }
  std::uint64_t records() const { return records_; }
  std::size_t bytes() const { return bytes_; }
  std::size_t unsent_bytes() const { return unsent_bytes_; }
  std::chrono::nanoseconds first_arrival() const { return chunks_.front().arrivals.front(); }
  std::uint64_t end_position() const { return chunks_.back().end_position; }

 private:
  std::vector<RowChunk> chunks_;
  std::size_t sent_chunks_ = 0;
  std::uint64_t records_ = 0;
  std::size_t bytes_ = 0;
  std::size_t unsent_bytes_ = 0;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_ROW_BATCH_H_
