// The messages of a partition as rows for an audit: each value is a JSON object.
#ifndef GROUNDHOG_CLI_REPLAYER_TOPIC_ROWS_H_
#define GROUNDHOG_CLI_REPLAYER_TOPIC_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/audit/audit_run.h"
#include "rows/row_parser.h"
#include "sinks/kafka/kafka_reader.h"

namespace groundhog::cli {

// Not thread-safe.
class TopicRows : public AuditOutput {
 public:
  struct Place {
    std::size_t topic = 0;  // the reader's index
    int partition = 0;
    std::string name;  // "raw_logs/2"
  };

  // Reads the first messages, for their names. `kafka` must outlive this. Errors as Next.
  static absl::StatusOr<std::unique_ptr<TopicRows>> Open(sinks::KafkaReader& kafka, Place place);

  const std::string& name() const override { return place_.name; }
  const std::vector<std::string>& names() const override { return parser_->names(); }
  void Want(const std::vector<std::string>& names) override { parser_->Want(names); }

  // InvalidArgument: a message is no JSON object, with its offset: "raw_logs/2:17: not JSON".
  // Other errors are KafkaReader's.
  absl::StatusOr<bool> Next(rows::Row* row) override;
  std::string_view text() const override { return current_.value; }
  std::uint64_t line() const override { return static_cast<std::uint64_t>(current_.offset); }
  AmountRead amount() const override;
  std::int64_t arrival_unix_milliseconds() const override { return current_.timestamp; }

 private:
  struct Message {
    std::int64_t offset = 0;
    std::int64_t timestamp = 0;  // milliseconds since 1970
    std::string value;           // with rows::kPaddingBytes of room behind it
  };

  TopicRows(sinks::KafkaReader& kafka, Place place);

  absl::Status Sample();
  absl::StatusOr<bool> Fetch(Message* message);
  absl::Status Parse(const Message& message, rows::Row* row);

  sinks::KafkaReader& kafka_;
  const Place place_;
  std::unique_ptr<rows::RowParser> parser_;
  std::deque<Message> sampled_;  // to be given yet
  Message current_;              // the one given last
  bool has_given_ = false;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_TOPIC_ROWS_H_
