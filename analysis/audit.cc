#include "analysis/audit.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <utility>

#include "analysis/audit_hash.h"
#include "traces/text_hash.h"

namespace groundhog::analysis {
namespace {

constexpr std::size_t kValuesKeptMax = 50'000;
constexpr std::size_t kBytesKeptMax = std::size_t{64} << 20;
// So many records of one key are compared with a row, so that no input takes quadratic time.
constexpr std::size_t kComparedMax = 64;

AuditFields Present(const AuditValues& values) {
  AuditFields present;
  for (std::size_t i = 0; i < kAuditFieldCount; ++i) present.set(i, !values[i].empty());
  return present;
}

}  // namespace

Audit::Hashes Audit::HashesOf(const AuditValues& values) const {
  Hashes hashes;
  for (std::size_t i = 0; i < kAuditFieldCount; ++i) {
    if (!options_.plan.compared[i]) continue;
    const std::uint64_t hash = HashValue(AuditField{static_cast<std::uint8_t>(i)}, values[i]);
    hashes.prints[i] = static_cast<std::uint32_t>(hash);
    if (options_.plan.at_first[i]) hashes.core = HashOfBoth(hashes.core, hash);
    if (options_.plan.key[i]) hashes.key = HashOfBoth(hashes.key, hash);
  }
  return hashes;
}

Audit::Index32 Audit::GroupOf(const std::optional<AuditField>& field, const AuditValues& values,
                              absl::flat_hash_map<std::uint64_t, Index32>* groups) {
  if (!field) return 0;
  const std::uint64_t hash = traces::HashText(values[Index(*field)]);
  return groups->try_emplace(hash, static_cast<Index32>(groups->size())).first->second;
}

void Audit::Expect(const AuditValues& values, sim::VirtualTime time, bool is_wanted,
                   std::int64_t due_milliseconds) {
  const Hashes hashes = HashesOf(values);
  Entry entry;
  entry.core = hashes.core;
  entry.key = hashes.key;
  entry.prints = hashes.prints;
  entry.millisecond = time.nanoseconds() / 1'000'000;
  entry.order_group = GroupOf(options_.order_by, values, &order_groups_);
  entry.whole_group = GroupOf(options_.whole, values, &whole_groups_);
  entry.is_wanted = is_wanted;
  if (is_wanted) expected_ |= Present(values);
  entries_.push_back(entry);
  if (options_.arrivals) due_.push_back(due_milliseconds);
}

void Audit::Compare(const AuditFields& fields) {
  compared_ |= fields;
  for (std::size_t i = 0; i < kAuditFieldCount; ++i) mask_[i] = compared_[i] ? ~0U : 0U;
}

// The rows so far have none of these fields. So those of records that have one are not equal to
// them, and another row may be.
void Audit::CompareFromNowOn(const AuditFields& fields) {
  Compare(fields);
  const Prints absent = HashesOf({}).prints;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (!entry.row.exists()) continue;
    Pending pending = {.row = entry.row, .key = entry.key, .prints = entry.prints};
    for (std::size_t field = 0; field < kAuditFieldCount; ++field) {
      if (fields[field]) pending.prints[field] = absent[field];
    }
    if (pending.prints == entry.prints) continue;
    pending_.push_back(pending);
    if (options_.arrivals) pending_arrivals_.push_back(arrivals_[i]);
    entry.row = {};
  }
  BuildIndex();
}

bool Audit::AreEqual(const Prints& a, const Prints& b) const {
  std::uint32_t differences = 0;
  for (std::size_t i = 0; i < kAuditFieldCount; ++i) differences |= (a[i] ^ b[i]) & mask_[i];
  return differences == 0;
}

// Where the first record with this core is in the table, or belongs.
Audit::Index32* Audit::FindCore(std::uint64_t core) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = core & mask;
  while (slots_[slot] != kNone && entries_[slots_[slot]].core != core) slot = (slot + 1) & mask;
  return &slots_[slot];
}

void Audit::BuildIndex() {
  slots_.assign(std::bit_ceil(entries_.size() * 3 / 2 + 1), kNone);
  for (std::size_t i = entries_.size(); i-- > 0;) {
    Index32* const first = FindCore(entries_[i].core);
    entries_[i].next = *first;
    *first = static_cast<Index32>(i);
  }
  if (options_.arrivals) arrivals_.resize(entries_.size());
}

void Audit::GiveRow(Index32 record, RowPlace place, std::int64_t arrival) {
  entries_[record].row = place;
  if (options_.arrivals) arrivals_[record] = arrival;
}

// Gives the row to a record that equals it. False if there is none that has no row yet; then
// `pending` says whether it is one row more of a record.
bool Audit::TakeEqual(std::uint64_t core, std::int64_t arrival, Pending* pending) {
  Index32* const first = FindCore(core);
  if (*first == kNone) return false;
  while (entries_[*first].row.exists() && entries_[*first].next != kNone) {
    *first = entries_[*first].next;
  }
  bool have_all_rows = true;
  std::size_t compared = 0;
  for (Index32 i = *first; i != kNone && compared < kComparedMax;
       i = entries_[i].next, ++compared) {
    const Entry& entry = entries_[i];
    if (entry.row.exists()) continue;
    have_all_rows = false;
    if (!AreEqual(entry.prints, pending->prints)) continue;
    GiveRow(i, pending->row, arrival);
    return true;
  }
  if (have_all_rows && AreEqual(entries_[*first].prints, pending->prints)) {
    pending->is_doubled = true;
    pending->record = *first;
  }
  return false;
}

