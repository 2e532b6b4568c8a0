#include "cli/replayer/kafka_options.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/shared/choice.h"
#include "cli/shared/command.h"
#include "cli/shared/parsed_option.h"
#include "sim/time.h"
#include "sinks/kafka/kafka_config.h"

namespace groundhog::cli {
namespace {

constexpr char kKafkaGroup[] = "Kafka";
constexpr char kDeliveryGroup[] = "Delivery";
constexpr char kEmbedded[] = "kafka://embedded";
constexpr int kPartitionsMax = 10'000;

std::function<absl::Status(const std::string&)> TopicInto(std::string* out, bool may_be_none) {
  return [out, may_be_none](const std::string& text) -> absl::Status {
    if (text.empty()) return absl::InvalidArgumentError("a topic needs a name");
    *out = may_be_none && text == "none" ? "" : text;
    return absl::OkStatus();
  };
}

absl::Status ParseHeaders(const std::string& text, sinks::HeaderOptions* out) {
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(text, ','))) {
    if (name == "position") {
      out->has_position = true;
    } else if (name == "cause") {
      out->has_cause = true;
    } else if (name == "trace_digest") {
      out->has_trace_digest = true;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("'", name, "' is no header; there are position, cause and trace_digest"));
    }
  }
  return absl::OkStatus();
}

