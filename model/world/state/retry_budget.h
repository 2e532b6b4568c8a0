// A retry budget: retries as a share of calls, so that they cannot multiply an overload. A token
// bucket in the manner of Finagle's RetryBudget: every call pays in a share of a retry, every retry
// takes a whole one. Belongs to one calling host and one dependency.
//
// Integers only. Not thread-safe.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_RETRY_BUDGET_H_
#define GROUNDHOG_MODEL_WORLD_STATE_RETRY_BUDGET_H_

#include <algorithm>
#include <cstdint>

namespace groundhog::model {

class RetryBudget {
 public:
  // The bucket's size. It starts full, so that a host with few calls may retry at all.
  static constexpr std::int64_t kRetriesMax = 10;

  // `percent`: retries for every 100 calls, >= 0; kept to a ten-thousandth.
  explicit RetryBudget(double percent)
      : deposit_(static_cast<std::int64_t>(percent * kHundredth + 0.5)) {}

  // A call begins: its first attempt is sent.
  void PayIn() { balance_ = std::min(balance_ + deposit_, kRetriesMax * kRetry); }

  // Takes one retry; false: there is none left.
  bool TakeOne() {
    if (balance_ < kRetry) return false;
    balance_ -= kRetry;
    return true;
  }

 private:
  static constexpr std::int64_t kRetry = 1'000'000;
  static constexpr double kHundredth = 10'000;  // of a retry

  std::int64_t deposit_;
  std::int64_t balance_ = kRetriesMax * kRetry;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_RETRY_BUDGET_H_
