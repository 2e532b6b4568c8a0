#include "sinks/kafka/kafka_topics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <span>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sinks/kafka/partition_ranges.h"
#include "sinks/kafka/topic_metadata.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

constexpr int kCreateMillisecondsMax = 10'000;
constexpr std::chrono::seconds kDescribeMax{5};
constexpr std::chrono::seconds kLookMax{5};
constexpr std::size_t kDescribePortion = 500;

int RequestMilliseconds(const Patience& patience) {
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(patience.timeout());
  return static_cast<int>(std::clamp<std::int64_t>(whole.count(), 1'000, 3'600'000));
}

KafkaAdminOptions MakeOptions(KafkaClient& client, rd_kafka_admin_op_t operation,
                              int request_milliseconds) {
  std::array<char, 256> error{};
  KafkaAdminOptions options(rd_kafka_AdminOptions_new(client.handle(), operation));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), request_milliseconds, error.data(),
                                            error.size());
  if (operation == RD_KAFKA_ADMIN_OP_CREATETOPICS) {
    rd_kafka_AdminOptions_set_operation_timeout(
        options.get(), std::min(request_milliseconds, kCreateMillisecondsMax), error.data(),
        error.size());
  }
  return options;
}

absl::Status CannotUse(const std::string& topic, rd_kafka_resp_err_t error, const char* why) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return absl::InvalidArgumentError(absl::StrCat(
          "topic ", topic, " is not there for us, and we may not create it: ask for the rights to ",
          "describe and write it, or name another by --topic or --alerts-topic"));
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("topic ", topic, " is not there and could not be created: ", why,
                       ": create it by hand, or name another by --topic or --alerts-topic"));
  }
}

// Whether a topic that could not be created is there all the same.
absl::Status CheckExists(KafkaClient& client, const std::string& topic, Patience& patience,
                         const absl::Status& otherwise) {
  const KafkaTopic handle(rd_kafka_topic_new(client.handle(), topic.c_str(), nullptr));
  const absl::StatusOr<KafkaMetadata> found = AskForMetadata(client, handle.get(), patience);
  if (!found.ok()) return found.status();
  if ((*found)->topic_cnt != 1) return otherwise;
  const rd_kafka_resp_err_t state = (*found)->topics[0].err;
  const bool is_there =
      state == RD_KAFKA_RESP_ERR_NO_ERROR || state == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
  return is_there ? absl::OkStatus() : otherwise;
}

// A mock cluster names a controller that is none of its brokers; librdkafka would wait for it.
absl::StatusOr<bool> HasController(KafkaClient& client, Patience& patience) {
  const absl::StatusOr<KafkaMetadata> found = AskForMetadata(client, nullptr, patience);
  if (!found.ok()) return found.status();
  const std::int32_t controller = rd_kafka_controllerid(client.handle(), 0);
  const std::span brokers((*found)->brokers, static_cast<std::size_t>((*found)->broker_cnt));
  return std::any_of(brokers.begin(), brokers.end(),
                     [&](const rd_kafka_metadata_broker_t& one) { return one.id == controller; });
}

absl::StatusOr<KafkaEvent> RequestTopics(KafkaClient& client, std::span<const std::string> topics,
                                         int partitions, const TopicSettings& settings,
                                         Patience& patience) {
  std::array<char, 512> error{};
  std::vector<KafkaNewTopic> owned;
  std::vector<rd_kafka_NewTopic_t*> wanted;
  for (const std::string& topic : topics) {
    owned.emplace_back(rd_kafka_NewTopic_new(topic.c_str(), partitions, /*replication_factor=*/-1,
                                             error.data(), error.size()));
    if (owned.back() == nullptr) return absl::InvalidArgumentError(error.data());
    for (const auto& [name, value] : settings) {
      rd_kafka_NewTopic_set_config(owned.back().get(), name.c_str(), value.c_str());
    }
    wanted.push_back(owned.back().get());
  }
  const KafkaQueue queue(rd_kafka_queue_new(client.handle()));
  const KafkaAdminOptions options =
      MakeOptions(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, RequestMilliseconds(patience));
  rd_kafka_CreateTopics(client.handle(), wanted.data(), wanted.size(), options.get(), queue.get());
  return client.Await(queue.get(), patience);
}

