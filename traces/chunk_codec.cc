#include "traces/chunk_codec.h"

#include <capnp/serialize-packed.h>
#include <capnp/serialize.h>
#include <kj/io.h>
#include <zstd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "traces/byte_order.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

// zstd starts a new block, with new statistics, after each plane of at least this many bytes.
// Smaller planes share a block, because a block's own statistics would cost more than they save.
constexpr std::size_t kBlockBytesMin = 1'024;

absl::Status Damaged(const std::string& what) { return absl::DataLossError(what); }

}  // namespace

class ChunkBuilder::Scratch {
 public:
  explicit Scratch(std::size_t bytes)
      : words_(static_cast<capnp::word*>(std::calloc(bytes / 8, 8))), count_(bytes / 8) {
    sim::Check(words_ != nullptr, "there is memory for a chunk");
  }
  ~Scratch() { std::free(words_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // A message builder over it zeroes the words that it used when it is destroyed.
  kj::ArrayPtr<capnp::word> words() { return {words_, count_}; }

 private:
  capnp::word* words_;
  std::size_t count_;
};

ChunkBuilder::ChunkBuilder(Compression compression, int level)
    : compression_(compression),
      columns_scratch_(std::make_unique<Scratch>(kColumnsBytesMax)),
      entry_scratch_(std::make_unique<Scratch>(kColumnsBytesMax + (std::size_t{1} << 20))),
      zstd_(ZSTD_createCCtx()) {
  sim::Check(zstd_ != nullptr, "there is memory for a compressor");
  ZSTD_CCtx_setParameter(zstd_, ZSTD_c_compressionLevel, level);
}

ChunkBuilder::~ChunkBuilder() { ZSTD_freeCCtx(zstd_); }

void ChunkBuilder::Build(ColumnsEncoder& encoder, const ChunkPlace& place,
                         std::vector<unsigned char>* out) {
  if (compression_ != Compression::kNone) CompressColumns(encoder);
  capnp::MallocMessageBuilder message(entry_scratch_->words(),
                                      capnp::AllocationStrategy::FIXED_SIZE);
  auto chunk = BeginEntry(message).initChunk();
  chunk.setFirstTime(encoder.first_time().nanoseconds());
  chunk.setLastTime(encoder.last_time().nanoseconds());
  chunk.setFirstPosition(place.first_position);
  chunk.setTraceKey(place.trace_key);
  chunk.setCount(encoder.count());
  const capnp::Data::Reader data(compressed_.data(), compressed_.size());
  switch (compression_) {
    case Compression::kNone:
      encoder.Build(chunk.getColumns().initPlain(), [](auto) {});
      break;
    case Compression::kPacked:
      chunk.getColumns().setPacked(data);
      break;
    case Compression::kZstd:
      chunk.getColumns().setZstd(data);
      break;
  }
  SealEntry(message, out);
}

void ChunkBuilder::CompressColumns(ColumnsEncoder& encoder) {
  capnp::MallocMessageBuilder message(columns_scratch_->words(),
                                      capnp::AllocationStrategy::FIXED_SIZE);
  std::vector<const unsigned char*> block_ends;
  encoder.Build(message.initRoot<schema::Columns>(), [&block_ends](auto plane) {
    if (plane.size() >= kBlockBytesMin) {
      block_ends.push_back(plane.data());
      block_ends.push_back(plane.data() + plane.size());
    }
  });
  const auto segments = message.getSegmentsForOutput();
  sim::Check(segments.size() == 1, "a chunk's columns fit the segment made for them");
  if (compression_ == Compression::kZstd) {
    Zstd(segments[0].asBytes(), block_ends);
    return;
  }
  kj::VectorOutputStream packed;
  capnp::writePackedMessage(packed, message);
  const auto bytes = packed.getArray();
  compressed_.assign(bytes.begin(), bytes.end());
}

// One zstd frame of the framed message, with block boundaries at `block_ends`.
void ChunkBuilder::Zstd(kj::ArrayPtr<const unsigned char> segment,
                        const std::vector<const unsigned char*>& block_ends) {
  unsigned char frame[kFrameBytes];
  StoreLittleEndian64(std::uint64_t{segment.size() / 8} << 32, frame);
  const std::size_t total = kFrameBytes + segment.size();
  ZSTD_CCtx_reset(zstd_, ZSTD_reset_session_only);
  ZSTD_CCtx_setPledgedSrcSize(zstd_, total);
  // Every block may cost a few bytes beyond the bound for one frame.
  compressed_.resize(ZSTD_compressBound(total) + 16 * (block_ends.size() + 2));
  ZSTD_outBuffer out{compressed_.data(), compressed_.size(), 0};
  const auto feed = [this, &out](const unsigned char* begin, std::size_t size,
                                 ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{begin, size, 0};
    const std::size_t left = ZSTD_compressStream2(zstd_, &out, &in, directive);
    sim::Check(ZSTD_isError(left) == 0 && (directive == ZSTD_e_continue || left == 0),
               "zstd has room for everything it is given");
  };
  feed(frame, kFrameBytes, ZSTD_e_continue);
  const unsigned char* at = segment.begin();
  for (const unsigned char* end : block_ends) {
    if (end > at) feed(at, static_cast<std::size_t>(end - at), ZSTD_e_flush);
    at = end;
  }
  feed(at, static_cast<std::size_t>(segment.end() - at), ZSTD_e_end);
  compressed_.resize(out.pos);
}

ChunkReader::ChunkReader(const Catalogue& catalogue, sim::Duration resolution, ColumnCosts* costs)
    : decoder_(catalogue, resolution), costs_(costs), zstd_(ZSTD_createDCtx()) {
  sim::Check(zstd_ != nullptr, "there is memory for a decompressor");
}

ChunkReader::~ChunkReader() { ZSTD_freeDCtx(zstd_); }

absl::Status ChunkReader::ReadHead(schema::Chunk::Reader chunk, ChunkHead* head) {
  head->extent = {.first_time = sim::VirtualTime(chunk.getFirstTime()),
                  .last_time = sim::VirtualTime(chunk.getLastTime()),
                  .count = chunk.getCount()};
  head->place = {.first_position = chunk.getFirstPosition(), .trace_key = chunk.getTraceKey()};
  if (head->extent.count == 0 || head->extent.count > kChunkRecordsMax) {
    return Damaged(absl::StrCat("a chunk of ", head->extent.count, " records"));
  }
  if (head->extent.first_time < sim::VirtualTime() ||
      head->extent.last_time < head->extent.first_time) {
    return Damaged("a chunk whose times run back");
  }
  const auto columns = chunk.getColumns();
  if (columns.isPlain()) {
    head->compression = Compression::kNone;
  } else if (columns.isPacked()) {
    head->compression = Compression::kPacked;
  } else if (columns.isZstd()) {
    head->compression = Compression::kZstd;
  } else {
    return Damaged("a chunk's columns are compressed in an unknown way");
  }
  return absl::OkStatus();
}

absl::Status ChunkReader::Decode(schema::Chunk::Reader chunk, const ChunkHead& head,
                                 std::vector<Record>* records) {
  const auto columns = chunk.getColumns();
  if (head.compression == Compression::kNone) {
    absl::Status status = decoder_.Decode(columns.getPlain(), head.extent, records);
    if (status.ok() && costs_ != nullptr) costs_->AddEven(columns.getPlain(), 1);
    return status;
  }
  if (head.compression == Compression::kZstd) return DecodeZstd(columns.getZstd(), head, records);
  const capnp::Data::Reader packed = columns.getPacked();
  kj::ArrayInputStream stream(packed);
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = kColumnsBytesMax / 8 * (costs_ == nullptr ? 1 : 3);
  limits.nestingLimit = 16;
  capnp::PackedMessageReader message(stream, limits);
  const auto unpacked = message.getRoot<schema::Columns>();
  absl::Status status = decoder_.Decode(unpacked, head.extent, records);
  if (status.ok() && costs_ != nullptr) {
    const auto bytes = static_cast<double>(unpacked.totalSize().wordCount * sizeof(capnp::word));
    costs_->AddEven(unpacked, static_cast<double>(packed.size()) / bytes);
  }
  return status;
}

absl::Status ChunkReader::DecodeZstd(capnp::Data::Reader data, const ChunkHead& head,
                                     std::vector<Record>* records) {
  const unsigned long long size = ZSTD_getFrameContentSize(data.begin(), data.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > kColumnsBytesMax || size % 8 != 0) {
    return Damaged("a chunk's columns do not unpack to a length that is allowed");
  }
  const std::span<unsigned char> plain = plain_.Resize(static_cast<std::size_t>(size));
  const std::size_t unpacked =
      ZSTD_decompressDCtx(zstd_, plain.data(), plain.size(), data.begin(), data.size());
  if (ZSTD_isError(unpacked) != 0) {
    return Damaged(absl::StrCat("a chunk's columns do not unpack: ", ZSTD_getErrorName(unpacked)));
  }
  if (unpacked != plain.size()) return Damaged("a chunk's columns are shorter than they say");
  capnp::FlatArrayMessageReader message(plain_.words(), LimitsFor(plain.size()));
  const auto columns = message.getRoot<schema::Columns>();
  absl::Status status = decoder_.Decode(columns, head.extent, records);
  if (status.ok() && costs_ != nullptr) {
    costs_->AddZstd(columns, plain, {data.begin(), data.size()});
  }
  return status;
}

}  // namespace groundhog::traces
