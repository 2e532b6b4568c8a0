// The parser of scenarios: the input is a file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/heap_bound.h"
#include "fuzz/require.h"
#include "fuzz/scenario_claims.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace groundhog::fuzz;
  const HeapBound bound;
  const ScenarioAnswer answer =
      AskForScenario(std::string_view(reinterpret_cast<const char*>(data), size), {});
  Require(answer.flaw.empty(), "a scenario is refused or reads back", answer.flaw);
  return 0;
}
