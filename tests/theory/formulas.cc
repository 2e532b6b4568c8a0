#include "tests/theory/formulas.h"

#include <cmath>

namespace groundhog::theory {
namespace {

double NormalDensity(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * M_PI); }

// E[a^k e^(k s z); z_low < z < z_high], z standard normal, by Simpson's rule.
double LognormalPiece(double logarithm_at_0, double slope, double power, double z_low,
                      double z_high) {
  constexpr int kSteps = 20'000;
  const double step = (z_high - z_low) / kSteps;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double z = z_low + i * step;
    const double value = std::exp(power * (logarithm_at_0 + slope * z)) * NormalDensity(z);
    sum += value * (i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2);
  }
  return sum * step / 3;
}

}  // namespace

double ErlangB(int servers, double offered) {
  double blocked = 1;
  for (int server = 1; server <= servers; ++server) {
    blocked = offered * blocked / (server + offered * blocked);
  }
  return blocked;
}

double ErlangC(int servers, double offered) {
  const double blocked = ErlangB(servers, offered);
  return servers * blocked / (servers - offered * (1 - blocked));
}

double MeanWait(const MarkovQueue& queue) {
  return ErlangC(queue.servers, queue.arrival_rate / queue.service_rate) /
         (queue.servers * queue.service_rate - queue.arrival_rate);
}

double ProbabilityOfLongerWait(const MarkovQueue& queue, double seconds) {
  const double spare_rate = queue.servers * queue.service_rate - queue.arrival_rate;
  return ErlangC(queue.servers, queue.arrival_rate / queue.service_rate) *
         std::exp(-spare_rate * seconds);
}

double ProbabilityFull(const MarkovQueue& queue, int places) {
  double sum = 0;
  for (int i = 0; i <= places; ++i) sum += std::pow(queue.utilisation(), i);
  return std::pow(queue.utilisation(), places) / sum;
}

// Who finds i < K customers waits for i services.
double MeanWaitOfAdmitted(const MarkovQueue& queue, int places) {
  double admitted = 0;
  double services = 0;
  for (int i = 0; i < places; ++i) {
    admitted += std::pow(queue.utilisation(), i);
    services += i * std::pow(queue.utilisation(), i);
  }
  return services / admitted / queue.service_rate;
}

double ProbabilityOfLeaving(const MarkovQueue& queue, double patience) {
  const double rho = queue.utilisation();
  const double longer = std::exp(-(queue.service_rate - queue.arrival_rate) * patience);
  return rho * (1 - rho) * longer / (1 - rho * rho * longer);
}

double MeanWaitAtEveryKth(const MarkovQueue& queue, int k) {
  const double phase_rate = k * queue.arrival_rate;
  double sigma = 0.5;
  for (int i = 0; i < 10'000; ++i) {
    sigma = std::pow(phase_rate / (phase_rate + queue.service_rate * (1 - sigma)), k);
  }
  return sigma / (queue.service_rate * (1 - sigma));
}

ClosedLoop MachineRepair(int users, double think, double service) {
  double weight = 1;  // of n users at the server, over that of none
  double sum = 1;
  for (int n = 1; n <= users; ++n) {
    weight *= (users - n + 1) * service / think;
    sum += weight;
  }
  const double throughput = (1 - 1 / sum) / service;
  return {.throughput = throughput, .response = users / throughput - think};
}

double PollaczekKhinchineWait(double arrival_rate, const ServiceMoments& service) {
  return arrival_rate * service.second / (2 * (1 - arrival_rate * service.mean));
}

ServiceMoments ConstantMoments(double seconds) {
  return {.mean = seconds, .second = seconds * seconds};
}

ServiceMoments LognormalMoments(double median, double sigma) {
  return {.mean = median * std::exp(sigma * sigma / 2),
          .second = median * median * std::exp(2 * sigma * sigma)};
}

ServiceMoments HyperexponentialMoments(double share, double one, double other) {
  return {.mean = share * one + (1 - share) * other,
          .second = 2 * (share * one * one + (1 - share) * other * other)};
}

ServiceMoments QuantileMoments(double p50, double p95, double p99) {
  constexpr double kZ95 = 1.6448536269514722;
  constexpr double kZ99 = 2.3263478740408408;
  const double slope_low = std::log(p95 / p50) / kZ95;
  const double slope_high = std::log(p99 / p95) / (kZ99 - kZ95);
  const auto moment = [&](double power) {
    return LognormalPiece(std::log(p50), slope_low, power, -12, kZ95) +
           LognormalPiece(std::log(p95) - slope_high * kZ95, slope_high, power, kZ95, 20);
  };
  return {.mean = moment(1), .second = moment(2)};
}

double AttemptsPerCall(double failure, int retries) {
  return (1 - std::pow(failure, retries + 1)) / (1 - failure);
}

double TwoChoicesTail(double utilisation, int count) {
  return std::pow(utilisation, std::pow(2, count) - 1);
}

double TwoChoicesMeanTime(double utilisation) {
  double sum = 0;
  for (int i = 1; i <= 20; ++i) sum += std::pow(utilisation, std::pow(2, i) - 2);
  return sum;
}

}  // namespace groundhog::theory
