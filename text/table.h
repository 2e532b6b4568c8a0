// Tables of text, for people.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TEXT_TABLE_H_
#define GROUNDHOG_TEXT_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace groundhog::text {

// One line a row, its columns aligned and two blanks apart: the first `left` columns to the left,
// the others to the right. No line ends with blanks. Rows may lack columns at their end, but not
// the first. Characters are counted as one column each.
std::string Table(const std::vector<std::vector<std::string>>& rows, std::size_t left);

// How many columns UTF-8 text takes, if no character takes two or none.
std::size_t Columns(std::string_view text);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_TABLE_H_
