// Field: where the value of a key lies in the structs of scenario.h. A row of the table that names
// its field needs no code of its own: one loop reads such rows, and one prints them.
//
//   {.name = "queue", .type = ValueType::kWhole, .field = Field::Of<&Service::queue_bound>(), ...}
//
// Constant data and pure functions; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_KEYS_FIELD_H_
#define GROUNDHOG_MODEL_SCENARIO_KEYS_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "model/scenario/scenario.h"
#include "sim/check.h"
#include "sim/time.h"

namespace groundhog::model {

// Its address identifies the type.
template <class Type>
inline constexpr char kTypeTag = 0;

// A struct of scenario.h, whichever it is. The struct must outlive it.
class StructRef {
 public:
  template <class Struct>
  static StructRef To(Struct& value) {
    return {&value, &kTypeTag<Struct>};
  }

  // The same for one that is only read.
  template <class Struct>
  static StructRef To(const Struct& value) {
    return To(const_cast<Struct&>(value));
  }

  // `Struct` must be what it refers to.
  template <class Struct>
  Struct& As() const {
    sim::Check(type_ == &kTypeTag<Struct>, "a key's field lies in the struct that it is asked of");
    return *static_cast<Struct*>(value_);
  }

 private:
  StructRef(void* value, const char* type) : value_(value), type_(type) {}

  void* value_;
  const char* type_;
};

// A field of an enum's type, by the number of its enumerator, from 0.
class ChoiceRef {
 public:
  template <class Enum>
  static ChoiceRef To(Enum& value) {
    return {&value,
            [](const void* field) {
              return static_cast<std::size_t>(*static_cast<const Enum*>(field));
            },
            [](void* field, std::size_t number) {
              *static_cast<Enum*>(field) = static_cast<Enum>(number);
            }};
  }

  std::size_t Number() const { return get_(field_); }
  void Set(std::size_t number) const { set_(field_, number); }

 private:
  using Get = std::size_t (*)(const void*);
  using Put = void (*)(void*, std::size_t);
  ChoiceRef(void* field, Get get, Put set) : field_(field), get_(get), set_(set) {}

  void* field_;
  Get get_;
  Put set_;
};

// What the keys of a nested map are read into: a struct, or an optional one, which is there if its
// map is.
class MapRef {
 public:
  template <class Struct>
  static MapRef To(Struct& value) {
    return {&value,
            [](void* field) { return std::optional(StructRef::To(*static_cast<Struct*>(field))); },
            [](void* field) { return StructRef::To(*static_cast<Struct*>(field)); }};
  }
  template <class Struct>
  static MapRef To(std::optional<Struct>& value) {
    return {&value,
            [](void* field) {
              auto& found = *static_cast<std::optional<Struct>*>(field);
              return found ? std::optional(StructRef::To(*found)) : std::nullopt;
            },
            [](void* field) {
              return StructRef::To(static_cast<std::optional<Struct>*>(field)->emplace());
            }};
  }

  std::optional<StructRef> Find() const { return find_(field_); }
  // An optional struct is made anew.
  StructRef Make() const { return make_(field_); }

 private:
  using Finder = std::optional<StructRef> (*)(void*);
  using Maker = StructRef (*)(void*);
  MapRef(void* field, Finder find, Maker make) : field_(field), find_(find), make_(make) {}

  void* field_;
  Finder find_;
  Maker make_;
};

// An optional field without a value means that its key is absent.
using FieldRef =
    std::variant<bool*, int*, std::uint64_t*, std::int64_t*, double*, sim::Duration*, std::string*,
                 DurationDistribution*, std::vector<std::string>*, std::vector<double>*,
                 std::vector<int>*, std::optional<int>*, std::optional<std::uint64_t>*,
                 std::optional<double>*, std::optional<sim::Duration>*,
                 std::optional<DurationDistribution>*, ChoiceRef, MapRef>;

class Field {
 public:
  // No field: the key is read and printed by code of its own.
  constexpr Field() = default;

  template <auto kMember>
  static constexpr Field Of() {
    return Field([](StructRef owner) { return Find(owner, kMember); });
  }

  // Of a key that holds a map whose keys are fields of the struct itself.
  template <class Struct>
  static constexpr Field Itself() {
    return Field([](StructRef owner) { return FieldRef(MapRef::To(owner.As<Struct>())); });
  }

  constexpr explicit operator bool() const { return locate_ != nullptr; }

  // Must not be empty, and `owner` must refer to the struct that the field was made of.
  FieldRef In(StructRef owner) const { return locate_(owner); }

 private:
  using Locate = FieldRef (*)(StructRef);
  constexpr explicit Field(Locate locate) : locate_(locate) {}

  template <class Struct, class Value>
  static FieldRef Find(StructRef owner, Value Struct::* member) {
    Value& value = owner.As<Struct>().*member;
    if constexpr (std::is_enum_v<Value>) {
      return ChoiceRef::To(value);
    } else if constexpr (std::is_constructible_v<FieldRef, Value*>) {
      return &value;
    } else {
      return MapRef::To(value);
    }
  }

  Locate locate_ = nullptr;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_KEYS_FIELD_H_
