#include "text/json_writer.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "sim/check.h"
#include "text/numbers.h"
#include "text/utf8.h"

namespace groundhog::text {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void AppendEscapedAscii(char c, std::string* out) {
  switch (c) {
    case '"':
      *out += "\\\"";
      break;
    case '\\':
      *out += "\\\\";
      break;
    case '\b':
      *out += "\\b";
      break;
    case '\f':
      *out += "\\f";
      break;
    case '\n':
      *out += "\\n";
      break;
    case '\r':
      *out += "\\r";
      break;
    case '\t':
      *out += "\\t";
      break;
    default:
      if (static_cast<unsigned char>(c) < 0x20) {
        *out += "\\u00";
        *out += kHexDigits[static_cast<unsigned char>(c) >> 4];
        *out += kHexDigits[c & 15];
      } else {
        *out += c;
      }
  }
}

}  // namespace

void AppendJsonEscaped(std::string_view text, std::string* out) {
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 1) {
      AppendEscapedAscii(text.front(), out);
    } else {
      *out += length == 0 ? kReplacement : text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  AppendJsonEscaped(text, out);
  *out += '"';
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  sim::Check(!open_.empty() && open_.back().end == '}' && !has_key_, "a JSON key is in an object");
  Separate();
  AppendJsonString(key, &text_);
  text_ += open_.back().layout == Layout::kCompact ? ":" : ": ";
  has_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::Value(std::string_view text) {
  std::string quoted;
  AppendJsonString(text, &quoted);
  return Json(quoted);
}

JsonWriter& JsonWriter::Value(double number) {
  return Json(std::isfinite(number) ? FormatNumber(number) : "null");
}

JsonWriter& JsonWriter::Json(std::string_view json) {
  SeparateValue();
  text_ += json;
  has_key_ = false;
  return *this;
}

JsonWriter& JsonWriter::Begin(char begin, char end, Layout layout) {
  sim::Check(layout != Layout::kLines || open_.empty() || open_.back().layout == Layout::kLines,
             "lines of JSON are within lines of JSON");
  SeparateValue();
  text_ += begin;
  open_.push_back({.end = end, .layout = layout});
  has_key_ = false;
  return *this;
}

JsonWriter& JsonWriter::End(char end) {
  sim::Check(!open_.empty() && open_.back().end == end && !has_key_, "JSON ends what it began");
  const Open ended = open_.back();
  open_.pop_back();
  if (ended.layout == Layout::kLines && !ended.is_empty) BreakLine();
  text_ += end;
  return *this;
}

void JsonWriter::SeparateValue() {
  if (has_key_ || open_.empty()) return;
  sim::Check(open_.back().end == ']', "a JSON value in an object has a key");
  Separate();
}

void JsonWriter::Separate() {
  Open& place = open_.back();
  if (!place.is_empty) text_ += place.layout == Layout::kSpaced ? ", " : ",";
  if (place.layout == Layout::kLines) BreakLine();
  place.is_empty = false;
}

void JsonWriter::BreakLine() {
  text_ += '\n';
  text_.append(2 * open_.size(), ' ');
}

std::string JsonWriter::Take() {
  sim::Check(open_.empty(), "JSON ends what it began");
  return std::exchange(text_, {});
}

}  // namespace groundhog::text
