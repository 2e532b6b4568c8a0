#include "cli/replayer/kafka_kind.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/replayer/audit.h"
#include "cli/replayer/check.h"
#include "cli/replayer/embedded_forecast.h"
#include "cli/replayer/options.h"
#include "cli/shared/command.h"
#include "cli/shared/filter_options.h"
#include "cli/shared/parsed_option.h"
#include "sim/time.h"
#include "sinks/kafka/embedded_kafka.h"
#include "sinks/kafka/kafka_config.h"
#include "sinks/kafka/kafka_sink.h"
#include "sinks/kafka/routes.h"

namespace groundhog::cli {
namespace {

constexpr char kKafkaGroup[] = "Kafka";
constexpr char kEmbedded[] = "kafka://embedded";
constexpr int kPartitionsMax = 10'000;

std::function<absl::Status(const std::string&)> TopicInto(std::string* out, bool may_be_none) {
  return [out, may_be_none](const std::string& text) -> absl::Status {
    if (text.empty()) return absl::InvalidArgumentError("a topic needs a name");
    *out = may_be_none && text == "none" ? "" : text;
    return absl::OkStatus();
  };
}

// Those that say what goes to which topic.
std::vector<CLI::Option*> AddTopicOptions(CLI::App& program, sinks::KafkaOptions& kafka) {
  return {AddParsed(program,
                    {"--topic", "NAME",
                     "The topic of all records (default: raw_logs); {service} and {level} "
                     "are replaced by the record's"},
                    TopicInto(&kafka.topic, false)),
          AddParsed(program,
                    {"--alerts-topic", "NAME|none",
                     "The topic of copies of ERROR records (default: alerts); short for "
                     "--route level=ERROR:NAME"},
                    TopicInto(&kafka.alerts_topic, true)),
          AddParsedRepeated(program,
                            {"--route", "CONDITIONS:TOPIC",
                             "The topic of copies of the records that match, as in "
                             "level=ERROR,service=auth-service:auth; "
                             "may be repeated"},
                            [&kafka](const std::string& text) -> absl::Status {
                              absl::StatusOr<sinks::Route> route = sinks::ParseRoute(text);
                              if (!route.ok()) return route.status();
                              kafka.routes.push_back(*std::move(route));
                              return absl::OkStatus();
                            })};
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
      // Without the line itself, which may be a part of a password.
      return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": not KEY=VALUE"));
    }
    out->push_back(line);
  }
  if (!file.eof()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

std::string HeadersText(const sinks::HeaderOptions& headers) {
  std::vector<std::string> names;
  if (headers.has_position) names.emplace_back("position");
  if (headers.has_cause) names.emplace_back("cause");
  if (headers.has_trace_digest) names.emplace_back("trace_digest");
  return absl::StrJoin(names, ",");
}

// The partitioner that -X sets; empty: none.
std::string PartitionerText(const std::vector<std::string>& properties) {
  constexpr std::string_view kKey = "partitioner=";
  std::string value;
  for (const std::string& property : properties) {
    if (property.starts_with(kKey)) value = property.substr(kKey.size());
  }
  return value;
}

}  // namespace

KafkaKind::KafkaKind()
    : SinkKind({.scheme = "kafka:",
                .destination = "Kafka",
                .forms = {"kafka://HOST:PORT[,HOST:PORT...]", kEmbedded},
                .offer = {.words = {"kafka://", kEmbedded}},
                .example = "kafka://HOST:PORT",
                .any = "kafka://...",
                .audited = "kafka://HOST:PORT/TOPIC"}) {}

std::vector<SinkOption> KafkaKind::AddOptions(CLI::App& program, sinks::MessageKey& key) {
  const SinkOption of_topics = {.is_for_topics = true};
  std::vector<SinkOption> all;
  const auto add = [&all](CLI::Option* option, SinkOption about = {}) {
    about.option = option->group(kKafkaGroup);
    all.push_back(about);
  };
  for (CLI::Option* option : AddTopicOptions(program, kafka_)) add(option, of_topics);
  add(AddKeyOption(program, key));
  add(AddParsed(
          program,
          {"--partitions", "N", "How many partitions new topics get, from 1 to 10000 (default: 3)"},
          NumberInto(&kafka_.partitions, 1, kPartitionsMax)),
      {.is_for_sending = true});
  add(AddParsed(
          program,
          {"--headers", "NAME[,NAME...]", "Headers of messages: position, cause, trace_digest"},
          [this](const std::string& text) { return ParseHeaders(text, &kafka_.headers); }),
      of_topics);
  add(AddParsedRepeated(
      program,
      {"-X", "KEY=VALUE",
       "Set a property of librdkafka; may be repeated. -X list prints them all and exits; -X dump "
       "prints what is set, without secrets, and exits"},
      [this](const std::string& text) { return TakeProperty(text); }));
  add(program
          .add_option("--kafka-config", config_file_,
                      "A file of such properties, one in each line; -X overrides it")
          ->type_name("FILE")
          ->check(NeedsName));
  add(program
          .add_option("--kafka-stats", statistics_file_,
                      "Write librdkafka's statistics there every 5 s, one JSON object in "
                      "each line")
          ->type_name("FILE")
          ->check(NeedsName),
      {.is_for_sending = true});
  add(AddParsed(program,
                {"--linger", "D",
                 "How long the embedded Kafka waits for consumers at the end (default: 2s)"},
                DurationInto(&kafka_.linger, sim::Duration())),
      {.is_for_sending = true,
       .only_address = kEmbedded,
       .reason = ", which ends with the replay"});
  OfferValues(program, program.get_option("--headers"),
              {.words = {"position", "cause", "trace_digest"}});
  OfferValues(program, program.get_option("-X"), {.words = {"list", "dump"}});
  return all;
}

