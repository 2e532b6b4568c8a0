#include "sim/check.h"

#include <cstdio>
#include <cstdlib>

namespace groundhog::sim {

void StopOnBrokenInvariant(const char* claim, std::source_location where) {
  std::fprintf(stderr, "%s:%u: %s: broken invariant: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name(), claim);
  std::fflush(stderr);
  std::abort();
}

}  // namespace groundhog::sim
