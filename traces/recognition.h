// Whether something is a trace at all, before it is opened as one.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TRACES_RECOGNITION_H_
#define GROUNDHOG_TRACES_RECOGNITION_H_

#include <string>
#include <string_view>

namespace groundhog::traces {

// Whether `path` is a file with a trace's marker at its beginning or at its end: then it is a
// trace, sound or not, whatever its name. False for pipes and unreadable files.
bool LooksLikeTrace(const std::string& path);

// The same for the first bytes, at least 24, of a file or pipe.
bool BeginsLikeTrace(std::string_view bytes);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_RECOGNITION_H_