// Asks for the topics; the answers may say that they exist.
absl::StatusOr<std::vector<NewTopicAnswer>> AskForTopics(KafkaClient& client,
                                                         std::span<const std::string> topics,
                                                         int partitions,
                                                         const TopicSettings& settings,
                                                         Patience& patience) {
  const absl::StatusOr<KafkaEvent> event =
      RequestTopics(client, topics, partitions, settings, patience);
  if (!event.ok()) return event.status();
  std::vector<NewTopicAnswer> answers;
  const rd_kafka_resp_err_t failure = rd_kafka_event_error(event->get());
  if (failure == RD_KAFKA_RESP_ERR__TIMED_OUT) return client.CouldNotReach(patience.timeout());
  if (failure == RD_KAFKA_RESP_ERR_NOT_CONTROLLER || failure == RD_KAFKA_RESP_ERR__TRANSPORT) {
    for (const std::string& topic : topics) {
      answers.push_back({topic, RD_KAFKA_RESP_ERR_NOT_CONTROLLER, rd_kafka_err2str(failure)});
    }
    return answers;
  }
  if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(
        absl::StrCat("Kafka at ", client.brokers(),
                     " did not create topics: ", rd_kafka_event_error_string(event->get())));
  }
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  for (const rd_kafka_topic_result_t* one : std::span(results, count)) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(one);
    const char* const text = rd_kafka_topic_result_error_string(one);
    answers.push_back(
        {rd_kafka_topic_result_name(one), error, text == nullptr ? rd_kafka_err2str(error) : text});
  }
  return answers;
}

// Waits until the leader of each partition of topics that were just made serves it. Before that a
// first batch may be refused and the one sent behind it be taken: a broker takes any sequence
// number of a producer that it does not know yet, and calls the first batch, when that is sent
// again, a double. It would be acknowledged, and lost.
absl::Status AwaitLeaders(KafkaClient& client, std::span<const std::string> topics, int partitions,
                          Patience& patience) {
  std::vector<PartitionRange> ranges;
  for (const std::string& topic : topics) {
    for (int i = 0; i < partitions; ++i) ranges.push_back({.topic = topic, .partition = i});
  }
  // Without the permission to ask, sending will show what is allowed.
  return FindRanges(client, ranges, patience,
                    [](const PartitionRange&) { return absl::OkStatus(); });
}

absl::Status CreateTopics(KafkaClient& client, const std::vector<std::string>& topics,
                          int partitions, Patience& patience,
                          const std::function<void(std::string_view)>& notice) {
  return MakeTopics(topics,
                    {.partitions = partitions,
                     .request =
                         [&](std::span<const std::string> some, const TopicSettings& settings) {
                           return AskForTopics(client, some, partitions, settings, patience);
                         },
                     .made =
                         [&](std::span<const std::string> some) {
                           return AwaitLeaders(client, some, partitions, patience);
                         },
                     .refused =
                         [&](const NewTopicAnswer& refused) {
                           return CheckExists(
                               client, refused.topic, patience,
                               CannotUse(refused.topic, refused.error, refused.text.c_str()));
                         },
                     .check_waiting = [&] { return client.CheckWaiting(patience); },
                     .notice = notice},
                    patience);
}

