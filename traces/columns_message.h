// Messages of columns inside an entry, `packed` or `zstd`: compressed and taken apart again.
// FORMAT.md, "Compression".
#ifndef GROUNDHOG_TRACES_COLUMNS_MESSAGE_H_
#define GROUNDHOG_TRACES_COLUMNS_MESSAGE_H_

#include <capnp/message.h>
#include <capnp/serialize-packed.h>
#include <kj/io.h>

#include <cstddef>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/compression.h"
#include "traces/entry.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace groundhog::traces {

// Where zstd begins new blocks, with new statistics: around each plane that is large enough for it.
class BlockEnds {
 public:
  // Takes the planes in the message's order; an OnPlane.
  void Take(std::span<const unsigned char> plane);
  const std::vector<const unsigned char*>& ends() const { return ends_; }

 private:
  std::vector<const unsigned char*> ends_;
};

// Not thread-safe.
class ColumnsPacker {
 public:
  // `level`: 1 to kZstdLevelMax.
  ColumnsPacker(Compression compression, int level);
  ~ColumnsPacker();
  ColumnsPacker(const ColumnsPacker&) = delete;
  ColumnsPacker& operator=(const ColumnsPacker&) = delete;

  Compression compression() const { return compression_; }

  // Replaces `out` by the message, which has one segment, compressed; not for kNone.
  void Pack(capnp::MessageBuilder& message, const BlockEnds& blocks,
            std::vector<unsigned char>* out);

 private:
  void Zstd(kj::ArrayPtr<const unsigned char> segment, const BlockEnds& blocks,
            std::vector<unsigned char>* out);

  Compression compression_;
  ZSTD_CCtx_s* zstd_;
};

// Takes zstd frames apart; its buffer is kept from frame to frame. Not thread-safe.
class ZstdReader {
 public:
  ZstdReader();
  ~ZstdReader();
  ZstdReader(const ZstdReader&) = delete;
  ZstdReader& operator=(const ZstdReader&) = delete;

  // The framed message in `data`, of at most `bytes_max`; good until the next call. DataLoss,
  // without offset: it is not sound.
  absl::StatusOr<const EntryBuffer*> Read(std::span<const unsigned char> data,
                                          std::size_t bytes_max);

 private:
  ZSTD_DCtx_s* zstd_;
  EntryBuffer plain_;
};

// Hands the root of a packed message to `work`, which may read `words_max` words of it. May throw
// kj::Exception.
template <class Root>
absl::Status WithPacked(kj::ArrayPtr<const unsigned char> packed, std::size_t words_max,
                        absl::FunctionRef<absl::Status(typename Root::Reader)> work) {
  kj::ArrayInputStream stream(packed);
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = words_max;
  limits.nestingLimit = 16;
  capnp::PackedMessageReader message(stream, limits);
  return work(message.getRoot<Root>());
}

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_COLUMNS_MESSAGE_H_
