#include "fuzz/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "sim/check.h"

namespace groundhog::fuzz {

MemoryFile::MemoryFile()
    : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)),
      path_("/proc/self/fd/" + std::to_string(descriptor_)) {
  sim::Check(descriptor_ >= 0, "there can be a file in memory");
}

MemoryFile::~MemoryFile() { ::close(descriptor_); }

void MemoryFile::Set(std::string_view bytes) {
  sim::Check(::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, bytes.data(), bytes.size(),
                                                          0) == static_cast<ssize_t>(bytes.size()),
             "a file in memory can be written");
}

}  // namespace groundhog::fuzz
