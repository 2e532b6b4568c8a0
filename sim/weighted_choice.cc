#include "sim/weighted_choice.h"

#include <algorithm>
#include <limits>

#include "sim/check.h"

namespace groundhog::sim {

WeightedChoice::WeightedChoice(std::span<const double> weights) {
  double total = 0;
  std::size_t used = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    Check(weights[i] >= 0, "no weight is negative");
    total += weights[i];
    if (weights[i] > 0) {
      used = i + 1;
    }
  }
  Check(total > 0 && total <= std::numeric_limits<double>::max(),
        "the weights' sum is positive and finite");
  cumulative_shares_.reserve(used);
  double sum = 0;
  for (const double weight : weights.first(used)) {
    sum += weight;
    cumulative_shares_.push_back(sum / total);
  }
  cumulative_shares_.back() = 1;
}

std::size_t WeightedChoice::operator()(double u) const {
  Check(u >= 0 && u < 1, "a share lies in [0, 1)");
  const auto chosen = std::upper_bound(cumulative_shares_.begin(), cumulative_shares_.end(), u);
  return static_cast<std::size_t>(chosen - cumulative_shares_.begin());
}

}  // namespace groundhog::sim
