// The thread that writes rows into PostgreSQL while the player makes the next ones. It gathers what
// it is given into batches, and commits one when it has enough records or bytes, when its first row
// has waited for long enough, and when asked to.
#ifndef GROUNDHOG_SINKS_POSTGRES_POSTGRES_LOADER_H_
#define GROUNDHOG_SINKS_POSTGRES_POSTGRES_LOADER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "sinks/histogram.h"
#include "sinks/postgres/batch_writer.h"
#include "sinks/postgres/row_batch.h"
#include "sinks/sink_options.h"

namespace groundhog::sinks {

// All functions are called by one thread, that of the sink.
class PostgresLoader {
 public:
  // A batch is kept in memory until it is committed, so it has a bound.
  static constexpr std::size_t kBatchBytesMax = std::size_t{16} << 20;
  // What waits to be added to a batch. More than that is not taken.
  static constexpr std::size_t kQueueBytesMax = std::size_t{8} << 20;

  // `writer`'s notice and is_abandoned are set here. Begins at once.
  PostgresLoader(std::unique_ptr<PostgresConnection> connection, BatchWriterOptions options,
                 const CommitInterval& commit);
  ~PostgresLoader();
  PostgresLoader(const PostgresLoader&) = delete;
  PostgresLoader& operator=(const PostgresLoader&) = delete;

  // Takes the rows, and leaves `chunk` empty; false: there is no room now.
  bool Offer(RowChunk& chunk);
  // Commits everything taken so far, as soon as possible.
  void RequestCommit();
  // Waits until something has changed since the last call, for a slice (Patience) at most.
  void WaitForChange();

  std::uint64_t records_committed() const { return records_committed_; }
  std::uint64_t position_committed() const { return position_committed_; }
  // Why it takes no more; OK: it goes on.
  bool has_failed() const { return has_failed_; }
  absl::Status failure() const;
  // Lines for a person since the last call.
  std::vector<std::string> TakeNotices();
  Histogram delays() const;

  // Ends it; what is not committed will not be. Idempotent.
  void Stop();

 private:
  enum class Work { kQuit, kSend, kCommit };

  void Run();
  Work Next();
  bool IsCommitDue(std::chrono::nanoseconds now) const;
  bool HasRoomFor(const RowChunk& chunk) const;
  void CountCommitted();
  void Tell(std::string line);

  const CommitInterval commit_;
  RowBatch batch_;  // its own thread's
  std::unique_ptr<BatchWriter> writer_;

  mutable std::mutex mutex_;
  std::condition_variable work_;     // for its own thread
  std::condition_variable changes_;  // for the sink's
  bool has_changed_ = false;
  std::deque<RowChunk> queue_;
  std::size_t queued_bytes_ = 0;
  bool is_commit_wanted_ = false;
  std::vector<std::string> notices_;
  absl::Status failure_;
  Histogram delays_;

  std::atomic<bool> is_abandoned_{false};
  std::atomic<bool> has_notices_{false};
  std::atomic<bool> has_failed_{false};
  std::atomic<std::uint64_t> records_committed_{0};
  std::atomic<std::uint64_t> position_committed_{0};
  std::thread thread_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_POSTGRES_LOADER_H_
