#include "model/world/state/handle_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace groundhog::model {
namespace {

struct Value {
  int number = 0;
  std::uint32_t epoch = 0;
};

TEST(HandleTable, AFreedHandleIsReusedAndIsFresh) {
  HandleTable<Value> table;
  const Handle handle = table.Allocate();
  table[handle].number = 7;
  table.Free(handle);
  EXPECT_EQ(table.in_use(), 0u);
  EXPECT_EQ(table.Allocate(), handle);
  EXPECT_EQ(table[handle].number, 0);
  EXPECT_EQ(table.in_use(), 1u);
}

TEST(HandleTable, AReferenceIsStaleAfterItsValueMovedOn) {
  HandleTable<Value> table;
  const Handle handle = table.Allocate();
  const ValueReference before = table.Reference(handle);
  EXPECT_TRUE(table.IsCurrent(before));
  ++table[handle].epoch;
  EXPECT_FALSE(table.IsCurrent(before));
  const ValueReference counted = table.Reference(handle);
  table.Free(handle);
  table.Allocate();
  EXPECT_FALSE(table.IsCurrent(counted));
}

TEST(HandleTable, ValuesStayWhereTheyAre) {
  HandleTable<Value> table;
  std::vector<const Value*> places;
  constexpr int kMany = 200'000;  // several blocks
  for (int i = 0; i < kMany; ++i) {
    Value& value = table[table.Allocate()];
    value.number = i;
    places.push_back(&value);
  }
  for (int i = 0; i < kMany; ++i) {
    ASSERT_EQ(&table[static_cast<Handle>(i)], places[static_cast<std::size_t>(i)]);
    ASSERT_EQ(places[static_cast<std::size_t>(i)]->number, i);
  }
}

}  // namespace
}  // namespace groundhog::model
