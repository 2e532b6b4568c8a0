// kafka://...: the options of groundhog-replay that are about Kafka (topics, keys, routes,
// librdkafka's properties), and what is made of them.
#ifndef GROUNDHOG_CLI_REPLAYER_KAFKA_KIND_H_
#define GROUNDHOG_CLI_REPLAYER_KAFKA_KIND_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/replayer/kafka_statistics.h"
#include "cli/replayer/sink_kind.h"
#include "sinks/kafka/kafka_options.h"

namespace groundhog::cli {

class KafkaKind : public SinkKind {
 public:
  KafkaKind();

  bool has_transactions() const override { return true; }
  bool can_be_read_back() const override { return true; }
  bool has_keys() const override { return true; }

  // What -X dump asks for. Errors as KafkaConfigText, and of --kafka-config's file.
  absl::StatusOr<std::optional<std::string>> TextAskedFor() override;

  // NotFound, InvalidArgument: --kafka-config's file cannot be read, or a line is wrong.
  absl::Status Choose(const ReplayOptions& options) override;
  absl::Status CheckTrace(const traces::Catalogue& catalogue) const override;

  absl::StatusOr<std::unique_ptr<sinks::Sink>> MakeSink(
      const std::string& address, const sinks::SinkOptions& options,
      const traces::Catalogue& catalogue) override;
  SinkWords words() const override;
  absl::Status Finish() override;
  absl::StatusOr<DestinationsOf> Destinations(const std::string& address,
                                              const traces::Catalogue& catalogue) override;
  void AddTo(sinks::ReplayIdentity& identity, sinks::MessageKey key) const override;
  std::string Forecast(const ReplayOptions& options, std::uint64_t start_position,
                       const std::function<bool()>& stop_requested) override;
  int Check(const ReplayOptions& options) override;
  int Audit(const ReplayOptions& options) override;

 private:
  std::vector<SinkOption> AddOptions(CLI::App& program, sinks::MessageKey& key) override;
  absl::Status AddFiles();
  absl::Status TakeProperty(const std::string& text);

  sinks::KafkaOptions kafka_;    // its properties are those of -X only, until AddFiles
  std::string config_file_;      // --kafka-config; empty: none
  std::string statistics_file_;  // --kafka-stats; empty: none
  bool is_dump_wanted_ = false;
  std::unique_ptr<KafkaStatistics> statistics_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_KAFKA_KIND_H_
