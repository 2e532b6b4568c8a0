// For Clang, which takes this header before all others in traces/ (see CMakeLists.txt).
//
// Cap'n Proto 0.9 leaves `const char* == StringPtr` to the compiler's reversal of the member
// operator. C++20's defect report P2468 forbids that for a class that also has an operator!=. Clang
// implements the report and GCC 12 does not; so with Clang, Cap'n Proto's own headers do not
// compile. Later versions of Cap'n Proto declare these two operators again.
#ifndef GROUNDHOG_TRACES_KJ_COMPARISONS_H_
#define GROUNDHOG_TRACES_KJ_COMPARISONS_H_

namespace kj {

class StringPtr;
inline bool operator==(const char* left, const StringPtr& right);
inline bool operator!=(const char* left, const StringPtr& right);

}  // namespace kj

#include <kj/string.h>

namespace kj {

inline bool operator==(const char* left, const StringPtr& right) { return right.operator==(left); }
inline bool operator!=(const char* left, const StringPtr& right) { return right.operator!=(left); }

}  // namespace kj

#endif  // GROUNDHOG_TRACES_KJ_COMPARISONS_H_
