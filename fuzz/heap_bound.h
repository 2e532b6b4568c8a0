// The bound of memory that holds for every input. The sanitizers' own memory (shadow, quarantine)
// does not count, so that the bound is the one of the programs that people run.
//
// One at a time; not thread-safe.
#ifndef GROUNDHOG_FUZZ_HEAP_BOUND_H_
#define GROUNDHOG_FUZZ_HEAP_BOUND_H_

#include <cstddef>

namespace groundhog::fuzz {

inline constexpr std::size_t kHeapBytesMax = std::size_t{256} << 20;

// While it lives, the program aborts when it has kHeapBytesMax more on the heap than at first. With
// a sanitizer each allocation is counted as it is made; without one the bound is a limit that the
// operating system sets on the process' data, and what is beyond it fails as if memory were full.
class HeapBound {
 public:
  HeapBound();
  ~HeapBound();
  HeapBound(const HeapBound&) = delete;
  HeapBound& operator=(const HeapBound&) = delete;
};

}  // namespace groundhog::fuzz

#endif  // GROUNDHOG_FUZZ_HEAP_BOUND_H_
