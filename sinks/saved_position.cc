#include "sinks/saved_position.h"

#include <charconv>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sim/name_hash.h"

namespace groundhog::sinks {
namespace {

constexpr std::string_view kFormat = "groundhog-position-1";
constexpr std::string_view kAnchor = "anchor";
constexpr std::size_t kValueBytesMax = 300;
constexpr std::size_t kShortenedBytes = 200;  // and its hash still fit

// The hash only distinguishes long values that begin alike.
std::string Shortened(std::string value) {
  if (value.size() <= kValueBytesMax) return value;
  return absl::StrCat(value.substr(0, kShortenedBytes), "... (", value.size(), " bytes, hash ",
                      absl::Hex(sim::HashName(value), absl::kZeroPad16), ")");
}

// No ';', '=' or anything unprintable within a value.
std::string Escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    const bool is_plain = c > ' ' && c < 0x7f && c != ';' && c != '=' && c != '%';
    if (is_plain) {
      out += c;
    } else {
      absl::StrAppend(&out, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return out;
}

std::optional<std::string> Unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    unsigned value = 0;
    if (at + 2 >= text.size()) return std::nullopt;
    const char* const digits = text.data() + at + 1;
    if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return std::nullopt;
    out += static_cast<char>(value);
    at += 2;
  }
  return out;
}

std::string Shown(const std::string& value) {
  return value.empty() ? "none" : absl::StrCat("'", value, "'");
}

}  // namespace

void ReplayIdentity::Add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), Shortened(std::move(value)));
}

absl::Status ReplayIdentity::CheckContinues(const ReplayIdentity& earlier) const {
  const auto differs = [](const std::string& name, const std::string& before,
                          const std::string& now) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, " was ", Shown(before), " when it began, and is ", Shown(now)));
  };
  for (std::size_t i = 0; i < fields_.size() && i < earlier.fields_.size(); ++i) {
    if (fields_[i] == earlier.fields_[i]) continue;
    if (fields_[i].first != earlier.fields_[i].first) break;
    return differs(fields_[i].first, earlier.fields_[i].second, fields_[i].second);
  }
  if (fields_ == earlier.fields_) return absl::OkStatus();
  return absl::FailedPreconditionError("it was begun by another version of this program");
}

std::string EncodeIdentity(const SavedPosition& saved) {
  std::string text(kFormat);
  for (const auto& [name, value] : saved.identity.fields()) {
    absl::StrAppend(&text, ";", Escaped(name), "=", Escaped(value));
  }
  if (saved.anchor_unix_nanoseconds) {
    absl::StrAppend(&text, ";", std::string(kAnchor), "=", *saved.anchor_unix_nanoseconds);
  }
  return text;
}

absl::StatusOr<SavedPosition> DecodeIdentity(std::string_view text, std::uint64_t position) {
  const absl::Status not_ours = absl::DataLossError("it was not written by groundhog-replay");
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ';');
  if (parts.front() != kFormat) return not_ours;
  SavedPosition saved{.position = position};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    if (equals == std::string::npos) return not_ours;
    const std::optional<std::string> name = Unescaped(parts[i].substr(0, equals));
    const std::optional<std::string> value = Unescaped(parts[i].substr(equals + 1));
    if (!name || !value) return not_ours;
    if (*name == kAnchor) {
      std::int64_t anchor = 0;
      const char* const end = value->data() + value->size();
      if (std::from_chars(value->data(), end, anchor).ptr != end) return not_ours;
      saved.anchor_unix_nanoseconds = anchor;
    } else {
      saved.identity.Add(*name, *value);
    }
  }
  return saved;
}

}  // namespace groundhog::sinks
