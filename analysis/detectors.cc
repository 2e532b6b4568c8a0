#include "analysis/detectors.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "text/numbers.h"

namespace groundhog::analysis {
namespace {

constexpr double kErrorShareStep = 0.05;
constexpr double kSigmas = 3;
constexpr std::uint32_t kRecordsMin = 20;
constexpr double kLatencyDeviationMin = 0.01;  // of the mean
constexpr double kCountDeviationMin = 1;

constexpr std::size_t Index(Detector detector) { return static_cast<std::size_t>(detector); }

double Share(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

// Of values, with the sample's n - 1.
struct Spread {
  double mean = 0;
  double deviation = 0;
};

Spread SpreadOf(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  const double squares = std::accumulate(
      values.begin(), values.end(), 0.0,
      [mean](double sum, double value) { return sum + (value - mean) * (value - mean); });
  return {.mean = mean, .deviation = std::sqrt(squares / (count - 1))};
}

// Keeps the first bucket of the service's suspicion, and its largest score.
void Suspecting(std::optional<Suspect>& suspect, const Suspect& now) {
  if (!suspect) {
    suspect = now;
  } else if (now.score > suspect->score) {
    suspect->score = now.score;
    suspect->seen = now.seen;
  }
}

bool ComesBefore(const Suspect& one, const Suspect& other) {
  return std::tuple(-one.score, one.first_bucket, one.service) <
         std::tuple(-other.score, other.first_bucket, other.service);
}

// With one decimal below 10 if it is not 0, none above.
std::string Short(double number) {
  const long long tenths = std::llround(number * 10);
  return tenths < 100 && tenths % 10 != 0 ? text::FixedPoint(tenths, 1)
                                          : text::FixedPoint(std::llround(number), 0);
}
std::string Percent(double share) { return absl::StrCat(Short(100 * share), " %"); }

}  // namespace

std::size_t Detection::right() const {
  return static_cast<std::size_t>(std::count_if(
      verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.is_right(); }));
}

std::optional<Difficulty> Detection::difficulty() const {
  if (!has_baseline || buckets == 0) return std::nullopt;
  if (right() == 0) return Difficulty::kHard;
  return right() * 2 > kDetectorCount ? Difficulty::kEasy : Difficulty::kMedium;
}

Detectors::Detectors(std::size_t service_count, std::vector<Incident> incidents,
                     const DetectorOptions& options)
    : service_count_(service_count),
      incidents_(std::move(incidents)),
      options_(options),
      by_start_(incidents_.size()),
      detections_(incidents_.size()) {
  std::iota(by_start_.begin(), by_start_.end(), std::size_t{0});
  std::stable_sort(by_start_.begin(), by_start_.end(), [this](std::size_t one, std::size_t other) {
    return incidents_[one].start < incidents_[other].start;
  });
  OpenBucket();
}

std::int64_t Detectors::FirstBucketOf(const Incident& incident) const {
  return incident.start.since_start() / options_.bucket;
}

std::int64_t Detectors::LastBucketOf(const Incident& incident) const {
  const auto last = (incident.end - sim::Nanoseconds(1)).since_start() / options_.bucket;
  return std::max(last, FirstBucketOf(incident));
}

void Detectors::Add(std::span<const traces::Record> records) {
  for (const traces::Record& record : records) {
    CloseBucketsBefore(record.time.since_start() / options_.bucket);
    if (!IsDone()) Add(record);
  }
}

bool Detectors::IsDone() const { return begun_ == by_start_.size() && ongoing_.empty(); }

void Detectors::CloseBucketsBefore(std::int64_t number) {
  // A long gap, as only a damaged or foreign trace has, costs no time: what it puts into the
  // baseline is empty buckets, as many as the baseline holds.
  const auto kept = static_cast<std::int64_t>(options_.baseline_max) + 1;
  if (ongoing_.empty() && !IsDone()) {
    const std::int64_t next = FirstBucketOf(incidents_[by_start_[begun_]]);
    const std::int64_t stop = std::min(number, next);
    if (stop - number_ > 2 * kept) {
      CloseBucket();  // this one may have records
      number_ = stop - kept;
    }
  }
  while (number_ < number && !IsDone()) CloseBucket();
}

void Detectors::Add(const traces::Record& record) {
  const std::size_t service = traces::Index(record.service);
  Tally& tally = bucket_[service];
  ++tally.records;
  tally.bad += record.level != traces::Level::kInfo;
  if (record.call_path != traces::CallPathId::kNone) {
    ++tally.timed;
    tally.duration += static_cast<std::uint64_t>(record.duration.nanoseconds());
  }
  const auto [first, _] = first_logged_.try_emplace({record.service, record.message}, record.time);
  for (Ongoing& ongoing : ongoing_) {
    if (first->second < incidents_[ongoing.incident].start) continue;
    ++ongoing.services[service].unheard;
    auto& message = ongoing.services[service].first_message;
    if (!message) message = record.message;
  }
}

void Detectors::OpenBucket() {
  bucket_.assign(service_count_, Tally());
  for (; begun_ < by_start_.size(); ++begun_) {
    const std::size_t incident = by_start_[begun_];
    if (FirstBucketOf(incidents_[incident]) > number_) return;
    // No bucket that an incident touches is added to the baseline, so it does not change until
    // this incident is over.
    Detection& detection = detections_[incident];
    detection.baseline_buckets = baseline_.size();
    detection.has_baseline = baseline_.size() >= options_.baseline_min;
    ongoing_.push_back({.incident = incident, .services = {}});
    ongoing_.back().services.resize(service_count_);
  }
}

void Detectors::CloseBucket() {
  if (ongoing_.empty()) {
    baseline_.push_back(std::move(bucket_));
    if (baseline_.size() > options_.baseline_max) baseline_.pop_front();
    usual_.clear();
  } else if (baseline_.size() >= options_.baseline_min) {
    if (usual_.empty()) usual_ = UsualOfServices();
    for (Ongoing& ongoing : ongoing_) Judge(ongoing);
  }
  for (Ongoing& ongoing : ongoing_) ++detections_[ongoing.incident].buckets;
  std::erase_if(ongoing_, [this](const Ongoing& ongoing) {
    if (LastBucketOf(incidents_[ongoing.incident]) > number_) return false;
    EndIncident(ongoing);
    return true;
  });
  ++number_;
  OpenBucket();
}

std::vector<Detectors::Usual> Detectors::UsualOfServices() const {
  std::vector<Usual> all(service_count_);
  std::vector<double> counts;
  std::vector<double> latencies;
  for (std::size_t service = 0; service < service_count_; ++service) {
    counts.clear();
    latencies.clear();
    std::uint64_t records = 0;
    std::uint64_t bad = 0;
    for (const Bucket& bucket : baseline_) {
      const Tally& tally = bucket[service];
      records += tally.records;
      bad += tally.bad;
      counts.push_back(tally.records);
      if (tally.timed >= kRecordsMin) {
        latencies.push_back(static_cast<double>(tally.duration) / 1e6 / tally.timed);
      }
    }
    Usual& usual = all[service];
    usual.bad_share = Share(bad, records);
    const Spread count = SpreadOf(counts);
    usual.count = count.mean;
    usual.count_deviation = std::max(count.deviation, kCountDeviationMin);
    if (latencies.size() < options_.baseline_min) continue;
    const Spread latency = SpreadOf(latencies);
    usual.latency_ms = latency.mean;
    usual.latency_deviation = std::max(latency.deviation, kLatencyDeviationMin * latency.mean);
  }
  return all;
}

void Detectors::Judge(Ongoing& ongoing) {
  for (std::size_t i = 0; i < service_count_; ++i) {
    const auto id = static_cast<traces::ServiceId>(i);
    JudgeService(ongoing.services[i], bucket_[i], usual_[i], id);
    ongoing.services[i].unheard = 0;
  }
}

void Detectors::JudgeService(Ongoing::Service& service, const Tally& tally, const Usual& usual,
                             traces::ServiceId id) const {
  Suspect now = {.service = id, .first_bucket = sim::VirtualTime(options_.bucket * number_)};
  const auto suspect = [&](Detector detector, double usually, double seen, double score) {
    now.usual = usually;
    now.seen = seen;
    now.score = score;
    Suspecting(service.suspects[Index(detector)], now);
  };

  const double bad_share = Share(tally.bad, tally.records);
  if (tally.records >= kRecordsMin && bad_share - usual.bad_share > kErrorShareStep) {
    suspect(Detector::kErrorRate, usual.bad_share, bad_share, bad_share - usual.bad_share);
  }
  if (tally.timed >= kRecordsMin && usual.latency_deviation > 0) {
    const double latency_ms = static_cast<double>(tally.duration) / 1e6 / tally.timed;
    const double sigmas = (latency_ms - usual.latency_ms) / usual.latency_deviation;
    if (sigmas > kSigmas) suspect(Detector::kLatency, usual.latency_ms, latency_ms, sigmas);
  }
  const double sigmas = std::abs(tally.records - usual.count) / usual.count_deviation;
  if (sigmas > kSigmas) suspect(Detector::kRecordCount, usual.count, tally.records, sigmas);
  if (service.unheard > 0) {
    now.message = *service.first_message;
    const double share = Share(service.unheard, tally.records);
    suspect(Detector::kNewMessage, 0, share, share);
  }
}

void Detectors::EndIncident(const Ongoing& ongoing) {
  for (std::size_t detector = 0; detector < kDetectorCount; ++detector) {
    std::vector<Suspect> suspects;
    for (const Ongoing::Service& service : ongoing.services) {
      if (service.suspects[detector]) suspects.push_back(*service.suspects[detector]);
    }
    if (suspects.empty()) continue;
    std::sort(suspects.begin(), suspects.end(), ComesBefore);
    Verdict& verdict = detections_[ongoing.incident].verdicts[detector];
    verdict.blamed = suspects.front();
    verdict.suspects = suspects.size();
    const auto root = std::find_if(suspects.begin(), suspects.end(), [&](const Suspect& suspect) {
      return suspect.service == incidents_[ongoing.incident].root;
    });
    if (root == suspects.end()) continue;
    verdict.rank_of_root = static_cast<std::size_t>(root - suspects.begin()) + 1;
  }
}

std::vector<Detection> Detectors::Finish(sim::VirtualTime end) {
  CloseBucketsBefore(end.since_start() / options_.bucket);
  for (const Ongoing& ongoing : ongoing_) EndIncident(ongoing);
  return std::move(detections_);
}

std::string SuspicionInWords(Detector detector, const Suspect& suspect,
                             const traces::Catalogue& catalogue) {
  switch (detector) {
    case Detector::kErrorRate:
      return absl::StrCat(Percent(suspect.usual), " -> ", Percent(suspect.seen));
    case Detector::kLatency:
      return absl::StrCat(Short(suspect.usual), " ms -> ", Short(suspect.seen), " ms (",
                          Short(suspect.score), " sigma)");
    case Detector::kNewMessage:
      return absl::StrCat(Percent(suspect.seen), " of records: ",
                          catalogue.templates[traces::Index(suspect.message)].text);
    case Detector::kRecordCount:
      return absl::StrCat(Short(suspect.usual), " -> ", Short(suspect.seen), " records (",
                          Short(suspect.score), " sigma)");
  }
  return {};
}

}  // namespace groundhog::analysis
