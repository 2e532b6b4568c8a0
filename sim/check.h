// Checks of invariants: claims that hold unless this program has a bug. They stay on in release
// builds, because a run that went wrong must stop and not write a plausible trace. They never check
// input: a user's mistake is returned as an absl::Status.
#ifndef GROUNDHOG_SIM_CHECK_H_
#define GROUNDHOG_SIM_CHECK_H_

#include <source_location>

namespace groundhog::sim {

// Prints "file:line: function: broken invariant: CLAIM" on stderr and aborts.
[[noreturn]] void StopOnBrokenInvariant(const char* claim, std::source_location where);

// Stops the program unless the claim holds. The claim is a sentence that should be true, such as
// "time never runs back". Usable in constant expressions: there a broken claim is a compile error.
constexpr void Check(bool holds, const char* claim,
                     std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]] {
    StopOnBrokenInvariant(claim, where);
  }
}

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_CHECK_H_
