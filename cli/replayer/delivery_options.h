// The options of groundhog-replay that are about delivery: transactions, a resume file.
#ifndef GROUNDHOG_CLI_REPLAYER_DELIVERY_OPTIONS_H_
#define GROUNDHOG_CLI_REPLAYER_DELIVERY_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "cli/replayer/sink_kinds.h"
#include "sinks/sink_options.h"

namespace groundhog::cli {

// What is set must outlive the parsing. --exactly-once only where a kind has transactions.
void AddDeliveryOptions(CLI::App& program, const SinkKinds& kinds, sinks::SinkOptions& sink);

// What parsing cannot see: options that do not fit one another, or the address. InvalidArgument.
absl::Status CheckDeliveryOptions(const CLI::App& program, const SinkKinds& kinds,
                                  const sinks::SinkOptions& sink, const std::string& address);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_DELIVERY_OPTIONS_H_
