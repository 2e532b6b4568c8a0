// A file's own words on a page for people.
#ifndef GROUNDHOG_CLI_SHARED_SHOWN_H_
#define GROUNDHOG_CLI_SHARED_SHOWN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace groundhog::cli {

// `words` with nothing in them that would act on a terminal, in at most so many columns.
std::string Shown(std::string_view words, std::size_t columns = SIZE_MAX);

// "and 12 more\n" where not all of a list are shown; otherwise nothing.
std::string MoreText(std::size_t all, std::size_t shown);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_SHOWN_H_
