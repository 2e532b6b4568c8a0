// The pace of a replay, as exact numbers: nothing here is a floating-point number, so nothing
// drifts.
#ifndef GROUNDHOG_REPLAY_PACE_H_
#define GROUNDHOG_REPLAY_PACE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace groundhog::replay {

// A positive rational number in lowest terms. The parsers below give numerators of at most 10^18
// and denominators of at most 3.6 x 10^12, for which no product in this folder leaves 128 bits.
class Ratio {
 public:
  // Both are positive.
  constexpr Ratio(std::int64_t numerator, std::int64_t denominator);

  constexpr std::int64_t numerator() const { return numerator_; }
  constexpr std::int64_t denominator() const { return denominator_; }
  // For people and reports.
  double ToDouble() const;

  constexpr bool operator==(const Ratio&) const = default;

 private:
  std::int64_t numerator_;
  std::int64_t denominator_;
};

enum class PaceKind {
  kSpeed,  // `ratio` nanoseconds of virtual time a nanosecond
  kRate,   // `ratio` records a second
  kMax     // as fast as the sink takes them; `ratio` means nothing
};

struct Pace {
  PaceKind kind = PaceKind::kSpeed;
  Ratio ratio{1, 1};
  bool operator==(const Pace&) const = default;
};

// "60x", "0.5x", "7/3x" or "max". InvalidArgument says how to write one, without the text itself.
absl::StatusOr<Pace> ParseSpeed(std::string_view text);

// "60x", "0.37x", "7/3x", "100/s", "1000/h" or "max": exactly, as ParseSpeed and ParseRecordRate
// read it.
std::string PaceText(const Pace& pace);

// Records a second: "100/s", "0.5/s", "30/m", "1000/h".
absl::StatusOr<Ratio> ParseRecordRate(std::string_view text);

constexpr Ratio::Ratio(std::int64_t numerator, std::int64_t denominator)
    : numerator_(numerator), denominator_(denominator) {
  std::int64_t divisor = numerator;
  for (std::int64_t rest = denominator; rest != 0;) {
    const std::int64_t next = divisor % rest;
    divisor = rest;
    rest = next;
  }
  numerator_ /= divisor;
  denominator_ /= divisor;
}

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PACE_H_
