#include "fuzz/trace_mutator.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/trace_entries.h"
#include "traces/byte_order.h"
#include "traces/entry.h"
#include "traces/format.h"
#include "traces/trace.capnp.h"

namespace groundhog::fuzz {
namespace {

namespace schema = traces::schema;

// Values at which counts, lengths and times overflow.
constexpr std::array<std::uint64_t, 10> kWords = {0,
                                                  1,
                                                  0xFFFF,
                                                  0x1'0000,
                                                  0xFFFF'FFFF,
                                                  0x7FFF'FFFF'FFFF'FFFF,
                                                  ~std::uint64_t{0},
                                                  std::uint64_t{1} << 63,
                                                  std::uint64_t{1} << 29,
                                                  std::uint64_t{1} << 32};

class TraceMutator {
 public:
  TraceMutator(unsigned int seed, Mutate mutate) : random_(seed), mutate_(mutate) {}

  void Change(TraceEntries* trace) {
    std::string& entry = trace->entries[Below(trace->entries.size())];
    switch (Below(8)) {
      case 0:
        ChangeOrder(trace);
        break;
      case 1:
        ChangeWord(&entry);
        break;
      case 2:
      case 3:
        if (!ChangeZstd(&entry)) ChangeBytes(&entry, traces::kFrameBytes);
        break;
      case 4:  // a header that is the same at both ends
        ChangeBytes(&trace->entries.front(), traces::kFrameBytes);
        RepeatHeader(trace);
        break;
      default:
        ChangeBytes(&entry, traces::kFrameBytes);
    }
    for (std::string& one : trace->entries) SealEntryBytes(&one);
    if (Below(8) != 0) RepairTrailer(trace);
  }

  std::size_t Below(std::size_t bound) { return random_() % bound; }

 private:
  // The bytes from `begin` on. Half of the changes keep the length, as others move all that
  // follows.
  void ChangeBytes(std::string* bytes, std::size_t begin) {
    const std::size_t size = bytes->size() - begin;
    std::vector<std::uint8_t> part(size + 256);
    std::memcpy(part.data(), bytes->data() + begin, size);
    const std::size_t changed = mutate_(part.data(), size, part.size());
    bytes->replace(begin, size, reinterpret_cast<const char*>(part.data()), changed);
    if (Below(2) == 0) bytes->resize(begin + size);
  }

  void ChangeWord(std::string* bytes) {
    const std::size_t at = Below(bytes->size() / 8) * 8;
    char* const word = bytes->data() + at;
    if (Below(2) == 0) {
      traces::StoreLittleEndian64(kWords[Below(kWords.size())], word);
    } else {
      traces::StoreLittleEndian64(traces::LoadLittleEndian64(word) + Below(17) - 8, word);
    }
  }

  void ChangeOrder(TraceEntries* trace) {
    std::vector<std::string>& entries = trace->entries;
    const std::size_t one = Below(entries.size());
    const std::size_t other = Below(entries.size());
    switch (Below(3)) {
      case 0:
        std::swap(entries[one], entries[other]);
        break;
      case 1: {
        std::string copy = entries[one];
        entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(other), std::move(copy));
        break;
      }
      default:
        if (entries.size() > 1) entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(one));
    }
  }

  // Changes the entry as a message. False: it is none, or `change` did nothing.
  template <class Change>
  static bool ChangeMessage(std::string* entry, const Change& change) {
    std::vector<capnp::word> words(entry->size() / 8);
    std::memcpy(words.data(), entry->data(), words.size() * 8);
    try {
      capnp::FlatArrayMessageReader reader({words.data(), words.size()});
      capnp::MallocMessageBuilder message;
      message.setRoot(reader.getRoot<schema::Entry>());
      if (!change(message.getRoot<schema::Entry>())) return false;
      std::vector<unsigned char> sealed;
      traces::SealEntry(message, &sealed);
      entry->assign(sealed.begin(), sealed.end());
      return true;
    } catch (const kj::Exception&) {
      return false;
    }
  }

  // What is inside the zstd frame of a chunk, a header or a rollup. False: there is none.
  bool ChangeZstd(std::string* entry) {
    return ChangeMessage(entry, [this](schema::Entry::Builder root) {
      if (root.isChunk()) return ChangeColumns(root.getChunk().getColumns());
      if (root.isHeader()) return ChangeHeader(root.getHeader());
      if (!root.isAppendix()) return false;
      auto appendix = root.getAppendix();
      if (Below(4) == 0) return ChangeHeader(appendix.getHeader());
      return appendix.hasRollup() && ChangeColumns(appendix.getRollup().getColumns());
    });
  }

  // `columns`: a union that may have such a frame.
  template <class Columns>
  bool ChangeColumns(Columns columns) {
    return columns.isZstd() && ChangeFrame(columns);
  }
  bool ChangeHeader(schema::Header::Builder header) {
    return header.hasZstd() && ChangeFrame(header);
  }

  template <class HasZstd>
  bool ChangeFrame(HasZstd parent) {
    const auto frame = parent.getZstd();
    std::string plain(traces::kColumnsBytesMax, '\0');
    const std::size_t size =
        ZSTD_decompress(plain.data(), plain.size(), frame.begin(), frame.size());
    if (ZSTD_isError(size) != 0 || size < 8) return false;
    plain.resize(size);
    if (Below(4) == 0) {
      ChangeWord(&plain);
    } else {
      ChangeBytes(&plain, 0);
    }
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    const std::size_t packed_size =
        ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1);
    if (ZSTD_isError(packed_size) != 0) return false;
    parent.setZstd({reinterpret_cast<const kj::byte*>(packed.data()), packed_size});
    return true;
  }

  static void RepeatHeader(TraceEntries* trace) {
    std::string header = trace->entries.front();
    ChangeMessage(&header, [trace](schema::Entry::Builder first) {
      if (!first.isHeader()) return false;
      for (std::string& entry : trace->entries) {
        ChangeMessage(&entry, [&first](schema::Entry::Builder root) {
          if (!root.isAppendix()) return false;
          root.getAppendix().setHeader(first.getHeader().asReader());
          return true;
        });
      }
      return false;
    });
  }

  std::mt19937 random_;
  Mutate mutate_;
};

}  // namespace

std::size_t MutateTrace(std::uint8_t* data, std::size_t size, std::size_t size_max,
                        unsigned int seed, Mutate mutate) {
  TraceEntries trace = SplitTrace({reinterpret_cast<const char*>(data), size});
  TraceMutator mutator(seed, mutate);
  if (trace.entries.empty() || mutator.Below(8) == 0) return mutate(data, size, size_max);
  mutator.Change(&trace);
  const std::string bytes = JoinTrace(trace);
  if (bytes.size() > size_max) return mutate(data, size, size_max);
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

}  // namespace groundhog::fuzz
