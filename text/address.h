// Addresses of the web, which people give where a file is wanted (docs/adr/0008).
#ifndef GROUNDHOG_TEXT_ADDRESS_H_
#define GROUNDHOG_TEXT_ADDRESS_H_

#include <string>
#include <string_view>

namespace groundhog::text {

// What to tell someone whose file `path` is not there: "" unless it is an address, http://... or
// https://... `stand_in` is what means standard input to the command: "-".
std::string AddressText(std::string_view path, std::string_view stand_in);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_ADDRESS_H_
