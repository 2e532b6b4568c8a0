#include "sinks/postgres/row_batch.h"

#include <utility>

namespace groundhog::sinks {

void RowBatch::Add(RowChunk chunk) {
  if (chunk.is_empty()) return;
  records_ += chunk.arrivals.size();
  bytes_ += chunk.rows.size();
  unsent_bytes_ += chunk.rows.size();
  chunks_.push_back(std::move(chunk));
}

void RowBatch::Clear(std::chrono::nanoseconds now, Histogram& delays) {
  for (const RowChunk& chunk : chunks_) {
    for (const std::chrono::nanoseconds arrival : chunk.arrivals) delays.Add(now - arrival);
  }
  *this = RowBatch();
}

std::string_view RowBatch::NextUnsent() const {
  return sent_chunks_ == chunks_.size() ? std::string_view() : chunks_[sent_chunks_].rows;
}

void RowBatch::MarkSent() {
  unsent_bytes_ -= chunks_[sent_chunks_].rows.size();
  ++sent_chunks_;
}

void RowBatch::MarkUnsent() {
  sent_chunks_ = 0;
  unsent_bytes_ = bytes_;
}

}  // namespace groundhog::sinks