absl::Status TakeProperty(const std::string& text, sinks::SinkOptions& sink, KafkaFiles& files) {
  // Needs nothing else of the command line; printed as the version is.
  if (text == "list") throw CLI::CallForVersion(sinks::KafkaPropertiesText(), 0);
  if (text == "dump") {
    files.is_dump_wanted = true;
    return absl::OkStatus();
  }
  if (text.find('=') == 0 || text.find('=') == std::string::npos) {
    return absl::InvalidArgumentError("write it as KEY=VALUE");
  }
  sink.kafka_config.push_back(text);
  return absl::OkStatus();
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

absl::Status CheckDeliveryOptions(const CLI::App& program, const sinks::SinkOptions& sink) {
  const bool is_saved = !sink.exactly_once.empty() || !sink.resume_file.empty();
  for (const char* flag : {"--reset", "--commit-records", "--commit-interval"}) {
    if (!is_saved && program.count(flag) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " is for --exactly-once NAME or --resume FILE"));
    }
  }
  if (!sink.exactly_once.empty() && !sink.to.starts_with("kafka:")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--exactly-once is for --to kafka://HOST:PORT, not ", sink.to, "; try --resume FILE"));
  }
  if (!sink.resume_file.empty() && sink.to.starts_with("jsonl:") && sink.to != "jsonl:-") {
    return absl::InvalidArgumentError(
        absl::StrCat("--resume does not fit ", sink.to, ", a file that each run writes anew"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddKafkaOptions(CLI::App& program, sinks::SinkOptions& sink, KafkaFiles& files) {
  std::vector<CLI::Option*> all;
  all.push_back(AddParsed(program,
                          {"--topic", "NAME",
                           "The topic of all records (default: raw_logs); {service} and {level} "
                           "stand for the record's"},
                          TopicInto(&sink.topic, false)));
  all.push_back(AddParsed(program,
                          {"--alerts-topic", "NAME|none",
                           "The topic of copies of ERROR records (default: alerts); short for "
                           "--route level=ERROR:NAME"},
                          TopicInto(&sink.alerts_topic, true)));
  all.push_back(AddParsedRepeated(program,
                                  {"--route", "CONDITIONS:TOPIC",
                                   "The topic of copies of the records that match, as in "
                                   "level=ERROR,service=auth-service:auth; "
                                   "may be repeated"},
                                  [&sink](const std::string& text) -> absl::Status {
                                    absl::StatusOr<sinks::Route> route = sinks::ParseRoute(text);
                                    if (!route.ok()) return route.status();
                                    sink.routes.push_back(*std::move(route));
                                    return absl::OkStatus();
                                  }));
  all.push_back(AddChoice<sinks::MessageKey>(
      program, "--key", sink.key,
      {{"service", sinks::MessageKey::kService},
       {"trace_id", sinks::MessageKey::kTraceId},
       {"none", sinks::MessageKey::kNone}},
      "The key of messages; those with one key stay in order: service (default), trace_id "
      "or none"));
  all.push_back(AddParsed(
      program,
      {"--partitions", "N", "How many partitions new topics get, from 1 to 10000 (default: 3)"},
      NumberInto(&sink.partitions, 1, kPartitionsMax)));
  all.push_back(AddParsed(
      program,
      {"--headers", "NAME[,NAME...]", "Headers of messages: position, cause, trace_digest"},
      [&sink](const std::string& text) { return ParseHeaders(text, &sink.headers); }));
  all.push_back(AddParsedRepeated(
      program,
      {"-X", "KEY=VALUE",
       "Set a property of librdkafka; may be repeated. -X list prints them all and exits; -X dump "
       "prints what is set, without secrets, and exits"},
      [&sink, &files](const std::string& text) { return TakeProperty(text, sink, files); }));
  all.push_back(program
                    .add_option("--kafka-config", files.config,
                                "A file of such properties, one in each line; -X goes over it")
                    ->type_name("FILE")
                    ->check(NeedsName));
  all.push_back(program
                    .add_option("--kafka-stats", files.statistics,
                                "Write librdkafka's statistics there every 5 s, one JSON object in "
                                "each line")
                    ->type_name("FILE")
                    ->check(NeedsName));
  all.push_back(AddParsed(
      program,
      {"--linger", "D", "How long the embedded Kafka waits for consumers at the end (default: 2s)"},
      DurationInto(&sink.linger, sim::Duration())));
  for (CLI::Option* option : all) option->group(kKafkaGroup);
  OfferValues(program, program.get_option("--headers"),
              {.words = {"position", "cause", "trace_digest"}});
  OfferValues(program, program.get_option("-X"), {.words = {"list", "dump"}});
}

void AddDeliveryOptions(CLI::App& program, sinks::SinkOptions& sink) {
  constexpr std::uint64_t kRecordsMax = 10'000'000;
  CLI::Option* const exactly_once = program.add_option(
      "--exactly-once", sink.exactly_once,
      "Use Kafka transactions under this name: the same command again goes on where it was "
      "committed last, and every record is seen once; not with --resume");
  CLI::Option* const resume = program.add_option(
      "--resume", sink.resume_file,
      "Save in FILE what was acknowledged; the same command again goes on from there; not with "
      "--exactly-once");
  CLI::Option* const reset =
      program.add_flag("--reset", sink.is_reset, "Start anew, whatever was saved");
  CLI::Option* const records = AddParsed(
      program,
      {"--commit-records", "N",
       "Commit, or save, after so many records (default: 20000 with --exactly-once, otherwise only "
       "by time)"},
      [&sink](const std::string& text) {
        std::uint64_t value = 0;
        const absl::Status status = NumberInto<std::uint64_t>(&value, 1, kRecordsMax)(text);
        if (status.ok()) sink.commit.records = value;
        return status;
      });
  CLI::Option* const interval = AddParsed(
      program, {"--commit-interval", "D", "Commit, or save, after so much time (default: 1s)"},
      DurationInto(&sink.commit.time, sim::Milliseconds(10)));
  exactly_once->type_name("NAME")->check(NeedsName);
  resume->type_name("FILE")->check(NeedsName)->excludes(exactly_once);
  for (CLI::Option* option : {exactly_once, resume, reset, records, interval}) {
    option->group(kDeliveryGroup);
  }
}

absl::Status CompleteKafkaOptions(const CLI::App& program, const KafkaContext& context,
                                  sinks::SinkOptions& sink, const KafkaFiles& files) {
  const bool is_kafka = sink.to.starts_with("kafka:");
  for (const char* option : {"--topic", "--alerts-topic", "--route", "--key", "--partitions",
                             "--headers", "-X", "--kafka-config", "--kafka-stats"}) {
    if (is_kafka || (context.needs_key && option == std::string_view("--key"))) continue;
    if (program.count(option) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(option, " is for ", context.flag, " kafka://..., not ", sink.to));
    }
  }
  if (sink.to != kEmbedded && program.count("--linger") != 0) {
    return absl::InvalidArgumentError("--linger is for --to kafka://embedded, which dies with us");
  }
  if (absl::Status s = CheckDeliveryOptions(program, sink); !s.ok()) return s;
  return AddKafkaFiles(files, sink);
}

absl::Status AddKafkaFiles(const KafkaFiles& files, sinks::SinkOptions& sink) {
  std::vector<std::string> lines;
  if (!files.statistics.empty()) lines.emplace_back("statistics.interval.ms=5000");
  if (!files.config.empty()) {
    if (absl::Status s = ReadKafkaConfig(files.config, &lines); !s.ok()) return s;
  }
  lines.insert(lines.end(), sink.kafka_config.begin(), sink.kafka_config.end());
  sink.kafka_config = std::move(lines);
  return absl::OkStatus();
}

}  // namespace groundhog::cli
