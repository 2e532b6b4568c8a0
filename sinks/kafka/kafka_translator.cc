#include "sinks/kafka/kafka_translator.h"

#include <cstddef>
#include <utility>

namespace groundhog::sinks {
namespace {

constexpr std::int16_t kUnsupportedVersion = 35;
constexpr std::int16_t kFirstCompactApiVersions = 3;  // the first with lengths as varints, and tags
constexpr std::size_t kCompactCountMax = 126;         // more takes a second byte

template <class Number>
void Append(Number number, std::string& out) {
  for (std::size_t byte = sizeof number; byte-- > 0;) {
    out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * byte));
  }
}

// Goes through a message, big-endian as all of Kafka's. Beyond the end everything is 0, and
// is_good false.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  Number Read() {
    std::uint64_t value = 0;
    const std::size_t begin = at_;
    Skip(sizeof(Number));
    if (!is_good_) return 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
      value = value << 8 | static_cast<unsigned char>(bytes_[begin + i]);
    }
    return static_cast<Number>(value);
  }

  void Skip(std::size_t count) {
    is_good_ = is_good_ && bytes_.size() - at_ >= count;
    if (is_good_) at_ += count;
  }

  // A string with its length before it; -1: null.
  void SkipString() {
    const auto length = Read<std::int16_t>();
    if (length > 0) Skip(static_cast<std::size_t>(length));
  }

  std::size_t at() const { return at_; }
  bool is_good() const { return is_good_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool is_good_ = true;
};

// Where ports stand in an answer; nullopt: it does not look as it should.
using Places = std::optional<std::map<std::size_t, std::int32_t>>;

Places PortsInMetadata(std::string_view answer, std::int16_t version) {
  Cursor cursor(answer);
  cursor.Skip(sizeof(std::int32_t) + (version >= 3 ? sizeof(std::int32_t) : 0));  // throttle time
  const auto brokers = cursor.Read<std::int32_t>();
  std::map<std::size_t, std::int32_t> places;
  for (std::int32_t i = 0; i < brokers && cursor.is_good(); ++i) {
    cursor.Skip(sizeof(std::int32_t));  // its id
    cursor.SkipString();                // its host
    const std::size_t place = cursor.at();
    places[place] = cursor.Read<std::int32_t>();
    if (version >= 1) cursor.SkipString();  // its rack
  }
  if (!cursor.is_good()) return std::nullopt;
  return places;
}

Places PortInCoordinator(std::string_view answer, std::int16_t version) {
  Cursor cursor(answer);
  cursor.Skip(sizeof(std::int32_t) + (version >= 1 ? sizeof(std::int32_t) : 0));  // throttle time
  cursor.Skip(sizeof(std::int16_t));                                              // error
  if (version >= 1) cursor.SkipString();                                          // its text
  cursor.Skip(sizeof(std::int32_t));                                              // broker
  cursor.SkipString();                                                            // host
  const std::size_t place = cursor.at();
  const auto port = cursor.Read<std::int32_t>();
  if (!cursor.is_good()) return std::nullopt;
  return std::map<std::size_t, std::int32_t>{{place, port}};
}

// Of an answer of version 0, one of the version that was asked for.
std::optional<std::string> ApiVersionsAnswer(std::string_view plain, std::int16_t version) {
  Cursor cursor(plain);
  std::string out;
  Append(cursor.Read<std::int32_t>(), out);  // correlation id
  if (version > kApiVersionsVersionMax) {
    // As brokers answer what is too new for them: in version 0, with what they can do.
    Append(kUnsupportedVersion, out);
    Append(std::int32_t{1}, out);
    for (const std::int16_t number : {kKafkaApiVersions, std::int16_t{0}, kApiVersionsVersionMax}) {
      Append(number, out);
    }
    return out;
  }
  Append(cursor.Read<std::int16_t>(), out);  // error
  const auto count = static_cast<std::size_t>(cursor.Read<std::int32_t>());
  if (!cursor.is_good() || count > kCompactCountMax) return std::nullopt;
  Append(static_cast<std::uint8_t>(count + 1), out);
  for (std::size_t i = 0; i < count; ++i) {
    const auto api = cursor.Read<std::int16_t>();
    const auto first = cursor.Read<std::int16_t>();
    const auto last = cursor.Read<std::int16_t>();
    Append(api, out);
    Append(first, out);
    Append(api == kKafkaApiVersions ? kApiVersionsVersionMax : last, out);
    Append(std::uint8_t{0}, out);  // no tags
  }
  Append(std::int32_t{0}, out);  // throttle time
  Append(std::uint8_t{0}, out);  // no tags
  if (!cursor.is_good()) return std::nullopt;
  return out;
}

}  // namespace

KafkaTranslator::KafkaTranslator(std::map<std::int32_t, std::int32_t> ports)
    : ports_(std::move(ports)) {}

std::optional<std::string> KafkaTranslator::Request(std::string_view request) {
  Cursor cursor(request);
  const auto api = cursor.Read<std::int16_t>();
  const auto version = cursor.Read<std::int16_t>();
  const auto correlation = cursor.Read<std::int32_t>();
  const std::size_t client_name = cursor.at();
  cursor.SkipString();
  if (!cursor.is_good()) return std::nullopt;
  asked_[correlation] = {.api = api, .version = version};
  if (api != kKafkaApiVersions || version < kFirstCompactApiVersions) return std::string(request);
  std::string plain;
  Append(api, plain);
  Append(std::int16_t{0}, plain);
  Append(correlation, plain);
  return plain.append(request.substr(client_name, cursor.at() - client_name));
}

std::optional<std::string> KafkaTranslator::Answer(std::string_view answer) {
  Cursor cursor(answer);
  const auto correlation = cursor.Read<std::int32_t>();
  const auto found = asked_.find(correlation);
  if (!cursor.is_good() || found == asked_.end()) return std::nullopt;
  const Asked asked = found->second;
  asked_.erase(found);
  if (asked.api == kKafkaApiVersions && asked.version >= kFirstCompactApiVersions) {
    return ApiVersionsAnswer(answer, asked.version);
  }
  Places places = std::map<std::size_t, std::int32_t>();
  if (asked.api == kKafkaMetadata) places = PortsInMetadata(answer, asked.version);
  if (asked.api == kKafkaFindCoordinator) places = PortInCoordinator(answer, asked.version);
  if (!places) return std::nullopt;
  std::string out(answer);
  for (const auto& [place, port] : *places) {
    const auto other = ports_.find(port);
    if (other == ports_.end()) continue;  // no broker's: there is no coordinator, say
    std::string bytes;
    Append(other->second, bytes);
    out.replace(place, bytes.size(), bytes);
  }
  return out;
}

}  // namespace groundhog::sinks
