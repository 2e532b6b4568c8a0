#include "text/address.h"

#include "text/concat.h"

namespace groundhog::text {

std::string AddressText(std::string_view path, std::string_view stand_in) {
  if (!path.starts_with("http://") && !path.starts_with("https://")) return "";
  return Concat({path, " is an address, not a file: store it with 'curl -fsSLO ", path,
                 "', or pipe 'curl -fsSL ", path, "' into this command and write ", stand_in,
                 " in its place"});
}

}  // namespace groundhog::text
