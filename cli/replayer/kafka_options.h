// The options of groundhog-replay that are about Kafka: topics, keys, routes, librdkafka's
// properties; and about delivery: transactions, a resume file.
#ifndef GROUNDHOG_CLI_REPLAYER_KAFKA_OPTIONS_H_
#define GROUNDHOG_CLI_REPLAYER_KAFKA_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "sinks/make_sink.h"

namespace groundhog::cli {

struct KafkaFiles {
  std::string config;      // --kafka-config; empty: none
  std::string statistics;  // --kafka-stats; empty: none
  bool is_dump_wanted = false;
};

// What is set outlives the parsing.
void AddKafkaOptions(CLI::App& program, sinks::SinkOptions& sink, KafkaFiles& files);
void AddDeliveryOptions(CLI::App& program, sinks::SinkOptions& sink);

struct KafkaContext {
  std::string flag;        // how the destination was given: --to, --check
  bool needs_key = false;  // --key means something wherever the records go
};

// What parsing cannot see: options that do not fit one another, or the destination. Reads
// --kafka-config's file, whose lines come before those of -X. InvalidArgument, NotFound.
absl::Status CompleteKafkaOptions(const CLI::App& program, const KafkaContext& context,
                                  sinks::SinkOptions& sink, const KafkaFiles& files);

// The part of it that -X dump needs: puts the lines of --kafka-config's file, and what
// --kafka-stats needs, before those of -X. NotFound, InvalidArgument: the file cannot be read, or a
// line is wrong.
absl::Status AddKafkaFiles(const KafkaFiles& files, sinks::SinkOptions& sink);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_KAFKA_OPTIONS_H_
