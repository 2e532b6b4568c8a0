#include "model/review/request_trial.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "model/world/plan/backoff.h"

namespace groundhog::model {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max() / 4;
// For the answer times of one call, for which each level of a tree is tried many times.
constexpr std::uint64_t kSpansMax = 1'000'000;
constexpr double kLeastUniform = 0x1p-53;  // no draw of the world is smaller

std::int64_t Nanoseconds(sim::Duration duration) {
  return std::min(duration.nanoseconds(), kNever);
}

sim::Duration LeastOf(const sim::DurationSampler& sampler) { return sampler.Sample(kLeastUniform); }

// Sorts them.
std::optional<AnswerTimes> TimesOf(std::vector<std::int64_t>& times) {
  constexpr std::size_t kAnswersMin = 100;
  if (times.size() < kAnswersMin) return std::nullopt;
  std::ranges::sort(times);
  const auto at = [&](double share) {
    const auto index = static_cast<std::size_t>(static_cast<double>(times.size()) * share);
    return sim::Duration(times[index]);
  };
  return AnswerTimes{.p50 = at(0.5), .p95 = at(0.95), .p99 = at(0.99)};
}

}  // namespace

std::uint64_t JourneyTrial::failed_total() const {
  std::uint64_t total = 0;
  for (const auto& [limit, count] : failed) total += count;
  return total;
}

RequestTrial::RequestTrial(const Topology& topology)
    : topology_(topology), least_(topology.nodes.size()) {
  sim::Duration least = LeastOf(topology.network_latency);
  for (const sim::DurationSampler& sampler : topology.zone_latency) {
    least = std::min(least, LeastOf(sampler));
  }
  hop_min_ = Nanoseconds(std::max(least, topology.network_latency_min));
  for (const JourneyInfo& journey : topology.journeys) {
    std::vector<std::uint32_t> held;
    FindLeast(journey.root, held);
  }
}

void RequestTrial::Begin(std::uint64_t spans_max) {
  spans_left_ = spans_max;
  is_exhausted_ = false;
  held_.clear();
}

double RequestTrial::Uniform() {
  constexpr sim::StreamKey kKey(1, "request-trial");
  if (words_left_ == 0) {
    block_ = sim::Draw(kKey, {.ordinal = draws_++});
    words_left_ = 4;
  }
  return block_.Uniform32(--words_left_);
}

bool RequestTrial::IsTaken(std::uint64_t threshold) {
  return threshold >> 32 != 0 || Uniform() * 0x1p32 < static_cast<double>(threshold);
}

std::int64_t RequestTrial::Latency(std::uint32_t from_zone, std::uint32_t to_zone) {
  const sim::DurationSampler& sampler =
      topology_.zone_latency.empty()
          ? topology_.network_latency
          : topology_.zone_latency[from_zone * topology_.zone_names.size() + to_zone];
  return Nanoseconds(std::max(topology_.network_latency_min, sampler.Sample(Uniform())));
}

// Chooses evenly among the hosts that the caller would choose from: all balancers do so when
// nothing else is under way.
RequestTrial::Place RequestTrial::Choose(std::uint32_t service, std::uint32_t from_zone) {
  const ServiceInfo& info = topology_.services[service];
  const auto zone_of = [&](std::uint32_t host) {
    return topology_.host_zone[info.first_host + host];
  };
  const auto at = [&](double share, std::uint32_t count) {
    return std::min(static_cast<std::uint32_t>(share * count), count - 1);
  };
  const std::uint32_t host = at(Uniform(), info.host_count);
  if (!info.spec->prefers_own_zone || from_zone == 0) return {service, host, zone_of(host)};
  std::vector<std::uint32_t> near;
  for (std::uint32_t i = 0; i < info.host_count; ++i) {
    if (zone_of(i) == from_zone) near.push_back(i);
  }
  if (near.empty()) return {service, host, zone_of(host)};
  return {service, near[at(Uniform(), static_cast<std::uint32_t>(near.size()))], from_zone};
}

std::int64_t RequestTrial::Pause(const RetryPolicy& retries, int attempt) {
  return Backoff(retries, attempt, [this] { return Uniform(); }).nanoseconds();
}

