#include "traces/columns_message.h"

#include <zstd.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "traces/byte_order.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

// Smaller planes share a block, because a block's own statistics would cost more than they save.
constexpr std::size_t kBlockBytesMin = 1'024;

absl::Status Damaged(const std::string& what) { return absl::DataLossError(what); }

}  // namespace

void BlockEnds::Take(std::span<const unsigned char> plane) {
  if (plane.size() < kBlockBytesMin) return;
  ends_.push_back(plane.data());
  ends_.push_back(plane.data() + plane.size());
}

ColumnsPacker::ColumnsPacker(Compression compression, int level)
    : compression_(compression), zstd_(ZSTD_createCCtx()) {
  sim::Check(zstd_ != nullptr, "there is memory for a compressor");
  ZSTD_CCtx_setParameter(zstd_, ZSTD_c_compressionLevel, level);
}

ColumnsPacker::~ColumnsPacker() { ZSTD_freeCCtx(zstd_); }

void ColumnsPacker::Pack(capnp::MessageBuilder& message, const BlockEnds& blocks,
                         std::vector<unsigned char>* out) {
  const auto segments = message.getSegmentsForOutput();
  sim::Check(segments.size() == 1, "a message of columns fits the segment made for it");
  if (compression_ == Compression::kZstd) {
    Zstd(segments[0].asBytes(), blocks, out);
    return;
  }
  kj::VectorOutputStream packed;
  capnp::writePackedMessage(packed, message);
  const auto bytes = packed.getArray();
  out->assign(bytes.begin(), bytes.end());
}

// One zstd frame of the framed message.
void ColumnsPacker::Zstd(kj::ArrayPtr<const unsigned char> segment, const BlockEnds& blocks,
                         std::vector<unsigned char>* out) {
  unsigned char frame[kFrameBytes];
  StoreLittleEndian64(std::uint64_t{segment.size() / 8} << 32, frame);
  const std::size_t total = kFrameBytes + segment.size();
  ZSTD_CCtx_reset(zstd_, ZSTD_reset_session_only);
  ZSTD_CCtx_setPledgedSrcSize(zstd_, total);
  // Every block may cost a few bytes beyond the bound for one frame.
  out->resize(ZSTD_compressBound(total) + 16 * (blocks.ends().size() + 2));
  ZSTD_outBuffer buffer{out->data(), out->size(), 0};
  const auto feed = [this, &buffer](const unsigned char* begin, std::size_t size,
                                    ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{begin, size, 0};
    const std::size_t left = ZSTD_compressStream2(zstd_, &buffer, &in, directive);
    sim::Check(ZSTD_isError(left) == 0 && (directive == ZSTD_e_continue || left == 0),
               "zstd has room for everything it is given");
  };
  feed(frame, kFrameBytes, ZSTD_e_continue);
  const unsigned char* at = segment.begin();
  for (const unsigned char* end : blocks.ends()) {
    if (end > at) feed(at, static_cast<std::size_t>(end - at), ZSTD_e_flush);
    at = end;
  }
  feed(at, static_cast<std::size_t>(segment.end() - at), ZSTD_e_end);
  out->resize(buffer.pos);
}

ZstdReader::ZstdReader() : zstd_(ZSTD_createDCtx()) {
  sim::Check(zstd_ != nullptr, "there is memory for a decompressor");
}

ZstdReader::~ZstdReader() { ZSTD_freeDCtx(zstd_); }

absl::StatusOr<const EntryBuffer*> ZstdReader::Read(std::span<const unsigned char> data,
                                                    std::size_t bytes_max) {
  const unsigned long long size = ZSTD_getFrameContentSize(data.data(), data.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > bytes_max ||
      size % 8 != 0) {
    return Damaged("the columns do not unpack to a length that is allowed");
  }
  const std::span<unsigned char> plain = plain_.Resize(static_cast<std::size_t>(size));
  const std::size_t unpacked =
      ZSTD_decompressDCtx(zstd_, plain.data(), plain.size(), data.data(), data.size());
  if (ZSTD_isError(unpacked) != 0) {
    return Damaged(absl::StrCat("the columns do not unpack: ", ZSTD_getErrorName(unpacked)));
  }
  if (unpacked != plain.size()) return Damaged("the columns are shorter than they say");
  return &plain_;
}

}  // namespace groundhog::traces
