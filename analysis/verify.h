// What makes a trace sound: that all of it can be read, and that it is what its footer says it is.
#ifndef GROUNDHOG_ANALYSIS_VERIFY_H_
#define GROUNDHOG_ANALYSIS_VERIFY_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "traces/catalogue.h"
#include "traces/reader.h"
#include "traces/rollup.h"
#include "traces/summary.h"

namespace groundhog::analysis {

// Reads all of a trace, of which nothing has been read yet, and compares it with its footer.
// `after_chunk`, unless empty, is called after each chunk.
// OK: sound and complete. DataLoss: what is not, and where; `name` is the trace's for the message.
// Other codes: it cannot be read. Not thread-safe.
absl::Status VerifyTrace(std::string_view name, traces::Reader& reader,
                         const std::function<void()>& after_chunk = {});

// What a footer states differently from what was read, to follow "the footer says"; empty when they
// agree. `catalogue` is that of both.
std::string Difference(const traces::Summary& stated, const traces::Summary& read,
                       const traces::Catalogue& catalogue);

// The same for rollups.
std::string Difference(const traces::Rollup& stated, const traces::Rollup& read,
                       const traces::Catalogue& catalogue);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_VERIFY_H_
