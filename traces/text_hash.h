// A fast hash of text that is the same in every process and on every machine.
#ifndef GROUNDHOG_TRACES_TEXT_HASH_H_
#define GROUNDHOG_TRACES_TEXT_HASH_H_

#include <cstdint>
#include <string_view>

namespace groundhog::traces {

// XXH3, 64 bits. Not for names that draws rest on: those have sim::HashName. Thread-safe.
std::uint64_t HashText(std::string_view text);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_TEXT_HASH_H_
