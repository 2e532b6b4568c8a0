// An allocator for tables of some megabytes that are filled at once: it asks the kernel for large
// pages, as the page faults of small ones cost more than the filling.
#ifndef GROUNDHOG_TRACES_LARGE_PAGE_ALLOCATOR_H_
#define GROUNDHOG_TRACES_LARGE_PAGE_ALLOCATOR_H_

#include <sys/mman.h>

#include <cstddef>
#include <limits>
#include <new>

namespace groundhog::traces {

inline constexpr std::size_t kLargePageBytes = std::size_t{2} << 20;

// Meets the standard's requirements of an allocator; all of one type are equal. Memory of at least
// one large page begins at a multiple of it; where the kernel has no large pages it is as any
// other. Throws std::bad_alloc, as std::allocator does. Thread-safe.
template <class T>
class LargePageAllocator {
 public:
  using value_type = T;

  LargePageAllocator() = default;
  template <class Other>
  // NOLINTNEXTLINE(google-explicit-constructor): the standard asks for a conversion
  LargePageAllocator(const LargePageAllocator<Other>& /*other*/) {}

  T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
      throw std::bad_array_new_length();
    }
    const std::size_t bytes = count * sizeof(T);
    if (!IsLarge(bytes)) return static_cast<T*>(::operator new(bytes));
    void* const memory = ::operator new(bytes, kAlignment);
    madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: without it all is the same but slower
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, std::size_t count) {
    if (IsLarge(count * sizeof(T))) {
      ::operator delete(memory, kAlignment);
    } else {
      ::operator delete(memory);
    }
  }

  bool operator==(const LargePageAllocator& /*other*/) const { return true; }

 private:
  static constexpr std::align_val_t kAlignment{kLargePageBytes};
  static bool IsLarge(std::size_t bytes) { return bytes >= kLargePageBytes; }
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_LARGE_PAGE_ALLOCATOR_H_