// A span that needs a slot of a host whose slots are all held by spans that wait for it.
std::optional<RequestTrial::Outcome> RequestTrial::Blocked(Place place, std::int64_t start,
                                                           const Deadline& deadline) const {
  const ServiceInfo& service = topology_.services[place.service];
  if (std::ranges::count(held_, place) < service.spec->concurrency) return std::nullopt;
  const sim::Duration longest = service.spec->queue_timeout.value_or(sim::Duration::Max());
  const std::int64_t wait = service.spec->queue_bound == 0 ? 0 : Nanoseconds(longest);
  return Outcome{.end = std::min(deadline.at, start + wait),
                 .is_ok = false,
                 .limit = {TrialLimit::Kind::kOwnSlots, place.service}};
}

// The end of a span: its own work is done, or has failed.
RequestTrial::Outcome RequestTrial::OwnWork(const ServiceInfo& service, std::int64_t start,
                                            const Deadline& deadline) {
  const std::int64_t end = start + Nanoseconds(service.service_time.Sample(Uniform()));
  if (end > deadline.at) return {.end = deadline.at, .is_ok = false, .limit = deadline.limit};
  if (service.errors.empty()) return {.end = end};
  const double word = Uniform() * 0x1p32;
  for (const OwnErrorInfo& error : service.errors) {
    if (word < error.threshold) {
      return {.end = end, .is_ok = false, .is_retryable = error.retryable};
    }
  }
  return {.end = end};
}

RequestTrial::Outcome RequestTrial::Span(std::uint32_t node, Place place, std::int64_t start,
                                         Deadline deadline) {
  const sim::Duration time_limit = topology_.services[place.service].spec->time_limit;
  if (Nanoseconds(time_limit) < deadline.at - start) {
    deadline = {start + Nanoseconds(time_limit), {TrialLimit::Kind::kTimeLimit, place.service}};
  }
  if (const std::optional<Outcome> blocked = Blocked(place, start, deadline)) return *blocked;
  held_.push_back(place);
  const Outcome outcome = Work(node, place, start, deadline);
  held_.pop_back();
  return outcome;
}

// Own work, then the groups of calls, one after another.
RequestTrial::Outcome RequestTrial::Work(std::uint32_t node_index, Place place, std::int64_t start,
                                         Deadline deadline) {
  if (spans_left_ == 0) is_exhausted_ = true;
  if (is_exhausted_) return {.end = start};
  --spans_left_;
  Outcome outcome = OwnWork(topology_.services[place.service], start, deadline);
  const CallNode& node = topology_.nodes[node_index];
  std::uint32_t child = 0;
  while (outcome.is_ok && child < node.child_count) {
    const std::uint32_t group = topology_.nodes[node.first_child + child].group;
    Outcome together = {.end = outcome.end};
    for (; child < node.child_count; ++child) {
      const std::uint32_t index = node.first_child + child;
      const CallNode& call = topology_.nodes[index];
      if (call.group != group) break;
      if (!IsTaken(call.taken_threshold)) continue;
      if (topology_.dependencies[call.dependency].spec->is_async) {
        HandleMessage(index, place.zone);
        continue;
      }
      const Outcome one = MakeCall(index, place.zone, outcome.end, deadline);
      // The first failure ends the span; otherwise it continues with the last answer.
      if (one.is_ok != together.is_ok ? !one.is_ok : (one.end < together.end) == !one.is_ok) {
        together = one;
      }
    }
    outcome = together;
  }
  return outcome;
}

RequestTrial::Outcome RequestTrial::MakeCall(std::uint32_t node, std::uint32_t zone,
                                             std::int64_t start, const Deadline& deadline) {
  const DependencyInfo& dependency = topology_.dependencies[topology_.nodes[node].dependency];
  CountCall(node, deadline.at - start);
  std::int64_t now = start;
  for (int attempt = 1;; ++attempt) {
    Outcome outcome = Attempt(node, zone, now, deadline);
    if (outcome.is_ok || outcome.end >= deadline.at || is_exhausted_) return outcome;
    now = outcome.end;
    if (outcome.is_retryable && attempt <= dependency.spec->retries.max) {
      const std::int64_t pause = Pause(dependency.spec->retries, attempt);
      if (pause < deadline.at - now) {
        now += pause;
        continue;
      }
    }
    if (dependency.degrades()) outcome.is_ok = true;
    return outcome;
  }
}

