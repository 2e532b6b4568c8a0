// The main of every benchmark program: each figure is measured in interleaved repetitions, and the
// median is the result; the usual --benchmark_... flags override that.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

int main(int argc, char** argv) {
  // Before the user's own flags, which win.
  std::array<char, 32> repetitions = {"--benchmark_repetitions=5"};
  std::array<char, 64> aggregates = {"--benchmark_report_aggregates_only=true"};
  std::array<char, 64> interleaving = {"--benchmark_enable_random_interleaving=true"};
  std::array<char, 32> time = {"--benchmark_min_time=0.1"};
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1,
                   {repetitions.data(), aggregates.data(), interleaving.data(), time.data()});
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) {
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