// False: no answer, or none that says anything.
bool DescribeSome(KafkaClient& client, std::span<const std::string> topics, Patience patience,
                  std::map<std::string, TopicSettings>& described) {
  std::vector<KafkaConfigResource> owned;
  std::vector<rd_kafka_ConfigResource_t*> wanted;
  for (const std::string& topic : topics) {
    owned.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    wanted.push_back(owned.back().get());
  }
  const KafkaQueue queue(rd_kafka_queue_new(client.handle()));
  const KafkaAdminOptions options =
      MakeOptions(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, RequestMilliseconds(patience));
  rd_kafka_DescribeConfigs(client.handle(), wanted.data(), wanted.size(), options.get(),
                           queue.get());
  const absl::StatusOr<KafkaEvent> event = client.Await(queue.get(), patience);
  if (!event.ok() || rd_kafka_event_error(event->get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** const resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigResource_error(resources[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    TopicSettings& settings = described[rd_kafka_ConfigResource_name(resources[i])];
    std::size_t entry_count = 0;
    const rd_kafka_ConfigEntry_t** const entries =
        rd_kafka_ConfigResource_configs(resources[i], &entry_count);
    for (std::size_t k = 0; k < entry_count; ++k) {
      const char* const value = rd_kafka_ConfigEntry_value(entries[k]);
      if (value != nullptr) settings[rd_kafka_ConfigEntry_name(entries[k])] = value;
    }
  }
  return true;
}

std::map<std::string, TopicSettings> DescribeTopics(KafkaClient& client,
                                                    std::span<const std::string> topics,
                                                    const Patience& patience) {
  std::map<std::string, TopicSettings> described;
  for (std::size_t count = 0; !topics.empty(); topics = topics.subspan(count)) {
    count = std::min(topics.size(), kDescribePortion);
    if (!DescribeSome(client, topics.first(count), patience.WithTimeout(kDescribeMax), described)) {
      break;
    }
  }
  return described;
}

std::int64_t Number(const TopicSettings& settings, const std::string& name,
                    std::int64_t otherwise) {
  const auto found = settings.find(name);
  if (found == settings.end()) return otherwise;
  std::int64_t value = otherwise;
  const char* const begin = found->second.data();
  (void)std::from_chars(begin, begin + found->second.size(), value);
  return value;
}

std::string Milliseconds(std::int64_t count) {
  return text::FormatDuration(std::chrono::milliseconds(count));
}

std::string Day(std::int64_t unix_milliseconds) {
  return text::FormatRfc3339Nanoseconds(unix_milliseconds * 1'000'000).substr(0, 10);
}

// All partitions of these topics, yet without their ends.
absl::StatusOr<std::vector<PartitionRange>> RangesOf(KafkaClient& client,
                                                     std::span<const KafkaTopic> topics,
                                                     Patience& patience) {
  const absl::StatusOr<std::vector<int>> counts = CountPartitions(client, topics, patience);
  if (!counts.ok()) return counts.status();
  std::vector<PartitionRange> ranges;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    for (int k = 0; k < (*counts)[i]; ++k) {
      ranges.push_back({.topic = rd_kafka_topic_name(topics[i].get()), .partition = k});
    }
  }
  return ranges;
}

}  // namespace

absl::StatusOr<std::map<std::string, TopicSettings>> PrepareTopics(
    KafkaClient& client, const std::vector<std::string>& topics, int partitions, Patience& patience,
    const std::function<void(std::string_view)>& notice) {
  patience.Restart();
  while (true) {
    const absl::StatusOr<bool> has_controller = HasController(client, patience);
    if (!has_controller.ok()) return has_controller.status();
    if (*has_controller) {
      if (absl::Status s = CreateTopics(client, topics, partitions, patience, notice); !s.ok()) {
        return s;
      }
      return DescribeTopics(client, topics, patience);
    }
    // Another broker may soon become the controller, unless we need none.
    absl::Status are_there;
    for (std::size_t i = 0; i < topics.size() && are_there.ok(); ++i) {
      const absl::Status otherwise =
          CannotUse(topics[i], RD_KAFKA_RESP_ERR_NO_ERROR, "the cluster has no controller");
      are_there = CheckExists(client, topics[i], patience, otherwise);
    }
    if (are_there.ok()) return std::map<std::string, TopicSettings>();
    if (!absl::IsInvalidArgument(are_there) || patience.IsExhausted()) return are_there;
    if (absl::Status s = client.CheckWaiting(patience); !s.ok()) return s;
    std::this_thread::sleep_for(Patience::kSlice);
  }
}

absl::StatusOr<std::optional<std::string>> FindTopicWithMessages(KafkaClient& client,
                                                                 std::span<const KafkaTopic> topics,
                                                                 Patience& patience) {
  absl::StatusOr<std::vector<PartitionRange>> ranges = RangesOf(client, topics, patience);
  if (!ranges.ok()) return ranges.status();
  Patience short_patience = patience.WithTimeout(kLookMax);
  const absl::Status found = FindRanges(client, *ranges, short_patience,
                                        [](const PartitionRange&) { return absl::OkStatus(); });
  if (absl::IsCancelled(found)) return found;
  for (const PartitionRange& range : *ranges) {
    if (range.end > range.begin) return range.topic;
  }
  return std::nullopt;
}

std::optional<std::int64_t> LeastBatchMax(const std::map<std::string, TopicSettings>& topics) {
  std::optional<std::int64_t> least;
  for (const auto& [topic, settings] : topics) {
    const std::int64_t most = Number(settings, "max.message.bytes", -1);
    if (most >= 0) least = std::min(least.value_or(most), most);
  }
  return least;
}

absl::StatusOr<std::uint64_t> CountForgotten(KafkaClient& client,
                                             std::span<const KafkaTopic> topics,
                                             Patience& patience) {
  absl::StatusOr<std::vector<PartitionRange>> ranges = RangesOf(client, topics, patience);
  if (!ranges.ok()) return ranges.status();
  Patience short_patience = patience.WithTimeout(kLookMax);
  const absl::Status found =
      FindRanges(client, *ranges, short_patience, [](const PartitionRange& range) {
        return absl::InvalidArgumentError(absl::StrCat("we may not see topic ", range.topic));
      });
  if (!found.ok()) return found;
  std::uint64_t forgotten = 0;
  for (const PartitionRange& range : *ranges) {
    forgotten += static_cast<std::uint64_t>(std::max<std::int64_t>(range.begin, 0));
  }
  return forgotten;
}

std::vector<std::string> WarningsAbout(const std::string& topic, const TopicSettings& settings,
                                       std::int64_t record_unix_milliseconds,
                                       std::optional<std::int64_t> now_unix_milliseconds) {
  constexpr std::int64_t kNoLimit = INT64_MAX;
  constexpr std::int64_t kAgeMax = INT64_MAX / 1'000'000;  // 292 years, the range of our dates
  const std::int64_t age =
      now_unix_milliseconds ? *now_unix_milliseconds - record_unix_milliseconds : kAgeMax;
  const std::string records =
      absl::StrCat("; the records begin on ", Day(record_unix_milliseconds), ": ");
  const auto limit = [&](const std::string& name) {
    const std::int64_t value = Number(settings, name, kNoLimit);
    return value < 0 ? kNoLimit : value;
  };
  std::vector<std::string> warnings;
  const auto policy = settings.find("cleanup.policy");
  if (policy != settings.end() && policy->second.find("compact") != std::string::npos) {
    warnings.push_back(absl::StrCat("topic ", topic, " keeps only the newest record of each key ",
                                    "(cleanup.policy=", policy->second, ")"));
  }
  const bool deletes =
      policy == settings.end() || policy->second.find("delete") != std::string::npos;
  const std::int64_t bytes_max = limit("retention.bytes");
  if (deletes && bytes_max != kNoLimit) {
    warnings.push_back(absl::StrCat("topic ", topic, " keeps only some of the newest ", bytes_max,
                                    " bytes of each partition ", "(retention.bytes=", bytes_max,
                                    "): what is older vanishes; set retention.bytes=-1 or use ",
                                    "a new topic"));
  }
  const auto type = settings.find("message.timestamp.type");
  if (type != settings.end() && type->second == "LogAppendTime") {
    warnings.push_back(absl::StrCat("topic ", topic, " replaces timestamps by the time of arrival ",
                                    "(message.timestamp.type=LogAppendTime)"));
    return warnings;  // the limits below look at that time
  }
  const std::int64_t retention = limit("retention.ms");
  if (deletes && age > retention) {
    warnings.push_back(absl::StrCat(
        "topic ", topic, " deletes what is older than ", Milliseconds(retention),
        " (retention.ms=", retention, ")", records,
        "they may vanish within minutes; set retention.ms=-1, use a new topic or --timestamps ",
        "shift"));
  }
  // A broker that knows both uses the old bound if the new one is not set.
  const auto bound = [&](const std::string& name) {
    const std::int64_t value = limit(name);
    return value == kNoLimit ? limit("message.timestamp.difference.max.ms") : value;
  };
  const std::int64_t before = bound("message.timestamp.before.max.ms");
  const std::int64_t after = bound("message.timestamp.after.max.ms");
  if (age > before || (now_unix_milliseconds && -age > after)) {
    warnings.push_back(absl::StrCat(
        "topic ", topic, " refuses what is ",
        age > before ? absl::StrCat("older than ", Milliseconds(before))
                     : absl::StrCat("dated later than ", Milliseconds(after), " from now"),
        " (message.timestamp.*.max.ms)", records,
        "raise the limit, use a new topic or --timestamps wall"));
  }
  return warnings;
}

}  // namespace groundhog::sinks
