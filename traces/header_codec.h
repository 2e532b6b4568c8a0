// The header's and footer's texts, lists and totals, between the schema and plain structs.
#ifndef GROUNDHOG_TRACES_HEADER_CODEC_H_
#define GROUNDHOG_TRACES_HEADER_CODEC_H_

#include <cstdint>

#include "absl/status/status.h"
#include "traces/catalogue.h"
#include "traces/columns_message.h"
#include "traces/summary.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

struct HeaderContents {
  std::uint32_t format_version = 0;
  TraceInfo info;
  Catalogue catalogue;
  bool operator==(const HeaderContents&) const = default;
};

void BuildHeader(const TraceInfo& info, const Catalogue& catalogue, schema::Header::Builder out);

// The same, as `packer` compresses: with zstd, packed. InvalidArgument: it takes more than 48 MiB.
absl::Status BuildPackedHeader(const TraceInfo& info, const Catalogue& catalogue,
                               ColumnsPacker& packer, schema::Header::Builder out);

// Unimplemented: a newer format. DataLoss, without offset: the header's contents contradict each
// other. May throw kj::Exception.
absl::Status ReadHeader(schema::Header::Reader header, HeaderContents* out);

// All of the footer but where header and appendix are.
void BuildSummary(const Summary& summary, sim::Duration resolution, schema::Footer::Builder out);

// Checks indices against the catalogue. DataLoss as above. May throw kj::Exception.
absl::Status ReadSummary(schema::Footer::Reader footer, const HeaderContents& header, Summary* out);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_HEADER_CODEC_H_
