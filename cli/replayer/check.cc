#include "cli/replayer/check.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/replayer/playlist_of_options.h"
#include "cli/replayer/stop_on_signals.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/progress_printer.h"
#include "replay/check_report.h"
#include "replay/playlist.h"
#include "replay/request_sample.h"
#include "replay/shard.h"
#include "replay/stop_signal.h"
#include "replay/timestamps.h"
#include "replay/topic_check.h"
#include "sinks/kafka/kafka_options.h"
#include "sinks/kafka/kafka_reader.h"
#include "sinks/kafka/kafka_timestamp.h"
#include "sinks/kafka/message_headers.h"
#include "sinks/message_key.h"
#include "sinks/routes.h"
#include "traces/file_output.h"
#include "traces/reader.h"

namespace groundhog::cli {
namespace {

constexpr char kProgram[] = "groundhog-replay";

class Check {
 public:
  Check(const ReplayOptions& options, const sinks::KafkaOptions& kafka)
      : options_(options),
        kafka_options_(kafka),
        signals_(stop_),
        printer_(kProgram, ProgressMode::kNever, /*stdout_is_busy=*/options.report == "-") {}

  int Run() {
    absl::Status status = OpenAll();
    if (status.ok()) status = CompareAll();
    if (!status.ok()) {
      if (stop_.is_raised()) {
        printer_.Notice("interrupted");
        return kExitInterrupted;
      }
      printer_.Notice(std::string(status.message()));
      return has_begun_ && absl::IsUnavailable(status) ? kExitNo : kExitUsage;
    }
    return Conclude();
  }

 private:
  absl::Status OpenAll() {
    const ReplayPlayOptions& play = options_.play;
    const bool is_known =
        play.timestamps == replay::TimestampMode::kOriginal ||
        (play.timestamps == replay::TimestampMode::kShift && play.start_unix_nanoseconds);
    if (!is_known) {
      return absl::InvalidArgumentError(
          "--check can know only what was sent with --timestamps original, or with shift and "
          "--start-at");
    }
    if (!play.loops) return absl::InvalidArgumentError("--loop forever has no end to check");
    if (play.shard.count > 1 && play.shard.key == sinks::MessageKey::kNone) {
      return absl::InvalidArgumentError(
          "--check --shard needs keys, to know whose a message is; with --key none check the "
          "whole");
    }
    absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(
        options_.file, {.stop_requested = [this] { return stop_.is_raised(); }});
    if (!reader.ok()) return reader.status();
    reader_ = *std::move(reader);
    const absl::StatusOr<replay::PlaylistOptions> playlist_options =
        MakePlaylistOptions(options_, *reader_);
    if (!playlist_options.ok()) return playlist_options.status();
    absl::StatusOr<std::unique_ptr<replay::Playlist>> playlist =
        replay::Playlist::Make(*reader_, *playlist_options);
    if (!playlist.ok()) return playlist.status();
    playlist_ = *std::move(playlist);
    timestamps_.emplace(replay::Timestamps::Options{
        .mode = play.timestamps,
        .start_unix_nanoseconds = reader_->info().start_unix_nanoseconds,
        .t0 = playlist_->begin()});
    timestamps_->AnchorAt(replay::SteadyTime(), play.start_unix_nanoseconds.value_or(0));
    if (!options_.report.empty()) {
      absl::StatusOr<std::unique_ptr<traces::FileOutput>> output =
          traces::FileOutput::Open(options_.report);
      if (!output.ok()) return output.status();
      report_output_ = *std::move(output);
    }
    return OpenTopics();
  }