absl::Status KafkaKind::TakeProperty(const std::string& text) {
  // Needs no other option, so it is printed like the version.
  if (text == "list") throw CLI::CallForVersion(sinks::KafkaPropertiesText(), 0);
  if (text == "dump") {
    is_dump_wanted_ = true;
    return absl::OkStatus();
  }
  if (text.find('=') == 0 || text.find('=') == std::string::npos) {
    return absl::InvalidArgumentError("write it as KEY=VALUE");
  }
  kafka_.properties.push_back(text);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> KafkaKind::TextAskedFor() {
  if (!is_dump_wanted_) return std::nullopt;
  if (absl::Status s = AddFiles(); !s.ok()) return s;
  return sinks::KafkaConfigText(kafka_.properties);
}

absl::Status KafkaKind::Choose(const ReplayOptions& options) {
  kafka_.address = options.to;
  kafka_.key = options.play.shard.key;
  return AddFiles();
}

// Puts the lines of --kafka-config's file, and what --kafka-stats needs, before those of -X.
absl::Status KafkaKind::AddFiles() {
  std::vector<std::string> lines;
  if (!statistics_file_.empty()) lines.emplace_back("statistics.interval.ms=5000");
  if (!config_file_.empty()) {
    if (absl::Status s = ReadKafkaConfig(config_file_, &lines); !s.ok()) return s;
  }
  lines.insert(lines.end(), kafka_.properties.begin(), kafka_.properties.end());
  kafka_.properties = std::move(lines);
  return absl::OkStatus();
}

absl::Status KafkaKind::CheckTrace(const traces::Catalogue& catalogue) const {
  return sinks::CheckServices(kafka_.routes, catalogue);
}

absl::StatusOr<std::unique_ptr<sinks::Sink>> KafkaKind::MakeSink(
    const std::string& /*address*/, const sinks::SinkOptions& options,
    const traces::Catalogue& catalogue) {
  if (!statistics_file_.empty()) {
    absl::StatusOr<std::unique_ptr<KafkaStatistics>> statistics =
        KafkaStatistics::Open(statistics_file_);
    if (!statistics.ok()) return statistics.status();
    statistics_ = *std::move(statistics);
    kafka_.statistics = [this](std::string_view json) { statistics_->Write(json); };
  }
  return sinks::KafkaSink::Make(kafka_, options, catalogue);
}

SinkWords KafkaKind::words() const {
  return {.copies = kafka_.routes.empty() ? "alerts" : "copies",
          .forgetting = absl::StrCat("the embedded Kafka keeps ",
                                     sinks::kEmbeddedPartitionBytes >> 20, " MiB a partition")};
}

absl::Status KafkaKind::Finish() {
  return statistics_ == nullptr ? absl::OkStatus() : statistics_->Close();
}

absl::StatusOr<DestinationsOf> KafkaKind::Destinations(const std::string& /*address*/,
                                                       const traces::Catalogue& catalogue) {
  const absl::StatusOr<sinks::Routes> routes = sinks::MakeRoutes(kafka_, catalogue);
  if (!routes.ok()) return routes.status();
  return [routes = *routes](const traces::Record& record) {
    std::vector<std::string> topics;
    for (const std::uint32_t topic : routes.TopicsOf(record)) {
      topics.push_back(routes.topics()[topic]);
    }
    return topics;
  };
}

void KafkaKind::AddTo(sinks::ReplayIdentity& identity, sinks::MessageKey key) const {
  identity.Add("--topic", kafka_.topic);
  identity.Add("--alerts-topic", kafka_.alerts_topic);
  identity.Add("--route",
               absl::StrJoin(kafka_.routes, " ",
                             [](std::string* out, const auto& route) { *out += route.text; }));
  identity.Add("--key", std::string(sinks::kMessageKeyNames.NameOf(key)));
  identity.Add("--headers", HeadersText(kafka_.headers));
  identity.Add("-X partitioner", PartitionerText(kafka_.properties));
}

std::string KafkaKind::Forecast(const ReplayOptions& options, std::uint64_t start_position,
                                const std::function<bool()>& stop_requested) {
  if (kafka_.address != kEmbedded) return "";
  return EmbeddedForecast(options, kafka_, start_position, stop_requested);
}

int KafkaKind::Check(const ReplayOptions& options) { return CheckReplay(options, kafka_); }

int KafkaKind::Audit(const ReplayOptions& options) { return AuditTopics(options, kafka_); }

}  // namespace groundhog::cli