void Audit::Take(const AuditValues& values, RowPlace place, std::int64_t arrival_milliseconds,
                 std::string_view text) {
  if (slots_.empty()) BuildIndex();
  ++rows_;
  seen_ |= Present(values);
  const AuditFields is_new = seen_ & options_.plan.compared & ~compared_;
  if (is_new.any()) CompareFromNowOn(is_new);
  const Hashes hashes = HashesOf(values);
  Pending pending = {.row = place, .key = hashes.key, .prints = hashes.prints};
  if (TakeEqual(hashes.core, arrival_milliseconds, &pending)) return;
  if (!pending.is_doubled && values_.size() < kValuesKeptMax && values_bytes_ < kBytesKeptMax) {
    pending.values = static_cast<Index32>(values_.size());
    Found& found = values_.emplace_back();
    std::copy(values.begin(), values.end(), found.values.begin());
    found.text = std::string(text);
    values_bytes_ += text.size();
    for (const std::string_view value : values) values_bytes_ += value.size();
  }
  pending_.push_back(pending);
  if (options_.arrivals) pending_arrivals_.push_back(arrival_milliseconds);
}

template <class Printed>
std::uint64_t Audit::KeyOf(const Printed& printed, const AuditFields& key) const {
  if (key == options_.plan.key) return printed.key;
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < kAuditFieldCount; ++i) {
    if (key[i]) hash = HashOfBoth(hash, printed.prints[i]);
  }
  return hash;
}

AuditFields Audit::Differences(const Entry& entry, const Pending& pending) const {
  AuditFields differences;
  for (std::size_t i = 0; i < kAuditFieldCount; ++i) {
    differences.set(i, entry.prints[i] != pending.prints[i]);
  }
  return differences & compared_;
}

// The rows that have no record, by key, and of one key in their order.
Audit::Keyed Audit::OpenRows(const AuditFields& key) const {
  Keyed rows;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].record != kNone) continue;
    rows.emplace_back(KeyOf(pending_[i], key), static_cast<Index32>(i));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

void Audit::PairByKey(const AuditFields& key) {
  const Keyed rows = OpenRows(key);
  if (rows.empty()) return;
  Keyed records;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].row.exists()) continue;
    records.emplace_back(KeyOf(entries_[i], key), static_cast<Index32>(i));
  }
  std::sort(records.begin(), records.end());
  auto record = records.cbegin();
  for (auto row = rows.cbegin(); row != rows.cend();) {
    const std::uint64_t hash = row->first;
    const auto is_other = [hash](const auto& keyed) { return keyed.first != hash; };
    const auto rows_end = std::find_if(row, rows.cend(), is_other);
    while (record != records.cend() && record->first < hash) ++record;
    const auto records_end = std::find_if(record, records.cend(), is_other);
    PairGroup({row, rows_end}, {record, records_end});
    row = rows_end;
    record = records_end;
  }
}

// Pairs rows and records of one key: each row with the record, out of the first ones, that has most
// fields in common with it; of equally good ones, one that was to be let through.
void Audit::PairGroup(std::span<const KeyedIndex> rows, std::span<const KeyedIndex> records) {
  std::deque<Index32> left;
  for (const auto& [hash, i] : records) left.push_back(i);
  for (const auto& [hash, row] : rows) {
    if (left.empty()) return;
    std::size_t best = 0;
    std::size_t score_max = 0;
    for (std::size_t i = 0; i < std::min(left.size(), kComparedMax); ++i) {
      const Entry& entry = entries_[left[i]];
      const std::size_t equal = kAuditFieldCount - Differences(entry, pending_[row]).count();
      const std::size_t score = 2 * equal + (entry.is_wanted ? 1 : 0);
      if (i > 0 && score <= score_max) continue;
      best = i;
      score_max = score;
    }
    pending_[row].record = left[best];
    GiveRow(left[best], pending_[row].row, options_.arrivals ? pending_arrivals_[row] : 0);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
}

void Audit::FindDoubled() {
  const Keyed rows = OpenRows(options_.plan.key);
  if (rows.empty()) return;
  absl::flat_hash_map<std::uint64_t, Index32> record_of;
  for (const auto& [hash, row] : rows) record_of.emplace(hash, kNone);
  for (std::size_t i = entries_.size(); i-- > 0;) {
    const auto found = record_of.find(KeyOf(entries_[i], options_.plan.key));
    if (found != record_of.end()) found->second = static_cast<Index32>(i);
  }
  for (const auto& [hash, row] : rows) {
    pending_[row].record = record_of[hash];
    pending_[row].is_doubled = pending_[row].record != kNone;
  }
}

AuditResult Audit::Finish() {
  PairByKey(options_.plan.key);
  FindDoubled();
  for (std::size_t i = 0; i < kAuditFieldCount; ++i) {
    AuditFields weaker = options_.plan.key;
    weaker.reset(i);
    // A single field would pair what has nothing to do with each other.
    if (weaker != options_.plan.key && weaker.count() >= 2) PairByKey(weaker);
  }
  AuditResult result;
  result.rows = rows_;
  CountFields(&result);
  CountRecords(&result);
  CountRows(&result);
  CheckOrder(&result);
  CheckWhole(&result);
  CheckLateness(&result);
  CountKnownValues(&result);
  std::stable_sort(result.examples.begin(), result.examples.end(),
                   [](const auto& a, const auto& b) { return a.finding < b.finding; });
  return result;
}

}  // namespace groundhog::analysis