RequestTrial::Outcome RequestTrial::Attempt(std::uint32_t node, std::uint32_t zone,
                                            std::int64_t start, const Deadline& deadline) {
  const std::uint32_t index = topology_.nodes[node].dependency;
  const DependencyInfo& dependency = topology_.dependencies[index];
  const std::int64_t timeout = Nanoseconds(dependency.timeout.delay);
  Deadline until = deadline;
  if (timeout <= deadline.at - start)
    until = {start + timeout, {TrialLimit::Kind::kTimeout, index}};
  const Place place = Choose(topology_.nodes[node].service, zone);
  const std::int64_t arrival = start + Latency(zone, place.zone);
  const Deadline passed_on = dependency.spec->propagates_deadline ? until : Deadline{kNever, {}};
  Outcome outcome = {.end = kNever, .is_ok = false};
  if (arrival < passed_on.at) {
    outcome = Span(node, place, arrival, passed_on);
    outcome.end += Latency(place.zone, zone);
  }
  const bool is_timed_out = outcome.end >= until.at;
  const bool is_blocked = !outcome.is_ok && outcome.limit.kind == TrialLimit::Kind::kOwnSlots;
  if (trial_ != nullptr && !is_exhausted_) {
    CallTrial& call = trial_->calls[node];
    ++call.attempts;
    if (is_blocked) {
      ++call.blocked;
    } else if (is_timed_out && until.limit.kind == TrialLimit::Kind::kTimeout &&
               until.limit.index == index) {
      ++call.timeouts;
    }
  }
  if (!is_timed_out) return outcome;
  return {.end = until.at, .is_ok = false, .limit = is_blocked ? outcome.limit : until.limit};
}

// A message has the whole deadline of its consumers, and holds no slots.
void RequestTrial::HandleMessage(std::uint32_t node, std::uint32_t zone) {
  const std::uint32_t service = topology_.nodes[node].service;
  std::vector<Place> held;
  held.swap(held_);
  const Place place = Choose(service, zone);
  const Outcome outcome = Work(node, place, 0,
                               {Nanoseconds(topology_.services[service].spec->consumers->deadline),
                                {TrialLimit::Kind::kConsumerDeadline, service}});
  held.swap(held_);
  if (trial_ == nullptr || is_exhausted_) return;
  ++trial_->messages[node];
  const TrialLimit limit{TrialLimit::Kind::kConsumerDeadline, service};
  if (!outcome.is_ok && outcome.limit == limit) ++trial_->messages_late[node];
}

std::uint64_t RequestTrial::RetriesThatFit(const RetryPolicy& retries, std::int64_t attempt_time,
                                           std::int64_t time_left) {
  for (int attempt = 1; attempt <= retries.max; ++attempt) {
    time_left -= attempt_time;
    time_left -= Pause(retries, attempt);
    if (time_left <= 0) return static_cast<std::uint64_t>(attempt) - 1;
  }
  return static_cast<std::uint64_t>(retries.max);
}

void RequestTrial::CountCall(std::uint32_t node, std::int64_t time_left) {
  if (trial_ == nullptr || is_exhausted_) return;
  const DependencyInfo& dependency = topology_.dependencies[topology_.nodes[node].dependency];
  CallTrial& call = trial_->calls[node];
  ++call.calls;
  call.seconds_left += static_cast<double>(time_left) * 1e-9;
  if (dependency.spec->retries.max == 0) return;
  const std::int64_t there_and_back = Latency(0, 0) + Latency(0, 0);
  call.retries_after_errors += RetriesThatFit(dependency.spec->retries, there_and_back, time_left);
  call.retries_after_timeouts +=
      RetriesThatFit(dependency.spec->retries, Nanoseconds(dependency.timeout.delay), time_left);
}

