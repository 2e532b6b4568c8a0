// What each column costs in the file: the bytes that it takes as it is stored, compressed. For
// `groundhog info --columns`.
//
// zstd's blocks end where larger planes end (FORMAT.md, "Compression"), so the cost of a large
// plane is exact. Of a block, or of a packed message, that holds more than one plane each plane
// gets a share by its length.
#ifndef GROUNDHOG_TRACES_COLUMN_COSTS_H_
#define GROUNDHOG_TRACES_COLUMN_COSTS_H_

#include <map>
#include <span>
#include <string>

#include "traces/trace.capnp.h"

namespace groundhog::traces {

// Not thread-safe.
class ColumnCosts {
 public:
  // The columns, of which each byte takes `stored_per_byte`. May throw kj::Exception.
  void AddEven(schema::Columns::Reader columns, double stored_per_byte);

  // The columns that lie in `message`, which is unpacked from `zstd`, one frame. May throw
  // kj::Exception.
  void AddZstd(schema::Columns::Reader columns, std::span<const unsigned char> message,
               std::span<const unsigned char> zstd);

  // Bytes by the column's name in trace.capnp, such as "duration" or "requests.source"; without
  // what is no value: pointers, lengths, padding.
  const std::map<std::string, double>& bytes() const { return bytes_; }

 private:
  std::map<std::string, double> bytes_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_COLUMN_COSTS_H_
