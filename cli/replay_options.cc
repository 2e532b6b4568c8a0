#include "cli/replay_options.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "cli/parsed_option.h"
#include "sim/time.h"

namespace groundhog::cli {
namespace {

constexpr char kKafkaGroup[] = "Kafka";
constexpr char kEmbedded[] = "kafka://embedded";

void AddKafkaOptions(CLI::App& program, ReplayOptions& options) {
  sinks::SinkOptions& sink = options.sink;
  const auto topic_name = [](std::string* out, bool may_be_none) {
    return [out, may_be_none](const std::string& text) -> absl::Status {
      if (text.empty()) return absl::InvalidArgumentError("a topic needs a name");
      *out = may_be_none && text == "none" ? "" : text;
      return absl::OkStatus();
    };
  };
  CLI::Option* const topic =
      AddParsed(program, {"--topic", "NAME", "Where records go (default: raw_logs)"},
                topic_name(&sink.topic, false));
  CLI::Option* const alerts = AddParsed(
      program, {"--alerts-topic", "NAME|none", "Where ERROR records go as well (default: alerts)"},
      topic_name(&sink.alerts_topic, true));
  CLI::Option* const key = program.add_option(
      "--key", sink.key, "What keeps its order: service (default), trace_id or none");
  key->transform(CLI::CheckedTransformer(std::map<std::string, sinks::MessageKey>{
                     {"service", sinks::MessageKey::kService},
                     {"trace_id", sinks::MessageKey::kTraceId},
                     {"none", sinks::MessageKey::kNone}}))
      ->type_name("service|trace_id|none");
  CLI::Option* const property =
      AddParsed(program, {"-X", "KEY=VALUE", "Set a property of librdkafka; may be repeated"},
                [&sink](const std::string& text) -> absl::Status {
                  if (text.find('=') == 0 || text.find('=') == std::string::npos) {
                    return absl::InvalidArgumentError("write it as KEY=VALUE");
                  }
                  sink.kafka_config.push_back(text);
                  return absl::OkStatus();
                });
  property->trigger_on_parse()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  CLI::Option* const config =
      program.add_option("--kafka-config", options.kafka_config_file,
                         "A file of such properties, one a line; -X goes over it");
  config->type_name("FILE");
  CLI::Option* const linger =
      AddParsed(program,
                {"--linger", "2s",
                 "How long the embedded Kafka waits for consumers at the end (default: 2s)"},
                DurationInto(&sink.linger, sim::Duration()));
  for (CLI::Option* option : {topic, alerts, key, property, config, linger}) {
    option->group(kKafkaGroup);
  }
}

// The lines of a file in librdkafka's own form: KEY=VALUE, with empty lines and # comments.
absl::Status ReadKafkaConfig(const std::string& path, std::vector<std::string>* out) {
  std::ifstream file(path);
  if (!file) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
    const std::size_t equals = line.find('=');
    if (equals == 0 || equals == std::string::npos) {
      // Without the line itself, which may be half a password.
      return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": not KEY=VALUE"));
    }
    out->push_back(line);
  }
  if (!file.eof()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

void AddReplayOptions(CLI::App& program, ReplayOptions& options) {
  program.add_option("FILE", options.file, "The trace to play; - for standard input")->required();
  program
      .add_option(
          "--to", options.sink.to,
          "kafka://HOST:PORT[,HOST:PORT...], kafka://embedded, jsonl:PATH, jsonl:- or null:")
      ->type_name("SINK");
  AddReplayPlayOptions(program, options.play);
  AddKafkaOptions(program, options);
  AddParsed(program,
            {"--timeout", "30s",
             "The longest wait without acknowledged progress, or for a connection (default: 30s)"},
            DurationInto(&options.sink.timeout, sim::Milliseconds(1)));
  program.add_option("--report", options.report, "Write what became of it as JSON; - for stdout")
      ->type_name("FILE");
  program
      .add_option("--progress", options.progress, "auto (default: on a terminal), always, never")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, ProgressMode>{{"auto", ProgressMode::kAuto},
                                              {"always", ProgressMode::kAlways},
                                              {"never", ProgressMode::kNever}}))
      ->type_name("auto|always|never");
  program.add_flag("-q,--quiet", options.is_quiet,
                   "No progress and no report on standard error; only notices and errors");
}

absl::Status CompleteReplayOptions(const CLI::App& program, ReplayOptions& options) {
  if (options.sink.to.empty() && !options.play.is_dry_run) {
    return absl::InvalidArgumentError("--to is required: where shall the records go?");
  }
  if (absl::Status s = CheckReplayPlayOptions(program, options.play); !s.ok()) return s;
  const bool is_kafka = options.sink.to.starts_with("kafka:");
  for (const char* flag : {"--topic", "--alerts-topic", "--key", "-X", "--kafka-config"}) {
    // A shard goes by key, wherever it is sent.
    const bool is_shard_key = flag == std::string_view("--key") && options.play.shard.count > 1;
    if (!is_kafka && !is_shard_key && program.count(flag) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " is for --to kafka://..., not ", options.sink.to));
    }
  }
  if (options.sink.to != kEmbedded && program.count("--linger") != 0) {
    return absl::InvalidArgumentError("--linger is for --to kafka://embedded, which dies with us");
  }
  if (options.report == "-" && options.sink.to == "jsonl:-") {
    return absl::InvalidArgumentError("--report - and --to jsonl:- both want standard output");
  }
  if (!options.kafka_config_file.empty()) {
    std::vector<std::string> lines;
    if (absl::Status s = ReadKafkaConfig(options.kafka_config_file, &lines); !s.ok()) return s;
    lines.insert(lines.end(), options.sink.kafka_config.begin(), options.sink.kafka_config.end());
    options.sink.kafka_config = std::move(lines);
  }
  options.play.shard.key = options.sink.key;
  return absl::OkStatus();
}

}  // namespace groundhog::cli
