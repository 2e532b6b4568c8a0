// Choosing one of several things by weight.
//
// By cumulative shares and not by an alias table: with the same u, a small change of the weights
// changes few choices, so that two worlds that differ little stay alike (common random numbers),
// and the lists are short. Immutable once made; any thread.
#ifndef GROUNDHOG_SIM_WEIGHTED_CHOICE_H_
#define GROUNDHOG_SIM_WEIGHTED_CHOICE_H_

#include <cstddef>
#include <span>
#include <vector>

namespace groundhog::sim {

class WeightedChoice {
 public:
  // At least one weight is positive, none negative, all finite. Need not sum to 1.
  explicit WeightedChoice(std::span<const double> weights);

  // An index of a weight, 0 <= u < 1: the first whose cumulative share exceeds u. Never one of
  // weight 0. Takes time proportional to the logarithm of the number of weights.
  std::size_t operator()(double u) const;

 private:
  std::vector<double> cumulative_shares_;  // without trailing weights of 0; the last is 1
};

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_WEIGHTED_CHOICE_H_
