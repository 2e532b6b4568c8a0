// What a pipeline made of a trace: its rows are held against the records, as multisets. Which row
// is which record is decided in this order:
//   1. rows that equal a record in all fields, in any order;
//   2. rows with the key of a record that no row has taken yet: altered. Of several records with
//      that key, the one that has most fields in common;
//   3. rows with the key of a record that has its row: doubled;
//   4. rows whose key differs in one field only from that of a record without a row, one field
//      after the other: altered in it;
//   5. all others: extra.
// Records without a row are missing. So it does not matter in which order rows come, and keys may
// repeat.
//
// A field that no row has is not compared. One that the first rows lack is compared as soon as a
// row has it; the rows before then lack it, which is an alteration where their records have it.
//
// Memory: about 90 bytes for each record of the trace, and about as much for each row that equals
// no record. Values are kept as hashes of 32 bits a field.
//
// Not thread-safe.
#ifndef GROUNDHOG_ANALYSIS_AUDIT_H_
#define GROUNDHOG_ANALYSIS_AUDIT_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analysis/audit_fields.h"
#include "sim/time.h"
#include "text/enum_names.h"

namespace groundhog::analysis {

enum class Finding : std::uint8_t {
  kMissing,        // a record without a row
  kExtra,          // a row of no record
  kDoubled,        // one more row of a record
  kAltered,        // a row that differs from its record
  kReordered,      // a row that comes after one of a later record of its group, in the same output
  kWronglyKept,    // a row of a record that the pipeline was to leave out
  kSplit,          // a group whose rows are not all in one output
  kLate,           // a row that arrived later than it may
  kFieldsMissing,  // a field that was asked for and that records have, but no row
};
inline constexpr text::EnumNames kFindingNames(
    std::to_array<text::EnumName<Finding>>({{Finding::kMissing, "missing"},
                                            {Finding::kExtra, "extra"},
                                            {Finding::kDoubled, "doubled"},
                                            {Finding::kAltered, "altered"},
                                            {Finding::kReordered, "reordered"},
                                            {Finding::kWronglyKept, "wrongly_kept"},
                                            {Finding::kSplit, "split"},
                                            {Finding::kLate, "late"},
                                            {Finding::kFieldsMissing, "fields_missing"}}));
inline constexpr std::size_t kFindingCount = kFindingNames.rows().size();

// Where a row is. `line` is that of the file, or the offset in a partition of Kafka.
struct RowPlace {
  static constexpr std::uint64_t kNone = 0xFFFF;
  static constexpr std::size_t kOutputsMax = kNone;
  std::uint64_t output : 16 = kNone;  // from 0, in the order of the outputs
  std::uint64_t line : 48 = 0;
  bool exists() const { return output != kNone; }
  // By output, then by line. g++ 12 cannot make these itself for bit-fields.
  std::uint64_t rank() const { return static_cast<std::uint64_t>(output) << 48 | line; }
  bool operator==(const RowPlace& other) const { return rank() == other.rank(); }
  auto operator<=>(const RowPlace& other) const { return rank() <=> other.rank(); }
};

// About outputs that say when each row arrived. Times are milliseconds.
struct ArrivalOptions {
  // The date on which what is due at 0 is due; nullopt: such that the row which is least late is in
  // time.
  std::optional<std::int64_t> origin;
  std::optional<std::int64_t> late_after;  // so late a row may be; nullopt: as late as it likes
};

struct AuditOptions {
  AuditPlan plan;
  // Rows of records with one value of this field have to come in the trace's order; records of one
  // millisecond have no order. nullopt: rows may come in any order.
  std::optional<AuditField> order_by = AuditField::kService;
  // All rows of records with one value of this field belong into one output. nullopt: they may be
  // anywhere.
  std::optional<AuditField> whole;
  std::optional<ArrivalOptions> arrivals;  // nullopt: nothing is known of them
  std::size_t examples_max = 3;            // of a finding; of altered rows, of each field
};

// Records are numbered from 0, in the order of Expect.
struct AuditExample {
  Finding finding{};
  std::optional<std::size_t> record;
  std::optional<RowPlace> row;
  // Reordered: the later record whose row came first. Split: a record that is elsewhere.
  std::optional<std::size_t> other_record;
  std::optional<RowPlace> other_row;  // of the other record; doubled: the row before
  AuditFields altered;
  AuditFields absent;  // of `altered`: what the row does not have at all
  std::optional<std::int64_t> lateness_milliseconds;  // of a late one
  // The row's values, and how it is written, where the record does not say it; nullopt also for
  // rows far behind the first 50,000 that are not as expected.
  std::optional<std::array<std::string, kAuditFieldCount>> found;
  std::string text;
};

// How late the rows of the records were, by rank: p95 is that of the row which 95 % are not later
// than.
struct LatenessFigures {
  std::int64_t p50 = 0;
  std::int64_t p95 = 0;
  std::int64_t p99 = 0;
  std::int64_t max = 0;
};

struct AuditResult {
  std::uint64_t records = 0;  // that the pipeline was to let through
  std::uint64_t rows = 0;
  std::uint64_t as_expected = 0;  // rows that equal their record
  std::array<std::uint64_t, kFindingCount> counts{};
  std::array<std::uint64_t, kAuditFieldCount> altered_in{};  // rows, by field
  AuditFields compared;                                      // none if there are no rows
  // What records have that the pipeline was to let through, and no row has, though it was not left
  // out. None if there are no rows.
  AuditFields not_found;
  AuditFields missing;  // of `not_found`: those that were asked for
  // If most rows are extra, of the first of them (`extra_examined`): how many have a value that any
  // record has, by field; and in which other field most of them have it instead.
  std::uint64_t extra_examined = 0;
  std::array<std::uint64_t, kAuditFieldCount> extra_with_known_value{};
  std::array<std::optional<AuditField>, kAuditFieldCount> known_elsewhere;
  std::optional<LatenessFigures> lateness;
  std::vector<AuditExample> examples;  // by finding

