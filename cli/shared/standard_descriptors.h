// Descriptors 0, 1 and 2, which a program may be started without (`<&-`, `>&-`).
#ifndef GROUNDHOG_CLI_SHARED_STANDARD_DESCRIPTORS_H_
#define GROUNDHOG_CLI_SHARED_STANDARD_DESCRIPTORS_H_

#include "absl/status/status.h"

namespace groundhog::cli {

// Keeps the places of those that are closed, so that no file opened later becomes one of them: each
// read or write there stays an error. To be called before anything else is opened.
// ResourceExhausted: no descriptor is left.
absl::Status OccupyStandardDescriptors();

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_STANDARD_DESCRIPTORS_H_
