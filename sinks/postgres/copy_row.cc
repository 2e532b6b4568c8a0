#include "sinks/postgres/copy_row.h"

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "traces/json_renderer.h"

namespace groundhog::sinks {
namespace {

// 2000-01-01T00:00:00Z, from which PostgreSQL counts microseconds.
constexpr std::int64_t kEpochUnixMilliseconds = 946'684'800'000;

constexpr char kHeader[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";  // no flags, no extension
constexpr char kTrailer[] = "\377\377";

template <class Integer>
void AppendBigEndian(Integer value, std::string* out) {
  char bytes[sizeof value];
  auto rest = static_cast<std::make_unsigned_t<Integer>>(value);
  for (std::size_t i = sizeof value; i-- > 0; rest >>= 8) bytes[i] = static_cast<char>(rest & 0xFF);
  out->append(bytes, sizeof value);
}

void AppendNumber(std::int64_t value, std::string* out) {
  AppendBigEndian(std::int32_t{sizeof value}, out);
  AppendBigEndian(value, out);
}

void AppendText(std::string_view text, std::string* out) {
  AppendBigEndian(static_cast<std::int32_t>(text.size()), out);
  out->append(text);
}

void AppendNull(std::string* out) { AppendBigEndian(std::int32_t{-1}, out); }

std::string Field(std::string_view text) {
  std::string field;
  AppendText(text, &field);
  return field;
}

char Unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

int HexDigit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// What text::AppendJsonEscaped has escaped.
void AppendUnescaped(std::string_view json, std::string* out) {
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (json[at] != '\\' || at + 1 == json.size()) {
      out->push_back(json[at]);
    } else if (json[++at] == 'u' && at + 4 < json.size()) {
      out->push_back(static_cast<char>(16 * HexDigit(json[at + 3]) + HexDigit(json[at + 4])));
      at += 4;
    } else {
      out->push_back(Unescaped(json[at]));
    }
  }
}

// The message in a line, still escaped. A quotation mark within a JSON string has a backslash
// before it, so that the keys are found and nothing that looks like them.
std::string_view MessageIn(std::string_view line) {
  constexpr std::string_view kBefore = ",\"message\":\"";
  constexpr std::string_view kAfter = "\",\"timestamp\":\"";
  const std::size_t at = line.find(kBefore);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + kBefore.size());
  return line.substr(0, line.find(kAfter));
}

void AppendMessage(std::string_view json, std::string* out) {
  if (json.find('\\') == std::string_view::npos) {
    AppendText(json, out);
    return;
  }
  std::string text;
  AppendUnescaped(json, &text);
  AppendText(text, out);
}

absl::Status CheckText(std::string_view kind, const std::string& text) {
  if (text.find('\0') == std::string::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the trace has ", std::string(kind),
                   " with a NUL character in it, which a text in PostgreSQL cannot hold: replay it "
                   "to another sink"));
}

}  // namespace

std::string_view CopyHeader() { return {kHeader, sizeof kHeader - 1}; }
std::string_view CopyTrailer() { return {kTrailer, sizeof kTrailer - 1}; }

absl::Status CheckPostgresText(const traces::Catalogue& catalogue) {
  absl::Status status;
  for (const auto& service : catalogue.services) {
    if (status.ok()) status = CheckText("a service's name", service.name);
  }
  for (const auto& entity : catalogue.entities) {
    if (status.ok()) status = CheckText("a host's name", entity.name);
  }
  for (const auto& message : catalogue.templates) {
    if (status.ok()) status = CheckText("a message", message.text);
  }
  for (const std::string& code : catalogue.error_codes) {
    if (status.ok()) status = CheckText("an error code", code);
  }
  return status;
}

RowEncoder::RowEncoder(const traces::Catalogue& catalogue) {
  for (const auto& service : catalogue.services) services_.push_back(Field(service.name));
  for (const auto& level : traces::kLevelNames.rows()) {
    levels_[traces::Index(level.value)] = Field(level.name);
  }
  for (const std::string& code : catalogue.error_codes) error_codes_.push_back(Field(code));
  for (const auto& entity : catalogue.entities) hosts_.push_back(Field(entity.name));
}

void RowEncoder::Append(const Delivery& delivery, std::string* out) const {
  const traces::Record& record = delivery.record;
  AppendBigEndian(static_cast<std::int16_t>(kLogColumns.size()), out);
  AppendNumber(static_cast<std::int64_t>(delivery.position), out);
  out->append(services_[traces::Index(record.service)]);
  out->append(levels_[traces::Index(record.level)]);
  AppendMessage(MessageIn(delivery.line), out);
  AppendNumber((delivery.timestamp_unix_milliseconds - kEpochUnixMilliseconds) * 1000, out);
  AppendNumber(record.duration.milliseconds(), out);
  AppendText(traces::TraceIdIn(delivery.line), out);
  if (record.dependency == traces::ServiceId::kNone) {
    AppendNull(out);
  } else {
    out->append(services_[traces::Index(record.dependency)]);
  }
  if (record.error_code == traces::ErrorCodeId::kNone) {
    AppendNull(out);
  } else {
    out->append(error_codes_[traces::Index(record.error_code)]);
  }
  out->append(hosts_[sim::Index(record.host)]);
}

}  // namespace groundhog::sinks
