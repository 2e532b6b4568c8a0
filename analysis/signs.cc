#include "analysis/signs.h"

#include <map>
#include <string>
#include <string_view>

namespace groundhog::analysis {
namespace {

using traces::Level;
using traces::Record;
using traces::ServiceId;

bool Contains(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

bool HasDependency(const Record& record) { return record.dependency != ServiceId::kNone; }

// Both report the same, whatever else differs.
bool SaysTheSame(const Record& record, const Record* other) {
  return other != nullptr && record.level == other->level && record.error_code == other->error_code;
}

// The first that it is called for is right: the surge's, then the failure's, then what is slow.
void PointTo(ServiceId origin, Signs* signs) {
  if (signs->origin == ServiceId::kNone) signs->origin = origin;
}

// Without the wait for a slot. A consumer's wait comes before its duration.
sim::Duration WithoutWait(const Record& record) {
  return record.queue_wait < record.duration ? record.duration - record.queue_wait
                                             : record.duration;
}

}  // namespace

SignReader::SignReader(const traces::Catalogue& catalogue) {
  for (const traces::MessageTemplate& message : catalogue.templates) {
    const std::string_view text = message.text;
    kinds_.push_back({.is_retry = Contains(text, "retrying"),
                      .is_timeout = Contains(text, "timed out") || Contains(text, "No answer"),
                      .is_degraded = Contains(text, "Fallback in use") ||
                                     Contains(text, "is not available, served request")});
  }
  std::map<std::string_view, ServiceId> services;
  for (std::size_t i = 0; i < catalogue.services.size(); ++i) {
    services.emplace(catalogue.services[i].name, ServiceId{static_cast<std::uint16_t>(i)});
  }
  const auto service = [&](std::string_view name) {
    const auto found = services.find(name);
    return found == services.end() ? ServiceId::kNone : found->second;
  };
  for (const traces::CallPathEntry& path : catalogue.call_paths) {
    // "checkout/gateway-service/order-service": the journey, the entry, and on.
    PathServices& out = paths_.emplace_back();
    std::string_view rest = path.name;
    std::string_view before;
    for (int i = 0;; ++i) {
      const std::size_t slash = rest.find('/');
      const std::string_view name = rest.substr(0, slash);
      if (i == 1) out.entry = service(name);
      if (slash == std::string_view::npos) {
        if (i >= 2) out.caller = service(before);
        break;
      }
      before = name;
      rest.remove_prefix(slash + 1);
    }
  }
  for (const traces::EntityEntry& entity : catalogue.entities) {
    comes_from_surge_.push_back(entity.kind == traces::EntityKind::kSurge);
  }
  for (const std::string& code : catalogue.error_codes) codes_.push_back(CodeOf(code));
}

SignReader::Code SignReader::CodeOf(const std::string& name) {
  if (name == "ERR_503") return Code::kDown;
  if (name == "ERR_429" || name == "ERR_529" || name == "ERR_408") return Code::kOverload;
  if (name == "ERR_504") return Code::kTimeout;
  if (name == "ERR_502") return Code::kFailed;
  if (name == "ERR_530") return Code::kBreaker;
  if (name == "ERR_499") return Code::kGivenUp;
  return Code::kOther;
}

void SignReader::Read(const Record& record, const Record* other, Signs* signs) const {
  signs->states.clear();
  signs->links.clear();
  signs->answers.clear();
  signs->has_failed_for_user = false;
  signs->is_late_for_user = false;
  signs->origin = ServiceId::kNone;
  if (other != nullptr && IsRetry(record) != IsRetry(*other)) other = nullptr;
  if (IsRetry(record)) {
    const bool is_same = other != nullptr && other->dependency == record.dependency &&
                         IsTimeout(*other) == IsTimeout(record);
    if (!is_same) ReadRetry(record, signs);
    return;
  }
  if (other == nullptr) ReadExtra(record, signs);
  if (record.level == Level::kError) {
    if (!SaysTheSame(record, other)) ReadError(record, signs);
  } else if (IsDegraded(record)) {
    const bool is_same =
        other != nullptr && IsDegraded(*other) && other->dependency == record.dependency;
    if (!is_same && HasDependency(record)) {
      signs->states.push_back(State::kDegraded);
      signs->links.push_back({{record.dependency, record.service}, Mechanism::kFallback});
      PointTo(record.dependency, signs);
    }
  }
  if (other != nullptr) ReadTimes(record, *other, signs);
}

void SignReader::ReadRetry(const Record& record, Signs* signs) const {
  if (!HasDependency(record)) return;
  const Link back = {record.dependency, record.service};
  signs->links.push_back({back, IsTimeout(record) ? Mechanism::kTimeout : Mechanism::kErrorAnswer});
  signs->links.push_back({{record.service, record.dependency}, Mechanism::kRetries});
  PointTo(record.dependency, signs);
}

void SignReader::ReadError(const Record& record, Signs* signs) const {
  const Code code = record.error_code == traces::ErrorCodeId::kNone
                        ? Code::kOther
                        : codes_[static_cast<std::size_t>(traces::Index(record.error_code))];
  const Link answer = {record.service, Path(record).caller};
  const Link back = {record.dependency, record.service};
  signs->has_failed_for_user = IsOfUser(record);
  const auto wait_for = [&](Mechanism mechanism) {
    if (!HasDependency(record)) return;
    signs->links.push_back({back, mechanism});
    PointTo(record.dependency, signs);
  };
  switch (code) {
    case Code::kDown:
      signs->states.push_back(State::kDown);
      signs->answers.push_back({answer, Mechanism::kRefused});
      PointTo(record.service, signs);
      return;
    case Code::kOverload:
      signs->states.push_back(State::kRefusing);
      signs->answers.push_back({answer, Mechanism::kRejected});
      PointTo(record.service, signs);
      return;
    case Code::kGivenUp:
      signs->states.push_back(State::kAbandoned);
      PointTo(record.service, signs);
      return;
    case Code::kBreaker:
      signs->states.push_back(State::kRefusing);
      wait_for(Mechanism::kBreakerOpen);
      break;
    case Code::kTimeout:
      signs->states.push_back(State::kFailing);
      wait_for(Mechanism::kTimeout);
      break;
    case Code::kFailed:
      signs->states.push_back(State::kFailing);
      wait_for(Mechanism::kErrorAnswer);
      break;
    case Code::kOther:
      signs->states.push_back(State::kFailing);
      break;
  }
  PointTo(record.service, signs);
  signs->answers.push_back({answer, Mechanism::kErrorAnswer});
}

// Of a span that the other trace does not have.
void SignReader::ReadExtra(const Record& record, Signs* signs) const {
  signs->states.push_back(State::kExtraLoad);
  if (record.attempt == 1 && Path(record).caller != ServiceId::kNone) {
    signs->links.push_back({{Path(record).caller, record.service}, Mechanism::kMoreCalls});
  }
  // What a surge adds began where it entered; that a failed call is made again says nothing new.
  if (comes_from_surge_[sim::Index(record.request.source)]) PointTo(Path(record).entry, signs);
}

void SignReader::ReadTimes(const Record& record, const Record& other, Signs* signs) const {
  if (IsLonger(record.queue_wait, other.queue_wait)) signs->states.push_back(State::kQueueing);
  if (IsLonger(WithoutWait(record), WithoutWait(other))) signs->states.push_back(State::kSlow);
  if (!signs->states.empty()) PointTo(record.service, signs);
  if (!IsLonger(record.duration, other.duration)) return;
  signs->is_late_for_user = IsOfUser(record);
  signs->answers.push_back({{record.service, Path(record).caller}, Mechanism::kSlowAnswer});
  const bool is_by_failure = record.level == Level::kError || IsDegraded(record);
  if (HasDependency(record) && !is_by_failure) {
    signs->links.push_back({{record.dependency, record.service}, Mechanism::kSlowAnswer});
  }
}

}  // namespace groundhog::analysis
