// A file in memory that has a path.
//
// Not thread-safe.
#ifndef GROUNDHOG_FUZZ_MEMORY_FILE_H_
#define GROUNDHOG_FUZZ_MEMORY_FILE_H_

#include <string>
#include <string_view>

namespace groundhog::fuzz {

class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Replaces what it has.
  void Set(std::string_view bytes);

  const std::string& path() const { return path_; }

 private:
  const int descriptor_;
  const std::string path_;
};

}  // namespace groundhog::fuzz

#endif  // GROUNDHOG_FUZZ_MEMORY_FILE_H_
