// Forged copies of the tiny trace: every checksum is right, the content is not. Reading counts what
// it allocates.
#ifndef GROUNDHOG_TESTS_TRACES_FORGED_TRACE_H_
#define GROUNDHOG_TESTS_TRACES_FORGED_TRACE_H_

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/traces/allocation_count.h"
#include "tests/traces/sample_trace.h"
#include "traces/compression.h"
#include "traces/entry.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

// The bytes that reading one small file may allocate in all: buffers, the unpacked columns, 65,536
// records.
inline constexpr std::size_t kAllocatedMax = std::size_t{48} << 20;

inline std::string ToString(const std::vector<unsigned char>& bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// The tiny trace without compression, and its entries.
struct Tiny {
  std::string bytes = TraceBytes(TinyTrace(), {.compression = Compression::kNone});
  std::vector<std::size_t> offsets = EntryOffsets(bytes);
  std::string entry(std::size_t i) const {
    return bytes.substr(offsets[i], offsets[i + 1] - offsets[i]);
  }
};

inline ReadBack ReadBytes(const std::string& bytes) {
  const TestFile file("hostile.ghog");
  WriteFile(file.path(), bytes);
  const std::size_t before = AllocatedBytes();
  ReadBack back = ReadTrace(file.path());
  EXPECT_LT(AllocatedBytes() - before, kAllocatedMax + 8 * bytes.size());
  return back;
}

// The tiny trace's entry `i`, changed by `forge` and sealed.
inline std::string ForgedEntry(std::size_t i,
                               const std::function<void(schema::Entry::Builder)>& forge) {
  const std::string entry = Tiny().entry(i);
  std::vector<capnp::word> words(entry.size() / 8);
  std::memcpy(words.data(), entry.data(), entry.size());
  capnp::FlatArrayMessageReader reader({words.data(), words.size()});
  capnp::MallocMessageBuilder message(1 << 20);
  message.setRoot(reader.getRoot<schema::Entry>());
  forge(message.getRoot<schema::Entry>());
  std::vector<unsigned char> out;
  SealEntry(message, &out);
  return ToString(out);
}

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TESTS_TRACES_FORGED_TRACE_H_
