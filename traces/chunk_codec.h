// A chunk's entry, built from records and taken apart again: extent, columns and their compression.
#ifndef GROUNDHOG_TRACES_CHUNK_CODEC_H_
#define GROUNDHOG_TRACES_CHUNK_CODEC_H_

#include <capnp/message.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "traces/column_costs.h"
#include "traces/columns_decoder.h"
#include "traces/columns_encoder.h"
#include "traces/columns_message.h"
#include "traces/compression.h"
#include "traces/entry.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

// Which of the trace's records a chunk has.
struct ChunkPlace {
  std::uint64_t first_position = 0;
  std::uint64_t trace_key = 0;
};

// Not thread-safe; buffers are kept from chunk to chunk.
class ChunkBuilder {
 public:
  // `level`: 1 to kZstdLevelMax.
  ChunkBuilder(Compression compression, int level);
  ~ChunkBuilder();

  // Replaces `out` by the entry of the encoder's records, of which there is at least one.
  void Build(ColumnsEncoder& encoder, const ChunkPlace& place, std::vector<unsigned char>* out);

  // For what else is compressed as chunks are.
  ColumnsPacker& packer() { return packer_; }

 private:
  // One message's first and only segment, kept zeroed between messages.
  class Scratch;

  void CompressColumns(ColumnsEncoder& encoder);

  Compression compression_;
  std::unique_ptr<Scratch> columns_scratch_;
  std::unique_ptr<Scratch> entry_scratch_;
  ColumnsPacker packer_;
  std::vector<unsigned char> compressed_;
};

// The head of a chunk's entry.
struct ChunkHead {
  ChunkExtent extent;
  ChunkPlace place;
  Compression compression = Compression::kNone;
};

class ChunkReader {
 public:
  // `catalogue` must outlive the reader; `resolution` is the trace's. Adds what the columns of each
  // sound chunk cost to `costs`, unless it is null.
  ChunkReader(const Catalogue& catalogue, sim::Duration resolution, ColumnCosts* costs = nullptr);

  // DataLoss, without offset. May throw kj::Exception.
  static absl::Status ReadHead(schema::Chunk::Reader chunk, ChunkHead* head);

  // Replaces `records`. DataLoss, without offset. May throw kj::Exception.
  absl::Status Decode(schema::Chunk::Reader chunk, const ChunkHead& head,
                      std::vector<Record>* records);

 private:
  absl::Status DecodeZstd(capnp::Data::Reader data, const ChunkHead& head,
                          std::vector<Record>* records);

  ColumnsDecoder decoder_;
  ColumnCosts* costs_;
  ZstdReader zstd_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_CHUNK_CODEC_H_
