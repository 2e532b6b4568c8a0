// Enums whose values have names. One table says which, and parsers, printers and lists of choices
// follow from it:
//
//   enum class Level { kInfo, kWarn, kError };
//   inline constexpr text::EnumNames kLevelNames(std::to_array<text::EnumName<Level>>(
//       {{Level::kInfo, "INFO"}, {Level::kWarn, "WARN"}, {Level::kError, "ERROR"}}));
//
// The compiler refuses a table that lacks an enumerator, or has them in another order. A row may
// say more than a name: every struct with the members `value` and `name` will do.
//
// Constant data; safe to use from any thread.
#ifndef GROUNDHOG_TEXT_ENUM_NAMES_H_
#define GROUNDHOG_TEXT_ENUM_NAMES_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace groundhog::text {

template <class Enum>
struct EnumName {
  Enum value{};
  std::string_view name;
};

// Whether an enum has a name for the value: a compiler writes others as "(Level)3".
template <auto kValue>
constexpr bool IsEnumerator() {
  const std::string_view function = __PRETTY_FUNCTION__;
  const char after = function[function.rfind(')') + 1];
  return after < '0' || after > '9';
}

// Whether the rows are all enumerators, from 0, in order.
template <class Row, std::size_t kRowCount>
constexpr bool IsDense(const std::array<Row, kRowCount>& rows) {
  using Enum = decltype(Row::value);
  for (std::size_t i = 0; i < kRowCount; ++i) {
    if (rows[i].value != static_cast<Enum>(i)) return false;
  }
  return !IsEnumerator<static_cast<Enum>(kRowCount)>();
}

// A text of constant data, at most kBytesMax long.
template <std::size_t kBytesMax>
struct FixedText {
  std::array<char, kBytesMax> bytes{};
  std::size_t size = 0;
  // Of this text, which must outlive it.
  constexpr std::string_view view() const { return {bytes.data(), size}; }
};

// The table: one row for each enumerator.
template <class Row, std::size_t kRowCount>
class EnumNames {
 public:
  static constexpr std::size_t kNameBytesMax = 31;
  using Enum = decltype(Row::value);
  using Names = FixedText<(kNameBytesMax + 1) * kRowCount>;
  static_assert(std::is_enum_v<Enum>);

  // Does not compile unless the rows are dense, and their names short.
  consteval explicit EnumNames(const std::array<Row, kRowCount>& rows) : rows_(rows) {
    if (!IsDense(rows)) throw "the rows must be all enumerators, from 0, in order";
    for (const Row& row : rows) {
      if (row.name.size() > kNameBytesMax) throw "a name is too long";
    }
  }

  // `value` must be an enumerator.
  constexpr const Row& operator[](Enum value) const {
    return rows_[static_cast<std::size_t>(value)];
  }
  constexpr std::string_view NameOf(Enum value) const { return (*this)[value].name; }

  // nullopt: no row has this name.
  constexpr std::optional<Enum> ValueOf(std::string_view name) const {
    for (const Row& row : rows_) {
      if (row.name == name) return row.value;
    }
    return std::nullopt;
  }

  constexpr const std::array<Row, kRowCount>& rows() const { return rows_; }

  // The names of the rows that `is_wanted` accepts, in order, with a space between two.
  template <class Predicate>
  constexpr Names SpacedNames(Predicate is_wanted) const {
    Names text;
    for (const Row& row : rows_) {
      if (!is_wanted(row)) continue;
      if (text.size > 0) text.bytes[text.size++] = ' ';
      for (const char c : row.name) text.bytes[text.size++] = c;
    }
    return text;
  }
  constexpr Names SpacedNames() const {
    return SpacedNames([](const Row&) { return true; });
  }

 private:
  std::array<Row, kRowCount> rows_;
};

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_ENUM_NAMES_H_
