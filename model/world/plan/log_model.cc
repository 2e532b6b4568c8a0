#include "model/world/plan/log_model.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "sim/check.h"
#include "sim/random.h"

namespace groundhog::model {
namespace {

using Texts = std::vector<std::string>;

Texts FailureTexts(Failure failure) {
  switch (failure) {
    case Failure::kNone:
    case Failure::kOwn:
      return {};
    case Failure::kUnavailable:
      return {"Service unavailable: {host} refused request {request}",
              "Rejecting request {request} with 503: {service} is not accepting work",
              "{host} is out of service, request {request} was turned away at the door"};
    case Failure::kQueueFull:
      return {
          "Queue full on {host}: {queue_depth} waiting, {in_flight} of {slots} slots busy; "
          "request {request} rejected",
          "Too many requests: {queue_depth} already queued on {host}, shedding request "
          "{request}"};
    case Failure::kQueueTimeout:
      return {
          "Request {request} expired after {queue_wait_ms} ms in the queue of {host}, "
          "{in_flight} of {slots} slots busy",
          "Dropped request {request}: no free slot on {host} within {queue_wait_ms} ms, "
          "{queue_depth} still queued"};
    case Failure::kWorkTimeout:
      return {
          "Deadline exceeded while processing request {request}: stopped after {duration_ms} "
          "ms",
          "Cancelled request {request} on {host}: still working after {duration_ms} ms"};
    case Failure::kDependencyTimeout:
      return {
          "Timed out waiting for {dependency} on request {request}: no answer from "
          "{peer_host} within {timeout_ms} ms (attempt {call_attempt} of {attempts_max})",
          "Deadline exceeded calling {dependency} at {peer_host} after {timeout_ms} ms; giving "
          "up on request {request}",
          "read tcp {host} -> {peer_host}: i/o timeout after {timeout_ms} ms ({dependency}, "
          "request {request})"};
    case Failure::kDependencyFailed:
      return {
          "Request {request} failed: {dependency} answered with an error, attempt "
          "{call_attempt} of {attempts_max} at {peer_host}",
          "Upstream error from {dependency} ({peer_host}) while handling request {request}",
          "Could not complete request {request}: {dependency} returned an error on attempt "
          "{call_attempt} of {attempts_max}"};
    case Failure::kShed:
      return {
          "Shedding load on {host}: {in_flight} of {slots} slots busy, {queue_depth} queued; "
          "request {request} turned away",
          "Overloaded: {host} dropped request {request} before taking it on, {queue_depth} queued"};
    case Failure::kCancelled:
      return {
          "Request {request} cancelled by its caller after {duration_ms} ms",
          "Caller closed the connection after {duration_ms} ms, abandoning request {request} on "
          "{host}"};
    case Failure::kBreakerOpen:
      return {"Circuit breaker for {dependency} is open: request {request} failed without a call",
              "Not calling {dependency} for request {request}: circuit breaker open"};
  }
  return {};
}

const Texts kInternalError = {
    "Unhandled exception while processing request {request} on {host} after {duration_ms} ms",
    "Internal error in request {request}: worker on {host} aborted",
    "panic recovered while serving request {request} for user {user}"};
const Texts kRetryAfterTimeout = {
    "Call to {dependency} at {peer_host} timed out after {duration_ms} ms, attempt {call_attempt} "
    "of {attempts_max}; retrying in {backoff_ms} ms",
    "No answer from {dependency} within {timeout_ms} ms, retrying request {request} in "
    "{backoff_ms} ms"};
const Texts kRetryAfterError = {
    "Call to {dependency} at {peer_host} failed after {duration_ms} ms, attempt {call_attempt} of "
    "{attempts_max}; retrying in {backoff_ms} ms",
    "{dependency} answered with an error, retrying request {request} in {backoff_ms} ms"};
const Texts kDegraded = {
    "{dependency} is not available, served request {request} without it in {duration_ms} ms",
    "Fallback in use for {dependency}: degraded answer to request {request} after {duration_ms} "
    "ms"};
const Texts kSlow = {"Slow request {request}: {duration_ms} ms, {queue_wait_ms} ms of them queued",
                     "Request {request} took {duration_ms} ms on {host}, over the threshold"};
const Texts kStarted = {"{host} is up: {service} started with {slots} slots"};
const Texts kInterval = {
    "Heartbeat: {spans} requests, {errors} errors, load {load}, {queue_depth} queued, {in_flight} "
    "of {slots} slots in use"};
const Texts kDegradedInterval = {
    "Degraded: {errors} of {spans} requests failed, load {load}, {queue_depth} queued, {in_flight} "
    "of {slots} slots in use"};

constexpr bool IsFact(MessageSlot slot) {
  return slot == MessageSlot::kUser || slot == MessageSlot::kItems ||
         slot == MessageSlot::kAmount || slot == MessageSlot::kSku;
}

RequestFacts FactsOf(const MessageContext& context) {
  const SourceInfo& source = *context.source;
  const sim::DrawBlock draws = sim::Draw(
      source.key,
      {.ordinal = context.ordinal, .purpose = static_cast<std::uint16_t>(Purpose::kRequest)});
  const std::int64_t items = 1 + draws.BelowMultiply(1, 6);
  return {.user = source.users > 0 ? source.NumberOfUser(source.UserOf(context.ordinal))
                                   : kFirstUser + draws.BelowMultiply(0, kUserNumbers),
          .items = items,
          .amount_hundredths = items * (299 + 100 * std::int64_t{draws.BelowMultiply(2, 90)}),
          .sku = draws.BelowMultiply(3, 12'000)};
}

}  // namespace

std::vector<traces::MessageTemplate> RetryMessages() {
  std::vector<traces::MessageTemplate> messages;
  for (const Texts& texts : {kRetryAfterTimeout, kRetryAfterError}) {
    for (const std::string& text : texts) messages.push_back(ParseMessage(text)->message);
  }
  return messages;
}

LogModel::LogModel(const Scenario& scenario, const Topology& topology) {
  for (const Service& service : scenario.services) {
    ok_.push_back(Add(service.messages));
    std::vector<MessageGroup> own;
    std::vector<traces::ErrorCodeId> codes;
    for (const OwnError& error : service.errors) {
      own.push_back(Add(error.messages));
      codes.push_back(topology.ErrorCode(error.code));
    }
    own_.push_back(std::move(own));
    own_codes_.push_back(std::move(codes));
  }
  internal_error_ = Add(kInternalError);
  for (int i = 0; i < kFailureCount; ++i) {
    failures_[static_cast<std::size_t>(i)] = Add(FailureTexts(static_cast<Failure>(i)));
  }
  retry_after_timeout_ = Add(kRetryAfterTimeout);
  retry_after_error_ = Add(kRetryAfterError);
  degraded_ = Add(kDegraded);
  slow_ = Add(kSlow);
  started_ = Add(kStarted);
  interval_ = Add(kInterval);
  degraded_interval_ = Add(kDegradedInterval);
}

MessageGroup LogModel::Add(const std::vector<std::string>& texts) {
  const MessageGroup group = {.first = static_cast<std::uint32_t>(templates_.size()),
                              .count = static_cast<std::uint32_t>(texts.size())};
  for (const std::string& text : texts) {
    absl::StatusOr<ParsedMessage> parsed = ParseMessage(text);
    sim::Check(parsed.ok(), "a built-in or checked message template parses");
    std::vector<MessageSlot> stored;
    for (std::size_t i = 0; i < parsed->fills.size(); ++i) {
      if (traces::IsStored(parsed->message.slots[i])) stored.push_back(parsed->fills[i]);
    }
    tells_facts_.push_back(std::any_of(stored.begin(), stored.end(), IsFact));
    templates_.push_back(std::move(parsed->message));
    stored_.push_back(std::move(stored));
  }
  return group;
}

MessageGroup LogModel::Injected(std::uint32_t service, traces::ErrorCodeId code) const {
  const std::vector<traces::ErrorCodeId>& codes = own_codes_[service];
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] == code) return own_[service][i];
  }
  return internal_error_;
}

