#include "sinks/postgres/postgres_loader.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "sinks/patience.h"
#include "sinks/rough_clock.h"

namespace groundhog::sinks {
namespace {

// An interval may be longer than clocks can count.
constexpr std::chrono::hours kWaitMax{1};

// As arrivals are measured.
std::chrono::nanoseconds Now() { return RoughClock::Read(CLOCK_MONOTONIC); }

}  // namespace

PostgresLoader::PostgresLoader(std::unique_ptr<PostgresConnection> connection,
                               BatchWriterOptions options, const CommitInterval& commit)
    : commit_(commit), position_committed_(options.position) {
  options.notice = [this](std::string line) { Tell(std::move(line)); };
  options.is_abandoned = [this] { return is_abandoned_.load(); };
  writer_ = std::make_unique<BatchWriter>(std::move(connection), std::move(options));
  thread_ = std::thread([this] { Run(); });
}

PostgresLoader::~PostgresLoader() { Stop(); }

void PostgresLoader::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_abandoned_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
  writer_.reset();
}

bool PostgresLoader::Offer(RowChunk& chunk) {
  {
    const std::scoped_lock lock(mutex_);
    if (!queue_.empty() && queued_bytes_ + chunk.rows.size() > kQueueBytesMax) return false;
    queued_bytes_ += chunk.rows.size();
    queue_.push_back(std::exchange(chunk, RowChunk()));
  }
  work_.notify_one();
  return true;
}

void PostgresLoader::RequestCommit() {
  {
    const std::scoped_lock lock(mutex_);
    is_commit_wanted_ = true;
  }
  work_.notify_one();
}

void PostgresLoader::WaitForChange() {
  std::unique_lock lock(mutex_);
  changes_.wait_for(lock, Patience::kSlice, [this] { return has_changed_; });
  has_changed_ = false;
}

absl::Status PostgresLoader::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

std::vector<std::string> PostgresLoader::TakeNotices() {
  if (!has_notices_) return {};
  const std::scoped_lock lock(mutex_);
  has_notices_ = false;
  return std::exchange(notices_, {});
}

Histogram PostgresLoader::delays() const {
  const std::scoped_lock lock(mutex_);
  return delays_;
}

void PostgresLoader::Tell(std::string line) {
  const std::scoped_lock lock(mutex_);
  notices_.push_back(std::move(line));
  has_notices_ = true;
  has_changed_ = true;
  changes_.notify_one();
}

void PostgresLoader::Run() {
  while (true) {
    const Work work = Next();
    if (work == Work::kQuit) return;
    const absl::Status status =
        work == Work::kCommit ? writer_->Commit(batch_) : writer_->Send(batch_);
    if (status.ok() && work == Work::kCommit) CountCommitted();
    if (status.ok()) continue;
    const std::scoped_lock lock(mutex_);
    failure_ = status;
    has_failed_ = true;
    has_changed_ = true;
    changes_.notify_one();
    return;
  }
}

// Waits for something to do; takes the rows that are to be sent into the batch.
PostgresLoader::Work PostgresLoader::Next() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (is_abandoned_) return Work::kQuit;
    if (!batch_.is_empty() && IsCommitDue(Now())) return Work::kCommit;
    if (!queue_.empty()) {
      if (!batch_.is_empty() && !HasRoomFor(queue_.front())) return Work::kCommit;
      RowChunk chunk = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= chunk.rows.size();
      has_changed_ = true;
      changes_.notify_one();
      const bool is_worth_sending = chunk.rows.size() >= kBatchBytesMax / 256;
      batch_.Add(std::move(chunk));
      if (is_worth_sending) return Work::kSend;
      continue;
    }
    if (!batch_.is_empty() && is_commit_wanted_) return Work::kCommit;
    is_commit_wanted_ = false;
    if (batch_.is_empty()) {
      work_.wait(lock);
    } else {
      const std::chrono::nanoseconds left = commit_.time - (Now() - batch_.first_arrival());
      work_.wait_for(lock, std::min<std::chrono::nanoseconds>(left, kWaitMax));
    }
  }
}

bool PostgresLoader::IsCommitDue(std::chrono::nanoseconds now) const {
  return batch_.bytes() >= kBatchBytesMax || batch_.records() >= commit_.records.value_or(~0ULL) ||
         now - batch_.first_arrival() >= commit_.time;
}

bool PostgresLoader::HasRoomFor(const RowChunk& chunk) const {
  return batch_.records() + chunk.arrivals.size() <= commit_.records.value_or(~0ULL);
}

void PostgresLoader::CountCommitted() {
  const std::scoped_lock lock(mutex_);
  // In this order: Flush returns when it sees the records, and then asks for the position.
  position_committed_ = batch_.end_position();
  records_committed_ += batch_.records();
  batch_.Clear(Now(), delays_);
  has_changed_ = true;
  changes_.notify_one();
}

}  // namespace groundhog::sinks
