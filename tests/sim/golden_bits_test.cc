// Compares the bits of draws, of log and exp, and of samples with a file: every compiler,
// optimisation level and machine must reproduce them. Every golden trace depends on these bits.
//
// Renew the file, after a deliberate change, with
//     build/release/tests/sim/sim_golden_bits --write tests/sim/golden_bits.txt
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/distributions.h"
#include "sim/duration_sampler.h"
#include "sim/math_exp.h"
#include "sim/math_log.h"
#include "sim/normal_quantile.h"
#include "sim/random.h"
#include "sim/weighted_choice.h"

namespace groundhog::sim {
namespace {

class GoldenBits {
 public:
  void Add(const char* name, std::uint64_t bits) {
    char line[128];
    std::snprintf(line, sizeof(line), "%s %016llx\n", name, static_cast<unsigned long long>(bits));
    text_ += line;
  }
  void Add(const char* name, double value) { Add(name, std::bit_cast<std::uint64_t>(value)); }
  void Add(const char* name, Duration value) {
    Add(name, static_cast<std::uint64_t>(value.nanoseconds()));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Folds a hundred thousand values into one, so that rare differences show too.
class Fold {
 public:
  void Add(double value) { bits_ = MixBits(bits_ ^ std::bit_cast<std::uint64_t>(value)); }
  std::uint64_t bits() const { return bits_; }

 private:
  std::uint64_t bits_ = 0;
};

void AddDraws(GoldenBits& golden) {
  for (const char* name : {"", "host/auth-service-1", "journey/checkout"}) {
    for (const std::uint64_t seed : {0ull, 1ull, ~0ull}) {
      const StreamKey key(seed, name);
      golden.Add("stream_key", key.bits());
      for (std::uint64_t ordinal = 0; ordinal < 8; ++ordinal) {
        const DrawBlock block = Draw(
            key, {.ordinal = ordinal << 31, .path = 0x80000001, .attempt = 0x8002, .purpose = 3});
        golden.Add("uniform32", block.Uniform32(0));
        golden.Add("uniform64", block.Uniform64(1));
        golden.Add("below", std::uint64_t{block.BelowMultiply(3, 1000)});
      }
    }
  }
}

void AddFunctions(GoldenBits& golden) {
  const StreamKey key(1, "golden");
  Fold log_fold;
  Fold exp_fold;
  Fold quantile_fold;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const DrawBlock block = Draw(key, {.ordinal = i});
    const double u = block.Uniform64(0);
    const double any_positive = std::bit_cast<double>(static_cast<std::uint64_t>(u * 0x1.FFCp62));
    log_fold.Add(Log(any_positive));
    log_fold.Add(Log(0.5 + u));
    exp_fold.Add(Exp(1500 * u - 750));
    exp_fold.Add(Exp(u - 0.5));
    quantile_fold.Add(NormalQuantile(u));
    if (i < 50) {
      golden.Add("log", Log(any_positive));
      golden.Add("exp", Exp(20 * u - 10));
      golden.Add("normal_quantile", NormalQuantile(u));
    }
  }
  golden.Add("log_fold", log_fold.bits());
  golden.Add("exp_fold", exp_fold.bits());
  golden.Add("normal_quantile_fold", quantile_fold.bits());
}

void AddSamples(GoldenBits& golden) {
  const Duration p50 = Microseconds(8'500);
  const Duration p95 = Milliseconds(21);
  const Duration p99 = Milliseconds(47);
  const std::vector<std::pair<const char*, DurationSampler>> samplers = {
      {"constant", DurationSampler::Constant(p50)},
      {"exponential", DurationSampler::Exponential(p50)},
      {"lognormal", DurationSampler::Lognormal({.p50 = p50, .sigma = 0.7})},
      {"two_quantiles", DurationSampler::OfQuantiles({.p50 = p50, .p99 = p99})},
      {"three_quantiles", DurationSampler::OfQuantiles({.p50 = p50, .p95 = p95, .p99 = p99})},
      {"bounded_quantiles", DurationSampler::OfQuantiles(
                                {.p50 = p50, .p95 = p95, .p99 = p99, .max = Milliseconds(300)})},
  };
  const std::vector<double> weights = {0.3, 1.1, 0.07, 2.9};
  const WeightedChoice choice(weights);
  const StreamKey key(2, "golden");
  for (const auto& [name, sampler] : samplers) {
    Fold fold;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
      const double u = Draw(key, {.ordinal = i}).Uniform64(0);
      const Duration sample = sampler.Sample(u);
      fold.Add(static_cast<double>(sample.nanoseconds()));
      if (i < 20) {
        golden.Add(name, sample);
      }
    }
    golden.Add("samples_fold", fold.bits());
    golden.Add("mean", sampler.MeanNanoseconds());
  }
  for (std::uint64_t i = 0; i < 20; ++i) {
    const double u = Draw(key, {.ordinal = i}).Uniform32(2);
    golden.Add("choice", std::uint64_t{choice(u)});
    golden.Add("uniform_duration", UniformDuration(p50, p95, u));
  }
}

// 0 if they agree; otherwise 1, after printing the first line that differs.
int Compare(const std::string& expected_text, const std::string& actual_text) {
  std::istringstream expected_lines(expected_text);
  std::istringstream actual_lines(actual_text);
  std::string expected;
  std::string actual;
  for (int number = 1;; ++number) {
    const bool has_expected = static_cast<bool>(std::getline(expected_lines, expected));
    const bool has_actual = static_cast<bool>(std::getline(actual_lines, actual));
    if (!has_expected && !has_actual) {
      std::cout << number - 1 << " lines of bits agree\n";
      return number > 1 ? 0 : 1;
    }
    if (has_expected != has_actual || expected != actual) {
      std::cerr << "line " << number << ": expected '" << (has_expected ? expected : "nothing")
                << "', got '" << (has_actual ? actual : "nothing") << "'\n";
      return 1;
    }
  }
}

int Main(const char* option, const char* path) {
  GoldenBits golden;
  AddDraws(golden);
  AddFunctions(golden);
  AddSamples(golden);
  if (std::strcmp(option, "--write") == 0) {
    std::ofstream(path) << golden.text();
    return 0;
  }
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  return Compare(expected.str(), golden.text());
}

}  // namespace
}  // namespace groundhog::sim

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: sim_golden_bits --check|--write FILE\n";
    return 2;
  }
  return groundhog::sim::Main(argv[1], argv[2]);
}
