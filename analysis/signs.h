// Signs: what a record shows that its partner in another trace of the same day does not: an error,
// a longer wait, a call that got no answer. What a fault does to services, and on which ways it
// travels between them, is read from these.
//
// Pure functions of the two records and the catalogue; safe to use from any thread.
#ifndef GROUNDHOG_ANALYSIS_SIGNS_H_
#define GROUNDHOG_ANALYSIS_SIGNS_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/time.h"
#include "text/enum_names.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::analysis {

// What is wrong with a service, in the order in which a table shows it.
enum class State : std::uint8_t {
  kDown,       // it refuses requests as unavailable (ERR_503)
  kSilent,     // what it logs of itself is missing, or it reports a restart
  kSlow,       // requests take longer, their waiting for a slot apart
  kQueueing,   // requests wait longer for a slot
  kRefusing,   // overloaded or cautious: queue full, shed, expired in the queue, breaker open
  kFailing,    // requests fail otherwise
  kDegraded,   // requests are served without a dependency
  kAbandoned,  // its callers give its requests up (ERR_499)
  kExtraLoad,  // it gets requests that would not have come
  kSkewed,     // its clock is off
};
inline constexpr text::EnumNames kStateNames(
    std::to_array<text::EnumName<State>>({{State::kDown, "down"},
                                          {State::kSilent, "silent"},
                                          {State::kSlow, "slow"},
                                          {State::kQueueing, "queueing"},
                                          {State::kRefusing, "refusing"},
                                          {State::kFailing, "failing"},
                                          {State::kDegraded, "degraded"},
                                          {State::kAbandoned, "abandoned"},
                                          {State::kExtraLoad, "extra load"},
                                          {State::kSkewed, "clock skewed"}}));

// How one service has an effect on another. The first eight go from a callee to its caller, the
// next two from a caller to its callee, and the last one between hosts of one service.
enum class Mechanism : std::uint8_t {
  kRefused,      // calls were refused as unavailable
  kRejected,     // calls were turned away by overload
  kErrorAnswer,  // calls were answered with another error
  kTimeout,      // calls got no answer in time
  kBreakerOpen,  // the caller's circuit breaker let calls fail unsent
  kFallback,     // the caller served requests without the callee
  kSlowAnswer,   // calls were answered later
  kRetries,      // failed calls were made again
  kMoreCalls,    // other calls that would not have been made
  kMovedLoad,    // calls went to other hosts
};
inline constexpr text::EnumNames kMechanismNames(
    std::to_array<text::EnumName<Mechanism>>({{Mechanism::kRefused, "refused"},
                                              {Mechanism::kRejected, "rejected"},
                                              {Mechanism::kErrorAnswer, "error answer"},
                                              {Mechanism::kTimeout, "timeout"},
                                              {Mechanism::kBreakerOpen, "breaker open"},
                                              {Mechanism::kFallback, "fallback"},
                                              {Mechanism::kSlowAnswer, "slow answer"},
                                              {Mechanism::kRetries, "retries"},
                                              {Mechanism::kMoreCalls, "more calls"},
                                              {Mechanism::kMovedLoad, "moved load"}}));

// Between two services: who waited for whom, or called whom.
struct Link {
  traces::ServiceId from = traces::ServiceId::kNone;
  traces::ServiceId to = traces::ServiceId::kNone;
  auto operator<=>(const Link&) const = default;
};

struct LinkSign {
  Link link;
  Mechanism mechanism{};
};

// What one record shows.
struct Signs {
  std::vector<State> states;
  std::vector<LinkSign> links;
  // The callee failed so or answered late; how many of its answers did decides what the caller's
  // signs mean. kRefused, kRejected, kErrorAnswer or kSlowAnswer, from callee to caller.
  std::vector<LinkSign> answers;
  bool has_failed_for_user = false;  // the record of a user's request, and an error
  bool is_late_for_user = false;     // the same, and later
  // Where it began as far as the record says: the service that it waited for in vain, that which
  // a surge's request entered, or its own. kNone: it says nothing, as a call that is made again.
  traces::ServiceId origin = traces::ServiceId::kNone;

  bool is_empty() const {
    return states.empty() && links.empty() && !has_failed_for_user && !is_late_for_user;
  }
};

class SignReader {
 public:
  // `catalogue` must outlive this.
  explicit SignReader(const traces::Catalogue& catalogue);

  // A user's request: a span without a parent. A client's each attempt is one.
  static bool IsOfUser(const traces::Record& record) {
    return record.call_path != traces::CallPathId::kNone &&
           record.parent_span == traces::SpanId::kNone;
  }
  // Whether it reports a failed attempt of a call, and so is not the last of its span.
  bool IsRetry(const traces::Record& record) const {
    return record.level == traces::Level::kWarn && record.call_path != traces::CallPathId::kNone &&
           KindOf(record).is_retry;
  }

  // The service that the record's request entered.
  traces::ServiceId EntryOf(const traces::Record& record) const { return Path(record).entry; }

  // The signs of a record of a request. `other` is the record of the same place in the other trace;
  // nullptr: it has none there.
  void Read(const traces::Record& record, const traces::Record* other, Signs* signs) const;

  // Whether it took noticeably longer: by more than a millisecond and more than a tenth.
  static bool IsLonger(sim::Duration duration, sim::Duration than) {
    return duration - than > sim::Milliseconds(1) && duration - than > than / 10;
  }

 private:
  // What a template is written for; of WARN records of requests, which a scenario cannot word.
  struct TemplateKind {
    bool is_retry = false;
    bool is_timeout = false;  // of the attempt that is tried again
    bool is_degraded = false;
  };
  struct PathServices {
    traces::ServiceId entry = traces::ServiceId::kNone;
    traces::ServiceId caller = traces::ServiceId::kNone;  // kNone: users call
  };

  void ReadRetry(const traces::Record& record, Signs* signs) const;
  void ReadError(const traces::Record& record, Signs* signs) const;
  void ReadExtra(const traces::Record& record, Signs* signs) const;
  void ReadTimes(const traces::Record& record, const traces::Record& other, Signs* signs) const;
  const TemplateKind& KindOf(const traces::Record& record) const {
    return kinds_[static_cast<std::size_t>(traces::Index(record.message))];
  }
  // Of the record of an attempt.
  bool IsTimeout(const traces::Record& record) const { return KindOf(record).is_timeout; }
  bool IsDegraded(const traces::Record& record) const {
    return record.level == traces::Level::kWarn && KindOf(record).is_degraded;
  }
  const PathServices& Path(const traces::Record& record) const {
    return paths_[static_cast<std::size_t>(traces::Index(record.call_path))];
  }

  // What an error code of the program's own means; a scenario's own errors are kOther.
  enum class Code : std::uint8_t {
    kOther,
    kDown,
    kOverload,
    kTimeout,
    kFailed,
    kBreaker,
    kGivenUp
  };
  static Code CodeOf(const std::string& name);

  std::vector<TemplateKind> kinds_;
  std::vector<PathServices> paths_;
  std::vector<Code> codes_;
  std::vector<bool> comes_from_surge_;  // by source of requests
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_SIGNS_H_
