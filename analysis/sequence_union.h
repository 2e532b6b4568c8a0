// The shortest sequence that contains several others.
//
// Parts of one recording have its records of an instant in the recording's order, each but for what
// it has lost. What they come from is the shortest sequence of which each part is a subsequence:
// what is in several parts is there once, and an item that one part has several times is there so
// many times.
#ifndef GROUNDHOG_ANALYSIS_SEQUENCE_UNION_H_
#define GROUNDHOG_ANALYSIS_SEQUENCE_UNION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace groundhog::analysis {

// Items are numbers from 0 to `items` - 1, less than 2^32 - 1 in all parts together. Where the
// parts leave the order open, the least number comes first, so the order of the parts does not
// matter.
//
// Items that the parts have in the same order take time in proportion to their number times its
// logarithm. Only if an item is in one part several times, or parts contradict each other, is there
// something to try out. It ends with nullopt after a time in proportion to the number of items
// times that of parts: no shortest sequence was found.
std::optional<std::vector<std::uint32_t>> UniteSequences(
    std::span<const std::vector<std::uint32_t>> parts, std::uint32_t items);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_SEQUENCE_UNION_H_