  std::uint64_t count(Finding finding) const { return counts[static_cast<std::size_t>(finding)]; }
  bool is_all_well() const { return counts == decltype(counts){}; }
  // Most rows have no record: the names, the key or the trace may be wrong.
  bool are_most_rows_extra() const { return 2 * count(Finding::kExtra) > rows; }
};

// Takes all records first, then all rows.
class Audit {
 public:
  explicit Audit(const AuditOptions& options) : options_(options) {
    Compare(options_.plan.at_first);
  }

  // Makes room for so many records; more may come.
  void Reserve(std::size_t records) { entries_.reserve(records); }

  // A record, in the order of the trace. `is_wanted`: whether the pipeline is to let it through.
  // `due_milliseconds`: see ArrivalOptions.
  void Expect(const AuditValues& values, sim::VirtualTime time, bool is_wanted,
              std::int64_t due_milliseconds = 0);

  // A row; `text`: as it is in the output, for examples. All rows of an output come together, by
  // line.
  void Take(const AuditValues& values, RowPlace place, std::int64_t arrival_milliseconds = 0,
            std::string_view text = {});

  // What Take was given as arrivals turned out to be something else.
  void ForgetArrivals() { options_.arrivals.reset(); }

  // Once, at the end.
  AuditResult Finish();

 private:
  using Index32 = std::uint32_t;
  static constexpr Index32 kNone = std::numeric_limits<Index32>::max();
  // Of the fields with a column; 0 for others.
  using Prints = std::array<std::uint32_t, kAuditFieldCount>;

  struct Hashes {
    Prints prints{};         // of each field that is compared
    std::uint64_t core = 0;  // of the fields that the first rows have
    std::uint64_t key = 0;   // of the key's fields
  };
  struct Entry {
    std::uint64_t core = 0;
    std::uint64_t key = 0;
    std::int64_t millisecond = 0;
    RowPlace row;
    Index32 next = kNone;  // with the same core
    Index32 order_group = 0;
    Index32 whole_group = 0;
    Prints prints{};
    bool is_wanted = true;
  };
  // A row that equals no record, or only such as have a row.
  struct Pending {
    RowPlace row;
    std::uint64_t key = 0;
    Index32 record = kNone;
    Index32 values = kNone;  // in values_
    Prints prints{};
    bool is_doubled = false;
  };
  struct Found {
    std::array<std::string, kAuditFieldCount> values;
    std::string text;
  };
  using KeyedIndex = std::pair<std::uint64_t, Index32>;  // by hash of a key
  using Keyed = std::vector<KeyedIndex>;

  Hashes HashesOf(const AuditValues& values) const;
  void Compare(const AuditFields& fields);
  void CompareFromNowOn(const AuditFields& fields);
  bool AreEqual(const Prints& a, const Prints& b) const;
  Index32 GroupOf(const std::optional<AuditField>& field, const AuditValues& values,
                  absl::flat_hash_map<std::uint64_t, Index32>* groups);
  void BuildIndex();
  Index32* FindCore(std::uint64_t core);
  void GiveRow(Index32 record, RowPlace place, std::int64_t arrival);
  bool TakeEqual(std::uint64_t core, std::int64_t arrival, Pending* pending);

  // Of an entry or of what is pending. Prints of one field alone would be too short.
  template <class Printed>
  std::uint64_t KeyOf(const Printed& printed, const AuditFields& key) const;
  AuditFields Differences(const Entry& entry, const Pending& pending) const;
  Keyed OpenRows(const AuditFields& key) const;
  void PairByKey(const AuditFields& key);
  void PairGroup(std::span<const KeyedIndex> rows, std::span<const KeyedIndex> records);
  void FindDoubled();

  // audit_findings.cc
  void Add(const AuditExample& example, AuditResult* result) const;
  void CountFields(AuditResult* result) const;
  void CountRecords(AuditResult* result) const;
  void CountRows(AuditResult* result) const;
  void CheckOrder(AuditResult* result) const;
  void CheckWhole(AuditResult* result) const;
  void CheckLateness(AuditResult* result) const;
  void CountKnownValues(AuditResult* result) const;

  AuditOptions options_;
  std::vector<Entry> entries_;
  std::vector<Index32> slots_;  // hash table of entries by core, open addressing; a power of two
  absl::flat_hash_map<std::uint64_t, Index32> order_groups_;
  absl::flat_hash_map<std::uint64_t, Index32> whole_groups_;
  // With arrivals only: by record, and by pending row.
  std::vector<std::int64_t> due_;
  std::vector<std::int64_t> arrivals_;
  std::vector<std::int64_t> pending_arrivals_;
  std::vector<Pending> pending_;
  std::vector<Found> values_;  // of the first pending rows
  std::size_t values_bytes_ = 0;
  AuditFields expected_;  // of any record that the pipeline is to let through
  AuditFields seen_;      // in any row
  AuditFields compared_;  // so far: those of the first rows, and those seen since
  Prints mask_{};         // all bits for these
  std::uint64_t rows_ = 0;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_AUDIT_H_