JourneyTrial RequestTrial::Try(const JourneyInfo& journey, std::uint64_t requests,
                               std::uint64_t spans_max) {
  JourneyTrial trial;
  trial_ = &trial;
  Begin(spans_max);
  const Deadline deadline{Nanoseconds(journey.deadline.delay), {TrialLimit::Kind::kJourney, 0}};
  for (std::uint64_t i = 0; i < requests; ++i) {
    const Place place = Choose(topology_.nodes[journey.root].service, journey.zone);
    const std::int64_t arrival = Latency(journey.zone, place.zone);
    Outcome outcome = {.end = kNever, .is_ok = false, .limit = deadline.limit};
    if (arrival < deadline.at) {
      outcome = Span(journey.root, place, arrival, deadline);
      outcome.end += Latency(place.zone, journey.zone);
    }
    if (is_exhausted_) break;
    ++trial.requests;
    if (outcome.is_ok && outcome.end >= Nanoseconds(journey.patience.delay)) {
      outcome = {.is_ok = false, .limit = deadline.limit};
    }
    if (!outcome.is_ok) ++trial.failed[outcome.limit];
  }
  trial_ = nullptr;
  return trial;
}

std::optional<std::int64_t> RequestTrial::AnswerTime(std::uint32_t node, std::uint32_t zone) {
  const Place place = Choose(topology_.nodes[node].service, zone);
  const std::int64_t arrival = Latency(zone, place.zone);
  const Outcome outcome = Span(node, place, arrival, {kNever, {}});
  const std::int64_t heard = outcome.end + Latency(place.zone, zone);
  return outcome.is_ok && !is_exhausted_ ? std::optional(heard) : std::nullopt;
}

std::optional<AnswerTimes> RequestTrial::AnswerTimesOf(std::uint32_t node, std::uint64_t attempts) {
  const std::uint32_t caller = topology_.dependencies[topology_.nodes[node].dependency].caller;
  Begin(kSpansMax);
  std::vector<std::int64_t> times;
  for (std::uint64_t i = 0; i < attempts && !is_exhausted_; ++i) {
    const auto time = AnswerTime(node, Choose(caller, 0).zone);
    if (time) times.push_back(*time);
  }
  return TimesOf(times);
}

std::optional<AnswerTimes> RequestTrial::AnswerTimesOf(const JourneyInfo& journey,
                                                       std::uint64_t attempts) {
  Begin(kSpansMax);
  std::vector<std::int64_t> times;
  for (std::uint64_t i = 0; i < attempts && !is_exhausted_; ++i) {
    const auto time = AnswerTime(journey.root, journey.zone);
    if (time) times.push_back(*time);
  }
  return TimesOf(times);
}

// `held`: the services whose slots are held by spans that wait for the span of `node_index`.
std::int64_t RequestTrial::FindLeast(std::uint32_t node_index, std::vector<std::uint32_t>& held) {
  const CallNode& node = topology_.nodes[node_index];
  const ServiceInfo& service = topology_.services[node.service];
  const auto slots = static_cast<std::ptrdiff_t>(service.spec->concurrency) * service.host_count;
  const bool is_blocked = std::ranges::count(held, node.service) >= slots;
  std::int64_t least =
      is_blocked ? kNever : 2 * hop_min_ + Nanoseconds(LeastOf(service.service_time));
  std::int64_t slowest = 0;  // of a group
  held.push_back(node.service);
  for (std::uint32_t child = node.first_child; child < node.first_child + node.child_count;
       ++child) {
    const CallNode& call = topology_.nodes[child];
    const DependencyInfo& dependency = topology_.dependencies[call.dependency];
    std::vector<std::uint32_t> none;
    std::int64_t answer = FindLeast(child, dependency.spec->is_async ? none : held);
    if (answer >= Nanoseconds(dependency.timeout.delay)) answer = kNever;
    const bool is_certain = call.taken_threshold >> 32 != 0;
    if (dependency.spec->is_async || dependency.degrades() || !is_certain) answer = 0;
    if (child == node.first_child || call.group != topology_.nodes[child - 1].group) {
      least = std::min(kNever, least + slowest);
      slowest = 0;
    }
    slowest = std::max(slowest, answer);
  }
  held.pop_back();
  least = std::min(kNever, least + slowest);
  least_[node_index] = least == kNever ? sim::Duration::Max() : sim::Duration(least);
  return least;
}

}  // namespace groundhog::model
