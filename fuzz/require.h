// What a target claims of every input.
//
// Pure function; safe to use from any thread.
#ifndef GROUNDHOG_FUZZ_REQUIRE_H_
#define GROUNDHOG_FUZZ_REQUIRE_H_

#include <string_view>

namespace groundhog::fuzz {

// Prints `claim` and `detail`, and aborts, unless `holds`: the fuzzer then keeps the input.
void Require(bool holds, std::string_view claim, std::string_view detail = "");

// Whether `message` is what a person gets about a bad input: one line of printable UTF-8.
bool IsOneLine(std::string_view message);

// Whether `line` is UTF-8 as JSON may have it: without U+0000 to U+001F.
bool IsJsonLine(std::string_view line);

}  // namespace groundhog::fuzz

#endif  // GROUNDHOG_FUZZ_REQUIRE_H_
