// Changes traces so that the changes reach what is behind the checksums: numbers, texts, columns,
// also those that are compressed, the order of entries, the header and the footer's copy of it.
//
// Pure functions but for `Mutate`; safe to use from any thread.
#ifndef GROUNDHOG_FUZZ_TRACE_MUTATOR_H_
#define GROUNDHOG_FUZZ_TRACE_MUTATOR_H_

#include <cstddef>
#include <cstdint>

namespace groundhog::fuzz {

// As LLVMFuzzerMutate: changes `size` bytes of `data`, which has room for `size_max`, and returns
// the new size.
using Mutate = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t size_max);

// As LLVMFuzzerCustomMutator, with `mutate` for what any bytes are changed with. What is no trace
// is changed as any bytes.
std::size_t MutateTrace(std::uint8_t* data, std::size_t size, std::size_t size_max,
                        unsigned int seed, Mutate mutate);

}  // namespace groundhog::fuzz

#endif  // GROUNDHOG_FUZZ_TRACE_MUTATOR_H_
