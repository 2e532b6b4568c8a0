// A rollup between a file's columns and plain structs. FORMAT.md, "Rollup".
#ifndef GROUNDHOG_TRACES_ROLLUP_CODEC_H_
#define GROUNDHOG_TRACES_ROLLUP_CODEC_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/columns_message.h"
#include "traces/entry.h"
#include "traces/rollup.h"
#include "traces/summary.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

// Fills `out`, compressed as `packer` does. The rollup keeps the limits of the format.
void BuildRollup(const Rollup& rollup, ColumnsPacker& packer, schema::Rollup::Builder out);

// Replaces `out` by the rollup of the footer that `summary` comes from. DataLoss, without offset:
// it contradicts itself or the summary. May throw kj::Exception.
absl::Status ReadRollup(schema::Rollup::Reader rollup, const Summary& summary, Rollup* out);

// The same for the entry that has it: an appendix, or a footer of version 2 or 3. Nullopt: there is
// none.
absl::StatusOr<std::optional<Rollup>> ReadRollupIn(const EntryBuffer& entry,
                                                   const Summary& summary);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_ROLLUP_CODEC_H_
