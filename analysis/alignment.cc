#include "analysis/alignment.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/hash/hash.h"
#include "analysis/place.h"
#include "analysis/unmatched.h"
#include "sim/check.h"

namespace groundhog::analysis {
namespace {

// A trace, record by record.
class Stream {
 public:
  Stream(Side side, const JointCatalogue& joint, const KeyedChunkSource& next)
      : side_(side), joint_(joint), next_(next) {}

  // The next record; without one at the end. Valid until Advance.
  KeyedRecord head() {
    if (at_ == records_.size()) Refill();
    if (has_ended_) return {};
    return {.record = &records_[at_], .trace_key = trace_key_};
  }
  void Advance() { ++at_; }
  Side side() const { return side_; }

 private:
  void Refill() {
    while (!has_ended_ && at_ == records_.size()) {
      has_ended_ = !next_(&records_, &trace_key_);
      if (has_ended_) records_.clear();
      at_ = 0;
    }
    joint_.Translate(side_, records_);
  }

  const Side side_;
  const JointCatalogue& joint_;
  const KeyedChunkSource& next_;
  std::vector<traces::Record> records_;
  std::size_t at_ = 0;
  std::uint64_t trace_key_ = 0;
  bool has_ended_ = false;
};

bool AreEqual(const KeyedRecord& a, const KeyedRecord& b) {
  return a.record->time == b.record->time && PlaceOf(a) == PlaceOf(b) &&
         Differences(*a.record, *b.record).is_empty();
}

// What one trace has at one instant, without what is equal in both from the beginning on.
class Instant {
 public:
  void Clear() { records_.clear(); }

  // All records of the stream at `time`, which come next in it.
  void Read(Stream& stream, sim::VirtualTime time) {
    for (KeyedRecord head = stream.head(); head.record != nullptr && head.record->time == time;
         head = stream.head()) {
      records_.push_back({.record = *head.record, .trace_key = head.trace_key});
      stream.Advance();
    }
  }

  std::size_t size() const { return records_.size(); }
  KeyedRecord operator[](std::size_t i) const {
    return {.record = &records_[i].record, .trace_key = records_[i].trace_key};
  }
  bool has_partner(std::size_t i) const { return records_[i].has_partner; }
  void set_has_partner(std::size_t i) { records_[i].has_partner = true; }

  // Positions by a hash that is the same for equal records.
  std::vector<std::pair<std::size_t, std::size_t>> Hashes() const {
    std::vector<std::pair<std::size_t, std::size_t>> hashes;
    hashes.reserve(records_.size());
    for (std::size_t i = 0; i < records_.size(); ++i) {
      const traces::Record& record = records_[i].record;
      hashes.emplace_back(absl::HashOf(PlaceOf((*this)[i]), record.host, record.message,
                                       record.duration.nanoseconds(), record.slots),
                          i);
    }
    std::sort(hashes.begin(), hashes.end());
    return hashes;
  }

 private:
  struct Copy {
    traces::Record record;
    std::uint64_t trace_key = 0;
    bool has_partner = false;
  };
  std::vector<Copy> records_;
};

class Aligner {
 public:
  Aligner(const JointCatalogue& joint, const KeyedChunkSource& a, const KeyedChunkSource& b,
          const AlignmentOptions& options, const TakeAligned& take)
      : a_(Side::kA, joint, a),
        b_(Side::kB, joint, b),
        window_(options.window),
        take_(take),
        unmatched_(options.unmatched_max, take) {}

  void Run() {
    while (true) {
      const KeyedRecord a = a_.head();
      const KeyedRecord b = b_.head();
      if (a.record == nullptr && b.record == nullptr) break;
      if (b.record == nullptr || (a.record != nullptr && a.record->time < b.record->time)) {
        TakeAlone(a_, a);
      } else if (a.record == nullptr || b.record->time < a.record->time) {
        TakeAlone(b_, b);
      } else if (AreEqual(a, b)) [[likely]] {
        take_({.a = a, .b = b, .differences = {}});
        a_.Advance();
        b_.Advance();
      } else {
        TakeInstant(a.record->time);
      }
    }
    unmatched_.SettleAll();
  }

 private:
  // A record of an instant at which the other trace has nothing more.
  void TakeAlone(Stream& stream, const KeyedRecord& alone) {
    const sim::VirtualTime now = alone.record->time;
    if (IsOfRequest(*alone.record)) {
      unmatched_.Add(stream.side(), alone);
    } else {
      take_(Aligned(stream.side(), alone));
    }
    stream.Advance();
    unmatched_.SettleBefore(now - window_);
  }

