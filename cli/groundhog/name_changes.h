// What the catalogues of two traces do not have in common. Names are part of a trace's digest, also
// those that no record uses.
#ifndef GROUNDHOG_CLI_GROUNDHOG_NAME_CHANGES_H_
#define GROUNDHOG_CLI_GROUNDHOG_NAME_CHANGES_H_

#include <string>
#include <vector>

#include "traces/catalogue.h"

namespace groundhog::cli {

// "service mailer: only in B", "fault auth-outage: not the same in both", by kind and name; or that
// only their order differs. Empty if the catalogues are equal.
std::vector<std::string> NameChanges(const traces::Catalogue& a, const traces::Catalogue& b);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_NAME_CHANGES_H_
