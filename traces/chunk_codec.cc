#include "traces/chunk_codec.h"

#include <capnp/serialize.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

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
      packer_(compression, level) {}

ChunkBuilder::~ChunkBuilder() = default;

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
  BlockEnds blocks;
  encoder.Build(message.initRoot<schema::Columns>(), [&blocks](auto plane) { blocks.Take(plane); });
  packer_.Pack(message, blocks, &compressed_);
}

ChunkReader::ChunkReader(const Catalogue& catalogue, sim::Duration resolution, ColumnCosts* costs)
    : decoder_(catalogue, resolution), costs_(costs) {}

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
  return WithPacked<schema::Columns>(
      packed, kColumnsBytesMax / 8 * (costs_ == nullptr ? 1 : 3),
      [&](schema::Columns::Reader unpacked) {
        absl::Status status = decoder_.Decode(unpacked, head.extent, records);
        if (!status.ok() || costs_ == nullptr) return status;
        const auto bytes =
            static_cast<double>(unpacked.totalSize().wordCount * sizeof(capnp::word));
        costs_->AddEven(unpacked, static_cast<double>(packed.size()) / bytes);
        return status;
      });
}

absl::Status ChunkReader::DecodeZstd(capnp::Data::Reader data, const ChunkHead& head,
                                     std::vector<Record>* records) {
  const absl::StatusOr<const EntryBuffer*> plain =
      zstd_.Read({data.begin(), data.size()}, kColumnsBytesMax);
  if (!plain.ok()) return plain.status();
  capnp::FlatArrayMessageReader message((*plain)->words(), LimitsFor((*plain)->bytes().size()));
  const auto columns = message.getRoot<schema::Columns>();
  absl::Status status = decoder_.Decode(columns, head.extent, records);
  if (status.ok() && costs_ != nullptr) {
    costs_->AddZstd(columns, (*plain)->bytes(), {data.begin(), data.size()});
  }
  return status;
}

}  // namespace groundhog::traces
