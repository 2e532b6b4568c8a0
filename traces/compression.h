// How a chunk keeps its columns.
#ifndef GROUNDHOG_TRACES_COMPRESSION_H_
#define GROUNDHOG_TRACES_COMPRESSION_H_

#include <array>

#include "text/enum_names.h"

namespace groundhog::traces {

// kNone for tools without zstd, kPacked for those that know only Cap'n Proto.
enum class Compression { kNone, kPacked, kZstd };
inline constexpr text::EnumNames kCompressionNames(
    std::to_array<text::EnumName<Compression>>({{Compression::kNone, "none"},
                                                {Compression::kPacked, "packed"},
                                                {Compression::kZstd, "zstd"}}));

// Of zstd.
inline constexpr int kZstdLevelDefault = 1;
inline constexpr int kZstdLevelMax = 19;

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_COMPRESSION_H_
