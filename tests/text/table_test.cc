#include "text/table.h"

#include <gtest/gtest.h>

namespace groundhog::text {
namespace {

TEST(Table, AlignsNamesToTheLeftAndNumbersToTheRight) {
  EXPECT_EQ(Table({{"service", "records"}, {"a", "1,000"}, {"auth-service", "7"}}, 1),
            "service       records\n"
            "a               1,000\n"
            "auth-service        7\n");
}

TEST(Table, LeavesNoBlanksAtTheEnd) {
  EXPECT_EQ(Table({{"a", "long text"}, {"b", "x"}, {"", "y"}, {"c", ""}}, 2),
            "a  long text\nb  x\n   y\nc\n");
}

TEST(Table, TakesRowsOfDifferentLengths) {
  EXPECT_EQ(Table({{"a"}, {"bb", "c"}}, 2), "a\nbb  c\n");
  EXPECT_EQ(Table({}, 2), "");
}

TEST(Table, CountsCharactersNotBytes) {
  EXPECT_EQ(Columns("größer…"), 7u);
  EXPECT_EQ(Table({{"größe", "1"}, {"abcde", "2"}}, 1), "größe  1\nabcde  2\n");
}

}  // namespace
}  // namespace groundhog::text
