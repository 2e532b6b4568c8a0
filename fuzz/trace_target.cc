// The reader and all that reads traces: the input is a file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/heap_bound.h"
#include "fuzz/memory_file.h"
#include "fuzz/trace_claims.h"
#include "fuzz/trace_mutator.h"

// libFuzzer's own, when it is linked.
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                                              std::size_t size_max);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned int seed) {
  return groundhog::fuzz::MutateTrace(data, size, size_max, seed, LLVMFuzzerMutate);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace groundhog::fuzz;
  static MemoryFile file;
  file.Set({reinterpret_cast<const char*>(data), size});
  const HeapBound bound;
  const TraceReading reading = ReadAsTrace(file.path(), size, /*is_thorough=*/false);
  VerifyAsTrace(file.path(), reading);
  SeekInTrace(file.path(), reading);
  FollowTrace(file.path(), reading);
  DescribeTrace(file.path(), size / 8);
  return 0;
}
