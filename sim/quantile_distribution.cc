#include "sim/quantile_distribution.h"

#include <algorithm>

#include "sim/check.h"
#include "sim/math_exp.h"
#include "sim/math_log.h"
#include "sim/normal_quantile.h"

namespace groundhog::sim {
namespace {

constexpr double kShare95 = 0.95;
constexpr double kShare99 = 0.99;

// The integral from `low` to `high` of anchor e^(slope (z - z_anchor)) times the normal density.
struct PieceIntegral {
  double anchor;
  double slope;
  double z_anchor;

  double At(double z) const {
    constexpr double kInverseSqrtTwoPi = 0.3989422804014327;
    return kInverseSqrtTwoPi * Exp(slope * (z - z_anchor) - 0.5 * z * z);
  }

  double Over(double low, double high) const {
    constexpr int kSteps = 4096;  // even
    const double step = (high - low) / kSteps;
    double sum = At(low) + At(high);
    for (int i = 1; i < kSteps; ++i) {
      sum += (i % 2 == 1 ? 4 : 2) * At(low + i * step);
    }
    return anchor * sum * step / 3;
  }
};

}  // namespace

QuantileDistribution::QuantileDistribution(const Quantiles& quantiles) {
  const double p95 = quantiles.p95.value_or(quantiles.p50);
  const double max = quantiles.max.value_or(quantiles.p99);
  Check(quantiles.p50 > 0 && quantiles.p50 <= p95 && p95 <= quantiles.p99 && quantiles.p99 <= max &&
            max < 0x1p1000,
        "quantiles are positive and rise");
  const double z95 = NormalQuantile(kShare95);
  const double z99 = NormalQuantile(kShare99);
  if (quantiles.p95.has_value()) {
    pieces_[0] = {quantiles.p50, Log(p95 / quantiles.p50) / z95, 0};
    pieces_[1] = {p95, Log(quantiles.p99 / p95) / (z99 - z95), z95};
  } else {
    pieces_[0] = {quantiles.p50, Log(quantiles.p99 / quantiles.p50) / z99, 0};
    pieces_[1] = pieces_[0];
  }
  is_bounded_ = quantiles.max.has_value();
  if (is_bounded_) {
    pieces_[2] = {quantiles.p99, Log(max / quantiles.p99) / (1 - kShare99), kShare99};
  } else {
    pieces_[2] = {quantiles.p99, pieces_[1].slope, z99};
  }
}

double QuantileDistribution::operator()(double u) const {
  const int index = static_cast<int>(u >= kShare95) + static_cast<int>(u >= kShare99);
  const Piece& piece = pieces_[static_cast<std::size_t>(index)];
  const double x = is_bounded_ && u >= kShare99 ? u : NormalQuantile(u);
  return piece.anchor * Exp(piece.slope * (x - piece.x_anchor));
}

double QuantileDistribution::Mean() const {
  // This many standard deviations from its peak the integrand is below 1e-31 of the peak.
  constexpr double kNegligible = 12;
  const double z95 = NormalQuantile(kShare95);
  const double z99 = NormalQuantile(kShare99);
  const auto integral = [this](std::size_t index) {
    const Piece& piece = pieces_[index];
    return PieceIntegral{piece.anchor, piece.slope, piece.x_anchor};
  };
  const double body = integral(0).Over(-kNegligible, z95) + integral(1).Over(z95, z99);
  const Piece& tail = pieces_[2];
  if (!is_bounded_) {
    return body + integral(2).Over(z99, std::max(z99, tail.slope) + kNegligible);
  }
  const double tail_share = 1 - kShare99;
  const double tail_mean = tail.slope == 0 ? tail.anchor
                                           : tail.anchor * (Exp(tail.slope * tail_share) - 1) /
                                                 (tail.slope * tail_share);
  return body + tail_share * tail_mean;
}

}  // namespace groundhog::sim