  absl::Status OpenTopics() {
    if (kafka_options_.headers.has_trace_digest) {
      if (reader_->summary() == nullptr) {
        return absl::InvalidArgumentError(
            "--headers trace_digest needs a complete trace in a file");
      }
      trace_digest_ = traces::ToHex(reader_->summary()->digest);
    }
    absl::StatusOr<sinks::Routes> routes = sinks::MakeRoutes(kafka_options_, reader_->catalogue());
    if (!routes.ok()) return routes.status();
    routes_.emplace(*std::move(routes));
    absl::StatusOr<std::unique_ptr<sinks::KafkaReader>> kafka = sinks::KafkaReader::Open(
        {.address = kafka_options_.address,
         .kafka_config = kafka_options_.properties,
         .topics = routes_->topics(),
         .timeout = options_.sink.timeout,
         .notice = [this](std::string_view line) { printer_.Notice(line); },
         .stop_requested = [this] { return stop_.is_raised(); }});
    if (!kafka.ok()) return kafka.status();
    kafka_ = *std::move(kafka);
    has_begun_ = true;
    const std::size_t remembered = replay::TopicCheck::kRememberedMax / routes_->topics().size();
    for (std::size_t topic = 0; topic < routes_->topics().size(); ++topic) {
      const absl::StatusOr<bool> has_arrival_times = kafka_->HasArrivalTimes(topic);
      if (!has_arrival_times.ok()) return has_arrival_times.status();
      has_arrival_times_.push_back(*has_arrival_times);
      checks_.push_back(std::make_unique<replay::TopicCheck>(
          kafka_->partitions(topic),
          [this, topic](int partition) { return Fetch(topic, partition); }, remembered));
      samples_.emplace_back();
      digests_.emplace_back();
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<replay::ArrivedMessage>> Fetch(std::size_t topic, int partition) {
    sinks::StoredMessage message;
    do {
      const absl::StatusOr<bool> has_message = kafka_->Next(topic, partition, &message);
      if (!has_message.ok()) return has_message.status();
      if (!*has_message) return std::nullopt;
    } while (!IsOfShard(message));
    NoteOrigin(topic, message);
    const std::string_view headers =
        kafka_options_.headers.any() ? std::string_view(message.headers) : std::string_view();
    return replay::ArrivedMessage{
        .hash = replay::MessageHash(message.key, message.value,
                                    Timestamp(topic, message.timestamp_unix_milliseconds), headers),
        .offset = message.offset};
  }

  // What tells of which trace a message is: its request, and the digest, if it has that header.
  void NoteOrigin(std::size_t topic, const sinks::StoredMessage& message) {
    samples_[topic].Arrive(sinks::TraceIdOf(message.value));
    if (!digests_[topic].empty()) return;
    constexpr std::string_view kName = "trace_digest=";
    const std::size_t at = message.headers.find(kName);
    if (at == std::string::npos) return;
    const std::size_t begin = at + kName.size();
    digests_[topic] = message.headers.substr(begin, message.headers.find(';', begin) - begin);
  }

  // The other machines' messages come between ours, in any order; each key is one machine's.
  bool IsOfShard(const sinks::StoredMessage& message) const {
    const replay::Shard& shard = options_.play.shard;
    return shard.count == 1 || replay::ShardOf(message.key, shard.count) == shard.number;
  }

  std::optional<std::int64_t> Timestamp(std::size_t topic, std::int64_t unix_milliseconds) const {
    if (has_arrival_times_[topic]) return std::nullopt;
    return unix_milliseconds;
  }

  absl::Status CompareAll() {
    while (true) {
      replay::PlaylistItem item;
      while (playlist_->Take(&item)) {
        if (absl::Status s = Expect(item); !s.ok()) return s;
        if (stop_.is_raised()) return absl::CancelledError("interrupted");
      }
      const absl::StatusOr<bool> has_more = playlist_->ReadMore();
      if (has_more.ok() && !*has_more) break;
      if (has_more.ok()) continue;
      if (!absl::IsDataLoss(has_more.status())) return has_more.status();
      if (damage_.ok()) damage_ = has_more.status();
    }
    for (const std::unique_ptr<replay::TopicCheck>& check : checks_) {
      if (absl::Status s = check->Finish(); !s.ok()) return s;
    }
    if (damage_.ok() && playlist_->has_ended_with_file()) damage_ = reader_->incompleteness();
    return absl::OkStatus();
  }

  absl::Status Expect(const replay::PlaylistItem& item) {
    const std::int64_t timestamp =
        timestamps_->UnixMilliseconds({.time = item.time, .clock_skew = item.record->clock_skew});
    const std::string_view line = playlist_->Render(item, timestamp);
    const sinks::KafkaOptions& sink = kafka_options_;
    const std::string_view key = sinks::KeyOf(sink.key, reader_->catalogue(), *item.record, line);
    const std::string headers = sinks::HeadersText(
        sink.headers, trace_digest_, reader_->catalogue(), item.position, *item.record);
    ++records_;
    for (const std::uint32_t topic : routes_->TopicsOf(*item.record)) {
      const replay::ExpectedMessage expected = {
          .hash = replay::MessageHash(key, line, Timestamp(topic, sinks::KafkaTimestamp(timestamp)),
                                      headers),
          .position = item.position};
      std::optional<int> partition;
      if (sink.key != sinks::MessageKey::kNone && kafka_->partitions(topic) > 0) {
        partition = kafka_->PartitionOf(topic, key);
      }
      samples_[topic].Expect(sinks::TraceIdOf(line));
      if (absl::Status s = checks_[topic]->Expect(expected, partition); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  int Conclude() {
    replay::CheckReport report = {.records = records_, .allows_doubles = options_.allows_doubles};
    std::optional<std::uint64_t> trace_records;
    if (reader_->summary() != nullptr) {
      report.trace_digest = reader_->summary()->digest;
      trace_records = reader_->summary()->records;
    }
    for (std::size_t topic = 0; topic < checks_.size(); ++topic) {
      report.topics.push_back({.topic = routes_->topics()[topic],
                               .counts = checks_[topic]->counts(),
                               .examples = checks_[topic]->examples(),
                               .has_other_trace = HasOtherTrace(topic)});
    }
    if (!options_.is_quiet) printer_.Print(replay::ToText(report, options_.file, trace_records));
    for (std::size_t topic = 0; topic < report.topics.size(); ++topic) {
      TellOfOtherContents(report.topics[topic], digests_[topic]);
    }
    if (!damage_.ok()) printer_.Notice(std::string(damage_.message()));
    if (report_output_ != nullptr) {
      absl::Status status = report_output_->Write(replay::ToJson(report));
      if (status.ok()) status = report_output_->Commit();
      if (!status.ok()) {
        printer_.Notice(std::string(status.message()));
        return kExitUsage;
      }
    }
    if (!report.is_right()) {
      printer_.Notice("what is stored is not what the trace has");
      return kExitNo;
    }
    const Selected selected = JudgeSelection(options_, *playlist_, records_);
    if (!selected.notice.empty()) printer_.Notice(selected.notice);
    if (!selected.has_records) return kExitNo;
    return damage_.ok() ? kExitDone : kExitIncomplete;
  }

  // Never of a topic that has anything at all of this trace.
  bool HasOtherTrace(std::size_t topic) const {
    const replay::TopicCounts& counts = checks_[topic]->counts();
    if (counts.has_any() || counts.arrived == 0 || counts.expected == 0) return false;
    const bool has_other_digest = !digests_[topic].empty() && reader_->summary() != nullptr &&
                                  digests_[topic] != traces::ToHex(reader_->summary()->digest);
    return has_other_digest || samples_[topic].is_foreign();
  }

  void TellOfOtherContents(const replay::TopicReport& topic, const std::string& digest) {
    const replay::TopicCounts& counts = topic.counts;
    if (topic.has_other_trace) {
      printer_.Notice(absl::StrCat("topic ", topic.topic, " holds another trace",
                                   digest.empty() ? "" : absl::StrCat(", with digest ", digest),
                                   ": none of its ", counts.arrived, " messages is of ",
                                   options_.file));
    } else if (!counts.has_any() && counts.arrived != 0 && counts.expected != 0) {
      printer_.Notice(absl::StrCat("topic ", topic.topic,
                                   " has no message that --check expects; if it holds this ",
                                   "trace, sent in another way, give --check the --key, ",
                                   "--headers and --timestamps of the replay"));
    }
  }

  const ReplayOptions& options_;
  const sinks::KafkaOptions& kafka_options_;
  replay::StopSignal stop_;
  StopOnSignals signals_;
  ProgressPrinter printer_;
  std::unique_ptr<traces::Reader> reader_;
  std::unique_ptr<replay::Playlist> playlist_;
  std::optional<replay::Timestamps> timestamps_;
  std::unique_ptr<traces::FileOutput> report_output_;
  std::optional<sinks::Routes> routes_;
  std::string trace_digest_;
  std::unique_ptr<sinks::KafkaReader> kafka_;
  bool has_begun_ = false;
  std::vector<bool> has_arrival_times_;  // by topic
  std::vector<std::unique_ptr<replay::TopicCheck>> checks_;
  std::vector<replay::RequestSample> samples_;  // likewise
  std::vector<std::string> digests_;            // of the first message that has one; empty: none
  std::uint64_t records_ = 0;
  absl::Status damage_;  // of the trace, the first
};

}  // namespace

int CheckReplay(const ReplayOptions& options, const sinks::KafkaOptions& kafka) {
  return Check(options, kafka).Run();
}

}  // namespace groundhog::cli
