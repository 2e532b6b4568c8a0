#include "model/scenario/surrogate_pairs.h"

#include <cstddef>
#include <cstdint>

namespace groundhog::model {
namespace {

constexpr std::size_t kEscapeLength = 6;   // of "\ud83d"
constexpr std::size_t kPrivateLength = 3;  // of a character of the private use area, in UTF-8
constexpr std::size_t kHalfBits = 10;
constexpr std::uint32_t kHalfMask = (1u << kHalfBits) - 1;
constexpr std::uint32_t kPairsBegin = 0x10000;

bool IsOneOf(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

// Whether "\uXYnn" stands there, with X in `first` and Y in `second`.
bool IsEscape(std::string_view text, std::size_t at, std::string_view first,
              std::string_view second) {
  if (text.size() < at + kEscapeLength || text[at] != '\\' || text[at + 1] != 'u') return false;
  return IsOneOf(text[at + 2], first) && IsOneOf(text[at + 3], second);
}

constexpr std::string_view kHighHalf = "89abAB";
constexpr std::string_view kLowHalf = "cdefCDEF";

bool IsPair(std::string_view text, std::size_t at, std::string_view first) {
  return IsEscape(text, at, first, kHighHalf) &&
         IsEscape(text, at + kEscapeLength, first, kLowHalf);
}

// U+E800 to U+EFFF in UTF-8.
bool IsPrivate(std::string_view text, std::size_t at) {
  return text.size() >= at + kPrivateLength && text[at] == '\xEE' &&
         static_cast<unsigned char>(text[at + 1]) >= 0xA0;
}

bool UsesPrivateArea(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsPrivate(text, i) || IsEscape(text, i, "eE", "89abAB") ||
        IsEscape(text, i, "eE", kLowHalf)) {
      return true;
    }
  }
  return false;
}

// The ten bits that the half stands for.
std::uint32_t HalfAt(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])) & 0x3F;
  };
  return ((byte(1) << 6) | byte(2)) & kHalfMask;
}

void AppendUtf8(std::uint32_t character, std::string& text) {
  text += static_cast<char>(0xF0 | (character >> 18));
  for (const int shift : {12, 6, 0}) {
    text += static_cast<char>(0x80 | ((character >> shift) & 0x3F));
  }
}

}  // namespace

SurrogatePairs::SurrogatePairs(std::string_view text) : text_(text) {
  bool is_escaped = false;  // the character, by a backslash before it
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_escaped || text[i] != '\\') {
      is_escaped = false;
      continue;
    }
    is_escaped = true;
    if (!IsPair(text, i, "dD")) continue;
    if (!has_pairs_ && UsesPrivateArea(text)) return;
    has_pairs_ = true;
    for (const std::size_t half : {i, i + kEscapeLength}) ++text_[half + 2];  // d becomes e
    i += 2 * kEscapeLength - 1;
    is_escaped = false;
  }
}

std::string SurrogatePairs::Restored(const std::string& scalar) const {
  if (!has_pairs_) return scalar;
  std::string restored;
  for (std::size_t i = 0; i < scalar.size();) {
    if (IsPair(scalar, i, "eE")) {
      for (std::size_t k = 0; k < 2 * kEscapeLength; ++k) {
        const bool is_changed = k % kEscapeLength == 2;
        restored += static_cast<char>(scalar[i + k] - (is_changed ? 1 : 0));
      }
      i += 2 * kEscapeLength;
    } else if (IsPrivate(scalar, i) && IsPrivate(scalar, i + kPrivateLength)) {
      const std::uint32_t high = HalfAt(scalar, i);
      const std::uint32_t low = HalfAt(scalar, i + kPrivateLength);
      AppendUtf8(kPairsBegin + ((high << kHalfBits) | low), restored);
      i += 2 * kPrivateLength;
    } else {
      restored += scalar[i++];
    }
  }
  return restored;
}

}  // namespace groundhog::model
