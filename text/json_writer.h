// Writes JSON: the same values give the same bytes, on every machine and in every locale.
//
//   JsonWriter json;
//   json.BeginObject(JsonWriter::Layout::kSpaced);
//   json.Put("name", "shop");
//   json.Key("hosts").BeginArray(JsonWriter::Layout::kSpaced);
//   json.Value(1).Value(2).EndArray();
//   json.EndObject();
//   json.Take();  // {"name": "shop", "hosts": [1, 2]}
//
// Not thread-safe; the functions are.
#ifndef GROUNDHOG_TEXT_JSON_WRITER_H_
#define GROUNDHOG_TEXT_JSON_WRITER_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace groundhog::text {

// Appends `text` as the inside of a JSON string: quotes, backslashes and control characters
// escaped. A byte that belongs to no well-formed UTF-8 becomes U+FFFD, so that the result is JSON
// whatever is given.
void AppendJsonEscaped(std::string_view text, std::string* out);

// Appends `text` in quotes.
void AppendJsonString(std::string_view text, std::string* out);

// Keys and values have to come in an order that makes sense (a key before each value of an object,
// each Begin with its End), which is a caller's duty and checked. Keys are not checked to differ.
class JsonWriter {
 public:
  // How the members of an object or the elements of an array are set. What is empty is {} or [].
  enum class Layout : std::uint8_t {
    kCompact,  // {"a":1,"b":2}
    kSpaced,   // {"a": 1, "b": 2}
    kLines,    // each on a line of its own, two blanks a level; only within kLines
  };

  JsonWriter& BeginObject(Layout layout) { return Begin('{', '}', layout); }
  JsonWriter& BeginArray(Layout layout) { return Begin('[', ']', layout); }
  JsonWriter& EndObject() { return End('}'); }
  JsonWriter& EndArray() { return End(']'); }

  JsonWriter& Key(std::string_view key);

  JsonWriter& Value(std::string_view text);
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(bool value) { return Json(value ? "true" : "false"); }
  template <std::integral Number>
  JsonWriter& Value(Number number) {
    return Json(std::to_string(number));
  }
  // The shortest decimal that reads back to the same double; null unless finite.
  JsonWriter& Value(double number);
  // null when there is none.
  template <class T>
  JsonWriter& Value(const std::optional<T>& value) {
    return value ? Value(*value) : Null();
  }
  JsonWriter& Null() { return Json("null"); }
  // A value that is JSON already.
  JsonWriter& Json(std::string_view json);

  // Key and value.
  template <class T>
  JsonWriter& Put(std::string_view key, const T& value) {
    return Key(key).Value(value);
  }
  JsonWriter& PutJson(std::string_view key, std::string_view json) { return Key(key).Json(json); }

  // What was written, once all that was begun has ended; without a newline at its end.
  std::string Take();
  // What was written since this was called last, for a text that is too long to be kept whole; Take
  // then gives the rest.
  std::string TakeSoFar() { return std::exchange(text_, {}); }

 private:
  struct Open {
    char end;
    Layout layout;
    bool is_empty = true;
  };

  JsonWriter& Begin(char begin, char end, Layout layout);
  JsonWriter& End(char end);
  void SeparateValue();  // unless its key did
  void Separate();       // from the member or element before
  void BreakLine();      // and indent as deep as the open objects and arrays are

  std::string text_;
  std::vector<Open> open_;
  bool has_key_ = false;  // whose value comes next
};

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_JSON_WRITER_H_