  // What both traces have at one instant.
  void TakeInstant(sim::VirtualTime now) {
    at_a_.Clear();
    at_b_.Clear();
    at_a_.Read(a_, now);
    at_b_.Read(b_, now);
    TakeEqual();
    of_hosts_a_.clear();
    of_hosts_b_.clear();
    TakeRest(Side::kA, at_a_, of_hosts_a_);
    TakeRest(Side::kB, at_b_, of_hosts_b_);
    TakeHosts();
    unmatched_.SettleBefore(now - window_);
  }

  // What is equal in both traces, in whatever order. Of records with one hash only some are looked
  // at, so that a hostile trace with very many of them takes no more time.
  void TakeEqual() {
    const auto hashes_a = at_a_.Hashes();
    const auto hashes_b = at_b_.Hashes();
    std::size_t begin = 0;
    for (const auto& [hash, i] : hashes_a) {
      while (begin < hashes_b.size() &&
             (hashes_b[begin].first < hash || at_b_.has_partner(hashes_b[begin].second))) {
        ++begin;
      }
      const std::size_t end = std::min(hashes_b.size(), begin + kMatchedTogetherMax);
      for (std::size_t k = begin; k < end && hashes_b[k].first == hash; ++k) {
        const std::size_t j = hashes_b[k].second;
        if (at_b_.has_partner(j) || !AreEqual(at_a_[i], at_b_[j])) continue;
        take_({.a = at_a_[i], .b = at_b_[j], .differences = {}});
        at_a_.set_has_partner(i);
        at_b_.set_has_partner(j);
        break;
      }
    }
  }

  // The others, those of no request into `of_hosts`.
  void TakeRest(Side side, const Instant& instant, std::vector<KeyedRecord>& of_hosts) {
    for (std::size_t i = 0; i < instant.size(); ++i) {
      if (instant.has_partner(i)) continue;
      if (IsOfRequest(*instant[i].record)) {
        unmatched_.Add(side, instant[i]);
      } else {
        of_hosts.push_back(instant[i]);
      }
    }
  }

  // Records of no request, host by host.
  void TakeHosts() {
    const auto is_before = [](const KeyedRecord& one, const KeyedRecord& other) {
      return one.record->host < other.record->host;
    };
    std::stable_sort(of_hosts_a_.begin(), of_hosts_a_.end(), is_before);
    std::stable_sort(of_hosts_b_.begin(), of_hosts_b_.end(), is_before);
    std::span<const KeyedRecord> a = of_hosts_a_;
    std::span<const KeyedRecord> b = of_hosts_b_;
    while (!a.empty() || !b.empty()) {
      const KeyedRecord& first = b.empty() || (!a.empty() && !is_before(b[0], a[0])) ? a[0] : b[0];
      const auto count = [&](std::span<const KeyedRecord> all) {
        std::size_t n = 0;
        while (n < std::min(all.size(), kMatchedTogetherMax) && !is_before(first, all[n])) ++n;
        return n;
      };
      const std::size_t count_a = count(a);
      const std::size_t count_b = count(b);
      MatchAtPlace(a.first(count_a), b.first(count_b), take_);
      a = a.subspan(count_a);
      b = b.subspan(count_b);
    }
  }

  Stream a_;
  Stream b_;
  const sim::Duration window_;
  const TakeAligned& take_;
  Unmatched unmatched_;
  Instant at_a_;
  Instant at_b_;
  std::vector<KeyedRecord> of_hosts_a_;
  std::vector<KeyedRecord> of_hosts_b_;
};

}  // namespace

FieldSet Differences(const traces::Record& a, const traces::Record& b) {
  FieldSet fields;
  fields.Add(Field::kTime, a.time != b.time);
  fields.Add(Field::kHost, a.host != b.host);
  fields.Add(Field::kLevel, a.level != b.level);
  fields.Add(Field::kDuration, a.duration != b.duration);
  fields.Add(Field::kQueueWait, a.queue_wait != b.queue_wait);
  fields.Add(Field::kClockSkew, a.clock_skew != b.clock_skew);
  fields.Add(Field::kDependency, a.dependency != b.dependency);
  fields.Add(Field::kErrorCode, a.error_code != b.error_code);
  fields.Add(Field::kMessage, a.message != b.message || a.slots != b.slots);
  fields.Add(Field::kTruth, a.truth != b.truth);
  return fields;
}

void Align(const JointCatalogue& joint, const KeyedChunkSource& a, const KeyedChunkSource& b,
           const AlignmentOptions& options, const std::function<void(const AlignedRecord&)>& take) {
  sim::Check(options.unmatched_max > 0, "an alignment keeps at least one record");
  Aligner(joint, a, b, options, take).Run();
}

}  // namespace groundhog::analysis
