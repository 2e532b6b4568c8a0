// What an audit says once it knows which row is which record.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "analysis/audit.h"

namespace groundhog::analysis {

namespace {

// So many extra rows show what is wrong with all of them.
constexpr std::size_t kExaminedMax = 10'000;

}  // namespace

void Audit::Add(const AuditExample& example, AuditResult* result) const {
  const std::uint64_t before = result->counts[static_cast<std::size_t>(example.finding)]++;
  if (before < options_.examples_max) result->examples.push_back(example);
}

void Audit::CountFields(AuditResult* result) const {
  if (rows_ == 0) return;
  result->compared = compared_;
  result->not_found = expected_ & ~compared_ & ~options_.plan.left_out;
  result->missing = result->not_found & options_.plan.required;
  result->counts[static_cast<std::size_t>(Finding::kFieldsMissing)] = result->missing.count();
}

void Audit::CountRecords(AuditResult* result) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.is_wanted) ++result->records;
    if (entry.is_wanted && !entry.row.exists()) {
      Add({.finding = Finding::kMissing, .record = i}, result);
    } else if (entry.is_wanted) {
      ++result->as_expected;  // less those that CountRows finds to be altered
    } else if (entry.row.exists()) {
      Add({.finding = Finding::kWronglyKept, .record = i, .row = entry.row}, result);
    }
  }
}

void Audit::CountRows(AuditResult* result) const {
  const Prints absent = HashesOf({}).prints;
  std::array<std::size_t, kAuditFieldCount> examples{};
  for (const Pending& pending : pending_) {
    AuditExample example = {.row = pending.row};
    if (pending.values != kNone) {
      example.found = values_[pending.values].values;
      example.text = values_[pending.values].text;
    }
    if (pending.record == kNone) {
      example.finding = Finding::kExtra;
      Add(example, result);
      continue;
    }
    const Entry& entry = entries_[pending.record];
    example.record = pending.record;
    if (pending.is_doubled) {
      example.finding = Finding::kDoubled;
      if (entry.row.exists()) example.other_row = entry.row;
      Add(example, result);
      continue;
    }
    example.finding = Finding::kAltered;
    example.altered = Differences(entry, pending);
    if (!entry.is_wanted || example.altered.none()) continue;
    --result->as_expected;
    ++result->counts[static_cast<std::size_t>(Finding::kAltered)];
    bool is_new = false;
    for (std::size_t i = 0; i < kAuditFieldCount; ++i) {
      if (!example.altered[i]) continue;
      ++result->altered_in[i];
      is_new = is_new || examples[i] < options_.examples_max;
      example.absent.set(i, pending.prints[i] == absent[i]);
    }
    if (!is_new) continue;
    for (std::size_t i = 0; i < kAuditFieldCount; ++i) examples[i] += example.altered[i] ? 1 : 0;
    result->examples.push_back(std::move(example));
  }
}

void Audit::CheckOrder(AuditResult* result) const {
  if (!options_.order_by) return;
  std::vector<Index32> records;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].is_wanted && entries_[i].row.exists()) {
      records.push_back(static_cast<Index32>(i));
    }
  }
  const auto comes_before = [this](Index32 a, Index32 b) {
    return entries_[a].row < entries_[b].row;
  };
  if (std::is_sorted(records.begin(), records.end(), comes_before)) return;
  std::sort(records.begin(), records.end(), comes_before);
  std::vector<Index32> latest(order_groups_.size(), kNone);  // by group, of those before in output
  for (const Index32 record : records) {
    const Entry& entry = entries_[record];
    Index32& later = latest[entry.order_group];
    if (later == kNone || entries_[later].row.output != entry.row.output ||
        entries_[later].millisecond <= entry.millisecond) {
      later = record;
      continue;
    }
    Add({.finding = Finding::kReordered,
         .record = record,
         .row = entry.row,
         .other_record = later,
         .other_row = entries_[later].row},
        result);
  }
}

void Audit::CheckWhole(AuditResult* result) const {
  if (!options_.whole) return;
  std::vector<Index32> first(whole_groups_.size(), kNone);  // of a group, of those that are there
  std::vector<bool> is_split(whole_groups_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!entry.is_wanted || !entry.row.exists() || is_split[entry.whole_group]) continue;
    if (first[entry.whole_group] == kNone) first[entry.whole_group] = static_cast<Index32>(i);
    const Entry& other = entries_[first[entry.whole_group]];
    if (other.row.output == entry.row.output) continue;
    is_split[entry.whole_group] = true;
    Add({.finding = Finding::kSplit,
         .record = i,
         .row = entry.row,
         .other_record = first[entry.whole_group],
         .other_row = other.row},
        result);
  }
}

void Audit::CheckLateness(AuditResult* result) const {
  if (!options_.arrivals) return;
  std::vector<std::int64_t> sorted;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].is_wanted && entries_[i].row.exists()) sorted.push_back(arrivals_[i] - due_[i]);
  }
  if (sorted.empty()) return;
  std::sort(sorted.begin(), sorted.end());
  const std::int64_t origin = options_.arrivals->origin.value_or(sorted.front());
  const auto percentile = [&](std::size_t percent) {
    return sorted[(sorted.size() * percent + 99) / 100 - 1] - origin;
  };
  result->lateness = {percentile(50), percentile(95), percentile(99), sorted.back() - origin};
  const std::optional<std::int64_t>& late_after = options_.arrivals->late_after;
  if (!late_after) return;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!entry.is_wanted || !entry.row.exists()) continue;
    const std::int64_t lateness = arrivals_[i] - due_[i] - origin;
    if (lateness <= *late_after) continue;
    Add({.finding = Finding::kLate,
         .record = i,
         .row = entry.row,
         .lateness_milliseconds = lateness},
        result);
  }
}

void Audit::CountKnownValues(AuditResult* result) const {
  if (!result->are_most_rows_extra()) return;
  std::vector<const Prints*> extra;
  for (const Pending& pending : pending_) {
    if (pending.record == kNone && extra.size() < kExaminedMax) extra.push_back(&pending.prints);
  }
  result->extra_examined = extra.size();
  const Prints absent = HashesOf({}).prints;
  // By field of the records, and field of the rows.
  std::array<std::array<std::uint64_t, kAuditFieldCount>, kAuditFieldCount> known{};
  for (std::size_t field = 0; field < kAuditFieldCount; ++field) {
    if (!compared_[field]) continue;
    absl::flat_hash_set<std::uint32_t> values;
    for (const Entry& entry : entries_) values.insert(entry.prints[field]);
    for (std::size_t other = 0; other < kAuditFieldCount; ++other) {
      if (!compared_[other]) continue;
      known[field][other] = static_cast<std::uint64_t>(
          std::count_if(extra.begin(), extra.end(), [&](const Prints* prints) {
            const std::uint32_t value = (*prints)[other];
            return values.contains(value) && (field == other || value != absent[other]);
          }));
    }
    result->extra_with_known_value[field] = known[field][field];
  }
  const auto are_most = [&](std::uint64_t count) { return 2 * count > extra.size(); };
  for (std::size_t field = 0; field < kAuditFieldCount; ++field) {
    for (std::size_t other = 0; other < kAuditFieldCount; ++other) {
      if (are_most(known[field][other]) && !are_most(known[field][field]) &&
          !are_most(known[other][other])) {
        result->known_elsewhere[field] = AuditField{static_cast<std::uint8_t>(other)};
      }
    }
  }
}

}  // namespace groundhog::analysis
