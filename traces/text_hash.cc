#include "traces/text_hash.h"

#include <xxhash.h>

namespace groundhog::traces {

std::uint64_t HashText(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

}  // namespace groundhog::traces
