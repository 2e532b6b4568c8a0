// The kinds of sinks that this program has, and what is asked of all of them.
//
// A new kind of sink is
// - a Sink: sinks/NAME_sink.h and .cc, with its test in tests/sinks/; where it needs a library that
//   a build may lack, in a folder and a library of its own, sinks/NAME/, under a CMake option;
// - a SinkKind: in sink_kinds.cc, or in a file NAME_kind.cc where it has options of its own;
// - a line in MakeSinkKinds; for a library that may be missing, also one in AbsentKinds, in
//   cli/replayer/CMakeLists.txt (sources, library, definition) and in scripts/check-layers;
// - a row in docs/REPLAY.md's table of sinks.
#ifndef GROUNDHOG_CLI_REPLAYER_SINK_KINDS_H_
#define GROUNDHOG_CLI_REPLAYER_SINK_KINDS_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/replayer/sink_kind.h"
#include "sinks/sink.h"
#include "sinks/sink_options.h"
#include "traces/catalogue.h"

namespace groundhog::cli {

using SinkKinds = std::vector<std::unique_ptr<SinkKind>>;

// In the order of --help; the first is the usual one.
SinkKinds MakeSinkKinds();

// nullptr: no kind has such an address.
SinkKind* KindOf(const SinkKinds& kinds, const std::string& address);

// The first kind that can do it; nullptr: none can.
const SinkKind* FirstWith(const SinkKinds& kinds, bool (SinkKind::*can)() const);

// How addresses look of the kinds that can do it: "kafka://HOST:PORT".
std::vector<std::string> ExamplesWith(const SinkKinds& kinds, bool (SinkKind::*can)() const);

// "jsonl:PATH, jsonl:- or null:", with `conjunction` for "or".
std::string FormsText(const SinkKinds& kinds, std::string_view conjunction);

// "Kafka, JSON lines or nothing"
std::string DestinationsText(const SinkKinds& kinds);

// Those of `examples`, one a line, whose addresses this program knows.
std::string KnownExamples(const SinkKinds& kinds, std::string_view examples);

// For a dry run. Without an address, those of the first kind. Errors as SinkKind::Destinations. The
// catalogue must outlive what is returned.
absl::StatusOr<DestinationsOf> Destinations(const SinkKinds& kinds, const std::string& address,
                                            const traces::Catalogue& catalogue);

// Makes the sink at an address, which saves its position where the options say so. Errors as
// SinkKind::MakeSink; InvalidArgument: the address names no sink.
absl::StatusOr<std::unique_ptr<sinks::Sink>> MakeSink(const SinkKinds& kinds,
                                                      const std::string& address,
                                                      const sinks::SinkOptions& options,
                                                      const traces::Catalogue& catalogue);

// Why this build refuses these arguments: one is an address of a kind that it was built without.
// Empty: none is.
std::string AbsentKind(std::span<char* const> arguments);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_SINK_KINDS_H_
