#include "tests/traces/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> allocated_bytes = 0;

}  // namespace

namespace groundhog::traces {

std::size_t AllocatedBytes() { return allocated_bytes; }

}  // namespace groundhog::traces

void* operator new(std::size_t size) {
  allocated_bytes += size;
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