void LogModel::Fill(MessageGroup group, std::uint32_t word, const MessageContext& context,
                    traces::Record* record) const {
  const std::uint32_t chosen =
      group.first + static_cast<std::uint32_t>((std::uint64_t{word} * group.count) >> 32);
  record->message = traces::TemplateId{static_cast<std::uint16_t>(chosen)};
  const std::vector<MessageSlot>& stored = stored_[chosen];
  const RequestFacts facts = tells_facts_[chosen] ? FactsOf(context) : RequestFacts();
  for (std::size_t i = 0; i < stored.size(); ++i) {
    record->slots[i] = Value(stored[i], context, facts);
  }
}

std::int64_t LogModel::Value(MessageSlot slot, const MessageContext& context,
                             const RequestFacts& facts) {
  switch (slot) {
    case MessageSlot::kUser:
      return facts.user;
    case MessageSlot::kItems:
      return facts.items;
    case MessageSlot::kAmount:
      return facts.amount_hundredths;
    case MessageSlot::kSku:
      return facts.sku;
    case MessageSlot::kTimeoutMs:
      return context.timeout.nanoseconds();
    case MessageSlot::kBackoffMs:
      return context.backoff.nanoseconds();
    case MessageSlot::kCallAttempt:
      return context.call_attempt;
    case MessageSlot::kAttemptsMax:
      return context.attempts_max;
    case MessageSlot::kQueueDepth:
      return context.queue_depth;
    case MessageSlot::kInFlight:
      return context.in_flight;
    case MessageSlot::kSlots:
      return context.slots;
    case MessageSlot::kPeerHost:
      return static_cast<std::int64_t>(sim::Index(context.peer_host));
    case MessageSlot::kSpans:
      return context.spans;
    case MessageSlot::kErrors:
      return context.errors;
    case MessageSlot::kLoad:
      return context.load_hundredths;
    case MessageSlot::kDurationMs:
    case MessageSlot::kQueueWaitMs:
    case MessageSlot::kDependency:
    case MessageSlot::kAttempt:
    case MessageSlot::kService:
    case MessageSlot::kHost:
    case MessageSlot::kErrorCode:
    case MessageSlot::kRequest:
    case MessageSlot::kOrder:
      break;  // shown from the record's own fields
  }
  sim::Check(false, "a stored slot has a value");
  return 0;
}

}  // namespace groundhog::model
