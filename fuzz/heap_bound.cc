#include "fuzz/heap_bound.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GROUNDHOG_COUNTS_ALLOCATIONS
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GROUNDHOG_COUNTS_ALLOCATIONS
#endif

#ifdef GROUNDHOG_COUNTS_ALLOCATIONS
#include <atomic>
#include <cstdio>
#include <cstdlib>

// As in <sanitizer/allocator_interface.h>, which GCC 12 does not install.
extern "C" int __sanitizer_install_malloc_and_free_hooks(  // NOLINT(bugprone-reserved-identifier)
    void (*on_allocation)(const volatile void*, std::size_t),
    void (*on_release)(const volatile void*));
extern "C" std::size_t __sanitizer_get_allocated_size(  // NOLINT(bugprone-reserved-identifier)
    const volatile void* place);
#else
#include <sys/resource.h>
#endif

namespace groundhog::fuzz {

#ifdef GROUNDHOG_COUNTS_ALLOCATIONS
namespace {

std::atomic<bool> is_counting{false};
std::atomic<long long> live_bytes{0};

void OnAllocation(const volatile void* /*place*/, std::size_t size) {
  if (!is_counting.load(std::memory_order_relaxed)) return;
  const long long live = live_bytes += static_cast<long long>(size);
  if (live <= static_cast<long long>(kHeapBytesMax)) return;
  is_counting = false;
  std::fprintf(stderr, "does not hold: an input takes at most %zu MiB\n", kHeapBytesMax >> 20);
  std::abort();
}

void OnRelease(const volatile void* place) {
  if (!is_counting.load(std::memory_order_relaxed) || place == nullptr) return;
  live_bytes -= static_cast<long long>(__sanitizer_get_allocated_size(place));
}

}  // namespace

HeapBound::HeapBound() {
  static const bool is_installed =
      __sanitizer_install_malloc_and_free_hooks(OnAllocation, OnRelease) != 0;
  if (!is_installed) std::abort();
  live_bytes = 0;
  is_counting = true;
}

HeapBound::~HeapBound() { is_counting = false; }

#else
namespace {

void SetDataLimit(rlim_t bytes) {
  rlimit limit{};
  ::getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
  ::setrlimit(RLIMIT_DATA, &limit);
}

}  // namespace

HeapBound::HeapBound() { SetDataLimit(kHeapBytesMax); }
HeapBound::~HeapBound() { SetDataLimit(RLIM_INFINITY); }
#endif

}  // namespace groundhog::fuzz
