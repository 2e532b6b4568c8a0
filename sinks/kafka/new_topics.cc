#include "sinks/kafka/new_topics.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

constexpr std::chrono::seconds kNoticeAfter{2};
constexpr std::chrono::milliseconds kPauseFirst{50};
constexpr std::chrono::milliseconds kPauseMax{500};

// A controller writes all topics of one request as one batch, with a record for each topic, setting
// and partition, at most 10,000. Smaller requests also show progress.
constexpr std::size_t kLinesMax = 2'000;

// Kafka's largest number, less one: where message.timestamp.before.max.ms is the largest itself,
// brokers from 3.6 to 3.9 take it for not set and go by message.timestamp.difference.max.ms.
constexpr char kNoBound[] = "9223372036854775806";

// The wanted settings of a topic, and weaker ones that are accepted when a broker does not know or
// allow them.
std::vector<TopicSettings> SettingsToTry() {
  const TopicSettings keep = {{"cleanup.policy", "delete"},
                              {"message.timestamp.type", "CreateTime"},
                              {"retention.bytes", "-1"},
                              {"retention.ms", "-1"}};
  TopicSettings bounds = keep;  // since 3.6
  bounds["message.timestamp.before.max.ms"] = kNoBound;
  bounds["message.timestamp.after.max.ms"] = kNoBound;
  TopicSettings difference = keep;  // until 3.9
  difference["message.timestamp.difference.max.ms"] = kNoBound;
  return {bounds, difference, {{"retention.ms", "-1"}}};
}

// The settings are at fault, not the topic.
bool IsOfSettings(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_INVALID_CONFIG || error == RD_KAFKA_RESP_ERR_POLICY_VIOLATION;
}

// The cluster's present state is at fault: too few brokers are up, or it has no controller.
bool MayPass(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return true;
    default:
      return false;
  }
}

std::string WithoutEnd(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

class Maker {
 public:
  Maker(const NewTopicsOptions& options, Patience& patience)
      : options_(options), patience_(patience) {}

  absl::Status MakePortion(std::span<const std::string> topics) {
    patience_.Restart();
    made_.clear();
    std::vector<std::string> missing(topics.begin(), topics.end());
    for (std::chrono::milliseconds pause = kPauseFirst; !missing.empty();) {
      const absl::StatusOr<std::vector<NewTopicAnswer>> answers =
          options_.request(missing, settings_to_try_[settings_]);
      if (!answers.ok()) return answers.status();
      Outcome outcome;
      for (const NewTopicAnswer& answer : *answers) {
        if (absl::Status s = Take(answer, outcome); !s.ok()) return s;
      }
      if (outcome.is_of_settings) ++settings_;
      missing = std::move(outcome.missing);
      if (!outcome.passing) continue;
      if (absl::Status s = Wait(*outcome.passing); !s.ok()) return s;
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, kPauseMax);
    }
    return made_.empty() ? absl::OkStatus() : options_.made(made_);
  }

  std::size_t TopicsOfAPortion() const {
    const std::size_t lines =
        1 + settings_to_try_[settings_].size() + static_cast<std::size_t>(options_.partitions);
    return std::max<std::size_t>(1, kLinesMax / lines);
  }

 private:
  struct Outcome {
    std::vector<std::string> missing;
    bool is_of_settings = false;
    std::optional<NewTopicAnswer> passing;  // the first
  };

  absl::Status Take(const NewTopicAnswer& answer, Outcome& outcome) {
    if (answer.error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      // It was made after the broker had said that it takes too long.
      if (late_.contains(answer.topic)) made_.push_back(answer.topic);
    } else if (answer.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      made_.push_back(answer.topic);
    } else if (IsOfSettings(answer.error) && settings_ + 1 < settings_to_try_.size()) {
      outcome.is_of_settings = true;
      outcome.missing.push_back(answer.topic);
    } else if (MayPass(answer.error)) {
      if (answer.error == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT) late_.insert(answer.topic);
      if (!outcome.passing) outcome.passing = answer;
      outcome.missing.push_back(answer.topic);
    } else {
      return options_.refused(answer);
    }
    return absl::OkStatus();
  }

  absl::Status Wait(const NewTopicAnswer& why) {
    const std::chrono::nanoseconds waited = patience_.Waited();
    const std::string within = text::FormatDuration(patience_.timeout());
    if (waited >= patience_.timeout()) {
      return absl::UnavailableError(absl::StrCat(
          "topic ", why.topic, " is not there and could not be created within ", within, ": ",
          WithoutEnd(why.text), ": are all brokers running? --timeout sets how long to wait"));
    }
    if (!has_noticed_ && waited >= kNoticeAfter && options_.notice) {
      options_.notice(absl::StrCat("topic ", why.topic, " cannot be created yet: ",
                                   WithoutEnd(why.text), "; waiting up to ", within));
      has_noticed_ = true;
    }
    return options_.check_waiting();
  }

  const NewTopicsOptions& options_;
  Patience& patience_;
  const std::vector<TopicSettings> settings_to_try_ = SettingsToTry();
  std::size_t settings_ = 0;  // those that were not refused so far
  std::set<std::string> late_;
  std::vector<std::string> made_;
  bool has_noticed_ = false;
};

}  // namespace

absl::Status MakeTopics(std::span<const std::string> topics, const NewTopicsOptions& options,
                        Patience& patience) {
  Maker maker(options, patience);
  while (!topics.empty()) {
    const std::size_t count = std::min(topics.size(), maker.TopicsOfAPortion());
    if (absl::Status s = maker.MakePortion(topics.first(count)); !s.ok()) return s;
    topics = topics.subspan(count);
  }
  return absl::OkStatus();
}

}  // namespace groundhog::sinks
