// How a chunk keeps its columns.
#ifndef GROUNDHOG_TRACES_COMPRESSION_H_
#define GROUNDHOG_TRACES_COMPRESSION_H_

namespace groundhog::traces {

// kNone for tools without zstd, kPacked for those that know only Cap'n Proto.
enum class Compression { kNone, kPacked, kZstd };

// Of zstd.
inline constexpr int kZstdLevelDefault = 1;
inline constexpr int kZstdLevelMax = 19;

// "none", "packed", "zstd".
constexpr const char* CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kPacked:
      return "packed";
    case Compression::kZstd:
      return "zstd";
  }
  return "?";
}

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_COMPRESSION_H_
