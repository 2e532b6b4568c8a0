// Makes topics that are missing, so that they accept a replay for any defaults of the brokers:
// records of any date, kept without limit, with their own timestamps.
//
// A function sends the requests, so that this class only decides what to request and what follows
// from the answers: the topics of one request, the settings that a broker knows, and the refusals
// that are temporary.
#ifndef GROUNDHOG_SINKS_KAFKA_NEW_TOPICS_H_
#define GROUNDHOG_SINKS_KAFKA_NEW_TOPICS_H_

#include <librdkafka/rdkafka.h>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

// A topic's settings by Kafka's names ("retention.ms").
using TopicSettings = std::map<std::string, std::string>;

struct NewTopicAnswer {
  std::string topic;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;  // the broker's own words
};

struct NewTopicsOptions {
  int partitions = 1;
  // Asks for these topics, once. An error ends it all.
  std::function<absl::StatusOr<std::vector<NewTopicAnswer>>(std::span<const std::string> topics,
                                                            const TopicSettings& settings)>
      request;
  // These are made, by us. Called for each portion.
  std::function<absl::Status(std::span<const std::string> topics)> made;
  // This one cannot be made, however long we wait. OK: it is there all the same.
  std::function<absl::Status(const NewTopicAnswer& refused)> refused;
  // Whether waiting must end.
  std::function<absl::Status()> check_waiting;
  // A line for a person: the reason for waiting. Empty: no notices.
  std::function<void(std::string_view)> notice;
};

// The patience starts again with each portion. Errors are those of the functions; Unavailable: a
// topic's problem did not pass in time.
absl::Status MakeTopics(std::span<const std::string> topics, const NewTopicsOptions& options,
                        Patience& patience);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_NEW_TOPICS_H_
