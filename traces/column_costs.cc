#include "traces/column_costs.h"

#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/check.h"

namespace groundhog::traces {
namespace {

// Where one plane lies.
struct Plane {
  const unsigned char* begin = nullptr;
  const unsigned char* end = nullptr;
  std::string_view column;
};

// Collects the planes of a chunk's columns.
class PlaneList {
 public:
  void Add(schema::Integers::Reader integers, std::string_view column) {
    for (const capnp::Data::Reader plane : integers.getPlanes()) {
      if (plane.size() > 0) planes_.push_back({plane.begin(), plane.end(), column});
    }
  }
  void Add(capnp::List<schema::Integers>::Reader list, std::string_view column) {
    for (const schema::Integers::Reader integers : list) Add(integers, column);
  }

  std::vector<Plane> Take() { return std::move(planes_); }

 private:
  std::vector<Plane> planes_;
};

std::vector<Plane> PlanesOf(schema::Columns::Reader columns) {
  PlaneList planes;
  planes.Add(columns.getRequestAge(), "requestAge");
  planes.Add(columns.getShape(), "shape");
  planes.Add(columns.getPick(), "pick");
  planes.Add(columns.getTimeDelta(), "timeDelta");
  planes.Add(columns.getDuration(), "duration");
  planes.Add(columns.getQueueWait(), "queueWait");
  planes.Add(columns.getSlots(), "slots");
  planes.Add(columns.getClockSkew(), "clockSkew");
  const auto requests = columns.getRequests();
  planes.Add(requests.getSource(), "requests.source");
  planes.Add(requests.getOrdinalDelta(), "requests.ordinalDelta");
  planes.Add(requests.getFields(), "requests.fields");
  const auto shapes = columns.getShapes();
  for (const auto column :
       {shapes.getStep(), shapes.getService(), shapes.getLevel(), shapes.getMessage(),
        shapes.getMessageCount(), shapes.getDependency(), shapes.getErrorCode(), shapes.getTruth(),
        shapes.getWaited(), shapes.getTimeGroup(), shapes.getDurationGroup()}) {
    planes.Add(column, "shapes");
  }
  const auto steps = columns.getSteps();
  for (const auto column :
       {steps.getCallPath(), steps.getSpan(), steps.getParentSpan(), steps.getAttempt()}) {
    planes.Add(column, "steps");
  }
  const auto truths = columns.getTruths();
  for (const auto column : {truths.getFault(), truths.getRoot(), truths.getOccurrence(),
                            truths.getHops(), truths.getAlso()}) {
    planes.Add(column, "truths");
  }
  return planes.Take();
}

// Calls `take` for each block of a frame that has been unpacked before: the bytes of the message
// that it holds, and how many bytes it takes as it is stored. The frame's head is part of the
// first.
template <class Take>
void ForEachBlock(std::span<const unsigned char> message, std::span<const unsigned char> zstd,
                  const Take& take) {
  std::vector<unsigned char> unpacked(message.size());
  ZSTD_DCtx* const context = ZSTD_createDCtx();
  sim::Check(context != nullptr, "there is memory for a decompressor");
  ZSTD_outBuffer out{unpacked.data(), unpacked.size(), 0};
  ZSTD_inBuffer in{zstd.data(), 0, 0};
  // Each call returns how much it wants next: a block, with the head of the one after it.
  std::size_t wanted = ZSTD_initDStream(context);
  std::size_t stored = 0;
  while (wanted != 0 && ZSTD_isError(wanted) == 0 && in.pos < zstd.size()) {
    const std::size_t out_before = out.pos;
    const std::size_t in_before = in.pos;
    in.size = in.pos + std::min(wanted, zstd.size() - in.pos);
    wanted = ZSTD_decompressStream(context, &out, &in);
    stored += in.pos - in_before;
    if (out.pos == out_before) continue;
    take(message.subspan(out_before, out.pos - out_before), stored);
    stored = 0;
  }
  ZSTD_freeDCtx(context);
}

}  // namespace

void ColumnCosts::AddEven(schema::Columns::Reader columns, double stored_per_byte) {
  for (const Plane& plane : PlanesOf(columns)) {
    bytes_[std::string(plane.column)] +=
        static_cast<double>(plane.end - plane.begin) * stored_per_byte;
  }
}

void ColumnCosts::AddZstd(schema::Columns::Reader columns, std::span<const unsigned char> message,
                          std::span<const unsigned char> zstd) {
  std::vector<Plane> planes = PlanesOf(columns);
  std::ranges::sort(planes, {}, &Plane::begin);
  auto plane = planes.begin();
  ForEachBlock(message, zstd, [&](std::span<const unsigned char> block, std::size_t stored) {
    const unsigned char* const end = block.data() + block.size();
    for (; plane != planes.end() && plane->begin < end; ++plane) {
      const unsigned char* const from = std::max(plane->begin, block.data());
      // Planes of a hostile message may overlap: then one may have ended in an earlier block.
      const std::ptrdiff_t share = std::max<std::ptrdiff_t>(0, std::min(plane->end, end) - from);
      bytes_[std::string(plane->column)] += static_cast<double>(share) *
                                            static_cast<double>(stored) /
                                            static_cast<double>(block.size());
      if (plane->end > end) break;  // it goes on in the next block
    }
  });
}

}  // namespace groundhog::traces
