#include "traces/header_codec.h"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "traces/byte_order.h"
#include "traces/catalogue_check.h"
#include "traces/entry.h"
#include "traces/format.h"
#include "traces/integers.h"

namespace groundhog::traces {
namespace {

std::string ToString(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

capnp::Text::Reader ToText(const std::string& text) { return {text.c_str(), text.size()}; }

unsigned Count(std::size_t size) { return static_cast<unsigned>(size); }

bool HasKeyDeltas(const Catalogue& catalogue) {
  return std::ranges::any_of(catalogue.entities,
                             [](const EntityEntry& entity) { return entity.key_delta != 0; });
}

void BuildEntities(const std::vector<EntityEntry>& from,
                   capnp::List<schema::Entity>::Builder entities) {
  for (unsigned i = 0; i < entities.size(); ++i) {
    entities[i].setName(ToText(from[i].name));
    entities[i].setKind(static_cast<std::uint8_t>(from[i].kind));
    entities[i].setService(Index(from[i].service));
  }
}

void BuildKeyedEntities(const std::vector<EntityEntry>& from,
                        schema::KeyedEntities::Builder keyed) {
  BuildEntities(from, keyed.initEntities(Count(from.size())));
  auto deltas = keyed.initKeyDeltas(Count(from.size()));
  for (unsigned i = 0; i < deltas.size(); ++i) deltas.set(i, from[i].key_delta);
}

void BuildLists(const Catalogue& catalogue, schema::Header::Builder out) {
  auto services = out.initServices(Count(catalogue.services.size()));
  for (unsigned i = 0; i < services.size(); ++i) {
    const ServiceEntry& service = catalogue.services[i];
    services[i].setName(ToText(service.name));
    auto dependencies = services[i].initDependencies(Count(service.dependencies.size()));
    for (unsigned k = 0; k < dependencies.size(); ++k) {
      dependencies.set(k, Index(service.dependencies[k]));
    }
  }
  if (HasKeyDeltas(catalogue)) {
    BuildKeyedEntities(catalogue.entities, out.initKeyedEntities());
  } else {
    BuildEntities(catalogue.entities, out.initEntities(Count(catalogue.entities.size())));
  }
  auto paths = out.initCallPaths(Count(catalogue.call_paths.size()));
  for (unsigned i = 0; i < paths.size(); ++i) paths.set(i, ToText(catalogue.call_paths[i].name));
  auto templates = out.initTemplates(Count(catalogue.templates.size()));
  for (unsigned i = 0; i < templates.size(); ++i) {
    templates[i].setText(ToText(catalogue.templates[i].text));
    auto slots = templates[i].initSlots(Count(catalogue.templates[i].slots.size()));
    for (unsigned k = 0; k < slots.size(); ++k) {
      slots.set(k, static_cast<std::uint8_t>(catalogue.templates[i].slots[k]));
    }
  }
  auto codes = out.initErrorCodes(Count(catalogue.error_codes.size()));
  for (unsigned i = 0; i < codes.size(); ++i) codes.set(i, ToText(catalogue.error_codes[i]));
  auto faults = out.initFaults(Count(catalogue.faults.size()));
  for (unsigned i = 0; i < faults.size(); ++i) {
    const FaultEntry& fault = catalogue.faults[i];
    faults[i].setName(ToText(fault.name));
    faults[i].setKind(ToText(fault.kind));
    faults[i].setTarget(ToText(fault.target));
    faults[i].setFirstStart(fault.first_start.nanoseconds());
    faults[i].setDuration(fault.duration.nanoseconds());
    faults[i].setPeriod(fault.period.nanoseconds());
    if (!fault.is_random) continue;
    faults[i].setRandom(true);
    auto starts = faults[i].initStarts(Count(fault.times.size()));
    auto ends = faults[i].initEnds(Count(fault.times.size()));
    for (unsigned k = 0; k < starts.size(); ++k) {
      starts.set(k, fault.times[k].start.nanoseconds());
      ends.set(k, fault.times[k].end.nanoseconds());
    }
  }
}

capnp::List<schema::Entity>::Reader EntitiesOf(schema::Header::Reader header) {
  return header.isKeyedEntities() ? header.getKeyedEntities().getEntities() : header.getEntities();
}

Catalogue ReadLists(schema::Header::Reader header) {
  Catalogue catalogue;
  for (const auto service : header.getServices()) {
    ServiceEntry& entry = catalogue.services.emplace_back();
    entry.name = ToString(service.getName());
    for (const auto id : service.getDependencies()) entry.dependencies.push_back(ServiceId{id});
  }
  for (const auto entity : EntitiesOf(header)) {
    catalogue.entities.push_back({.name = ToString(entity.getName()),
                                  .kind = EntityKind{entity.getKind()},
                                  .service = ServiceId{entity.getService()}});
  }
  if (header.isKeyedEntities()) {
    const auto deltas = header.getKeyedEntities().getKeyDeltas();
    for (unsigned i = 0; i < deltas.size(); ++i) catalogue.entities[i].key_delta = deltas[i];
  }
  for (const auto path : header.getCallPaths()) {
    catalogue.call_paths.push_back({.name = ToString(path)});
  }
  for (const auto message : header.getTemplates()) {
    MessageTemplate& entry = catalogue.templates.emplace_back();
    entry.text = ToString(message.getText());
    for (const auto kind : message.getSlots()) entry.slots.push_back(SlotKind{kind});
  }
  for (const auto code : header.getErrorCodes()) {
    catalogue.error_codes.push_back(ToString(code));
  }
  for (const auto fault : header.getFaults()) {
    catalogue.faults.push_back({.name = ToString(fault.getName()),
                                .kind = ToString(fault.getKind()),
                                .target = ToString(fault.getTarget()),
                                .first_start = sim::VirtualTime(fault.getFirstStart()),
                                .duration = sim::Duration(fault.getDuration()),
                                .period = sim::Duration(fault.getPeriod()),
                                .is_random = fault.getRandom()});
    const auto starts = fault.getStarts();
    const auto ends = fault.getEnds();
    std::vector<FaultTime>& times = catalogue.faults.back().times;
    for (unsigned i = 0; i < starts.size(); ++i) {
      times.push_back({.start = sim::VirtualTime(starts[i]), .end = sim::VirtualTime(ends[i])});
    }
  }
  return catalogue;
}

absl::Status Damaged(const std::string& what) { return absl::DataLossError(what); }

absl::Status CheckTimesSizes(capnp::List<schema::Fault>::Reader faults) {
  std::size_t times = 0;
  for (const auto fault : faults) {
    const std::size_t starts = fault.getStarts().size();
    if (starts != fault.getEnds().size()) {
      return Damaged("a fault has different numbers of starts and ends");
    }
    times += starts;
  }
  if (times > kFaultTimesMax) return Damaged("a list of its header is too long");
  return absl::OkStatus();
}

// A list of empty structs takes no room in the file, so a hostile count costs nothing there: counts
// are checked before anything is allocated for them.
absl::Status CheckListSizes(schema::Header::Reader header) {
  const auto faults = header.getFaults();
  const std::size_t most = std::max({header.getOverrides().size(), header.getServices().size(),
                                     header.getCallPaths().size(), header.getTemplates().size(),
                                     header.getErrorCodes().size(), faults.size()});
  const std::size_t entities = EntitiesOf(header).size();
  if (most > kIdCountMax || entities > kEntityCountMax) {
    return Damaged("a list of its header is too long");
  }
  if (header.isKeyedEntities() && header.getKeyedEntities().getKeyDeltas().size() != entities) {
    return Damaged("its header has not one key delta for each host and traffic source");
  }
  return CheckTimesSizes(faults);
}

absl::Status CheckVersion(std::uint32_t version) {
  if (version > kFormatVersion) {
    return absl::UnimplementedError(absl::StrCat("its format is version ", version,
                                                 ", this program reads up to ", kFormatVersion,
                                                 "; use a newer groundhog"));
  }
  if (version == 0) return Damaged("the format has no version");
  if (version < kFormatVersionMin) {
    return absl::UnimplementedError(absl::StrCat("its format is version ", version,
                                                 ", this program reads from ", kFormatVersionMin,
                                                 " on; record it again"));
  }
  return absl::OkStatus();
}

// A reader of version 2 would derive other ids from a list with key deltas.
absl::Status CheckEntities(schema::Header::Reader header) {
  const std::uint32_t version = header.getFormatVersion();
  const bool is_right = version == kKeyedFormatVersion  ? header.isKeyedEntities()
                        : version < kKeyedFormatVersion ? header.isEntities()
                                                        : true;
  if (is_right) return absl::OkStatus();
  return Damaged(absl::StrCat("its hosts and traffic sources are not listed as in version ",
                              version, " of the format"));
}

absl::Status ReadPlainHeader(schema::Header::Reader header, HeaderContents* out) {
  if (absl::Status s = CheckEntities(header); !s.ok()) return s;
  if (absl::Status s = CheckListSizes(header); !s.ok()) return s;
  out->format_version = header.getFormatVersion();
  out->info.program_version = ToString(header.getProgramVersion());
  out->info.scenario_name = ToString(header.getScenarioName());
  out->info.scenario_text = ToString(header.getScenarioText());
  out->info.overrides.clear();
  for (const auto text : header.getOverrides()) out->info.overrides.push_back(ToString(text));
  out->info.seed = header.getSeed();
  out->info.trace_key = header.getTraceKey();
  out->info.start_unix_nanoseconds = header.getStartUnixNanoseconds();
  out->info.duration = sim::Duration(header.getDurationNanoseconds());
  out->info.resolution = sim::Nanoseconds(header.getResolutionNanoseconds());
  out->info.truth_method = TruthMethod{header.getTruthMethod()};
  out->catalogue = ReadLists(header);
  absl::Status s = CheckTraceInfo(out->info);
  if (s.ok()) s = CheckCatalogue(out->catalogue);
  if (!s.ok()) return Damaged(std::string(s.message()));
  return absl::OkStatus();
}

// --- The index

using Column = std::vector<std::int64_t>;

constexpr char kNotInOrder[] = "the index is not in order";
constexpr char kBeyondTime[] = "a time of the index is beyond all time";

// The index, column by column. Steps are from the row before, at first from 0.
template <class Value>
void BuildIndexColumn(const ChunkIndex& index, bool is_step, const Value& value,
                      schema::Integers::Builder out) {
  Column column;
  column.reserve(index.size());
  std::int64_t before = 0;
  for (const IndexEntry& entry : index) {
    const auto number = static_cast<std::int64_t>(value(entry));
    column.push_back(is_step ? number - std::exchange(before, number) : number);
  }
  BuildIntegers(column, out, [](auto) {});
}

void BuildIndex(const ChunkIndex& index, sim::Duration unit, schema::ChunkIndex::Builder out) {
  using Entry = IndexEntry;
  const auto count = [](Level level) {
    return [level](const Entry& entry) { return entry.counts.by_level[Index(level)]; };
  };
  const auto first = [unit](const Entry& e) { return e.first_time.since_start() / unit; };
  const auto span = [unit](const Entry& e) { return (e.last_time - e.first_time) / unit; };
  out.setCount(Count(index.size()));
  BuildIndexColumn(index, true, [](const Entry& entry) { return entry.offset; }, out.initOffset());
  BuildIndexColumn(index, true, first, out.initFirstTime());
  BuildIndexColumn(index, false, span, out.initSpan());
  BuildIndexColumn(index, false, [](const Entry& entry) { return entry.chunks; }, out.initChunks());
  BuildIndexColumn(index, false, count(Level::kInfo), out.initInfo());
  BuildIndexColumn(index, false, count(Level::kWarn), out.initWarn());
  BuildIndexColumn(index, false, count(Level::kError), out.initError());
}

// Replaces each step, which is not negative, by the sum up to it, which must be at most `max`.
absl::Status SumUp(std::int64_t max, const char* complaint, Column* steps) {
  std::int64_t sum = 0;
  for (std::int64_t& step : *steps) {
    if (step > max - sum) return Damaged(complaint);
    step = sum += step;
  }
  return absl::OkStatus();
}

absl::Status PutPositions(ChunkIndex* index) {
  std::uint64_t position = 0;
  for (IndexEntry& entry : *index) {
    entry.first_position = position;
    for (const std::uint64_t records : entry.counts.by_level) {
      if (__builtin_add_overflow(position, records, &position)) {
        return Damaged("the index counts more than 2^64 records");
      }
    }
  }
  return absl::OkStatus();
}

// Of version 4.
absl::Status ReadIndex(schema::ChunkIndex::Reader in, sim::Duration unit, ChunkIndex* out) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::int64_t units_max = sim::Duration::Max() / unit;
  const std::uint32_t count = in.getCount();
  // Before anything is allocated: columns without planes take no room in the file.
  if (count > kIndexEntriesMax) return Damaged("the index is too long");
  out->resize(count);
  // Each column is put where it belongs before the next is read into the same memory: an index may
  // be large.
  Column column;
  const auto read = [&](schema::Integers::Reader in, std::int64_t max, const char* name) {
    return ReadBounded(in, count, max, name, &column);
  };
  const auto put = [&](auto set) {
    for (std::size_t i = 0; i < count; ++i) set((*out)[i], static_cast<std::uint64_t>(column[i]));
  };
  absl::Status s = read(in.getOffset(), kMost, "index.offset");
  if (s.ok()) s = SumUp(kMost, kNotInOrder, &column);
  if (!s.ok()) return s;
  put([](IndexEntry& entry, std::uint64_t value) { entry.offset = value; });

  s = read(in.getFirstTime(), units_max, "index.firstTime");
  if (s.ok()) s = SumUp(units_max, kBeyondTime, &column);
  if (!s.ok()) return s;
  for (std::size_t i = 0; i < count; ++i) (*out)[i].first_time = sim::VirtualTime(unit * column[i]);

  s = read(in.getSpan(), units_max, "index.span");
  if (!s.ok()) return s;
  for (std::size_t i = 0; i < count; ++i) {
    IndexEntry& entry = (*out)[i];
    if (column[i] > units_max - entry.first_time.since_start() / unit) return Damaged(kBeyondTime);
    entry.last_time = entry.first_time + unit * column[i];
  }

  s = read(in.getChunks(), kMost, "index.chunks");
  if (!s.ok()) return s;
  put([](IndexEntry& entry, std::uint64_t value) { entry.chunks = value; });

  const auto level = [&](Level level, schema::Integers::Reader in, const char* name) {
    if (s.ok()) s = read(in, kMost, name);
    if (!s.ok()) return;
    put([level](IndexEntry& entry, std::uint64_t value) {
      entry.counts.by_level[Index(level)] = value;
    });
  };
  level(Level::kInfo, in.getInfo(), "index.info");
  level(Level::kWarn, in.getWarn(), "index.warn");
  level(Level::kError, in.getError(), "index.error");
  return s.ok() ? PutPositions(out) : s;
}

// Of version 2 and 3.
absl::Status ReadIndex(capnp::List<schema::IndexEntry>::Reader in, ChunkIndex* out) {
  if (in.size() > kIndexEntriesMax) return Damaged("the index is too long");
  out->reserve(in.size());
  for (const auto entry : in) {
    out->push_back({.offset = entry.getOffset(),
                    .first_time = sim::VirtualTime(entry.getFirstTime()),
                    .first_position = entry.getFirstPosition(),
                    .chunks = entry.getChunks(),
                    .counts = {{entry.getInfo(), entry.getWarn(), entry.getError()}}});
  }
  return absl::OkStatus();
}

absl::Status CheckIndexOrder(const ChunkIndex& index) {
  for (std::size_t i = 1; i < index.size(); ++i) {
    const IndexEntry& before = index[i - 1];
    const IndexEntry& entry = index[i];
    if (entry.offset <= before.offset || entry.first_position <= before.first_position ||
        entry.first_time < before.first_time) {
      return Damaged(kNotInOrder);
    }
  }
  return absl::OkStatus();
}

}  // namespace

void BuildHeader(const TraceInfo& info, const Catalogue& catalogue, schema::Header::Builder out) {
  out.setFormatVersion(kFormatVersion);
  out.setProgramVersion(ToText(info.program_version));
  out.setScenarioName(ToText(info.scenario_name));
  out.setScenarioText(ToText(info.scenario_text));
  auto overrides = out.initOverrides(Count(info.overrides.size()));
  for (unsigned i = 0; i < overrides.size(); ++i) overrides.set(i, ToText(info.overrides[i]));
  out.setSeed(info.seed);
  out.setTraceKey(info.trace_key);
  out.setStartUnixNanoseconds(info.start_unix_nanoseconds);
  out.setDurationNanoseconds(info.duration.nanoseconds());
  out.setResolutionNanoseconds(static_cast<std::uint32_t>(info.resolution.nanoseconds()));
  out.setTruthMethod(static_cast<std::uint8_t>(info.truth_method));
  BuildLists(catalogue, out);
}

absl::Status BuildPackedHeader(const TraceInfo& info, const Catalogue& catalogue,
                               ColumnsPacker& packer, schema::Header::Builder out) {
  capnp::MallocMessageBuilder pieces;
  BuildHeader(info, catalogue, pieces.initRoot<schema::Header>());
  const std::size_t words = pieces.sizeInWords() + 16;
  if (words * sizeof(capnp::word) > kHeaderBytesMax) {
    return absl::InvalidArgumentError("the scenario and its names take more than 48 MiB");
  }
  if (packer.compression() != Compression::kZstd) {
    BuildHeader(info, catalogue, out);
    return absl::OkStatus();
  }
  capnp::MallocMessageBuilder message(static_cast<unsigned>(words));
  message.setRoot(pieces.getRoot<schema::Header>().asReader());
  std::vector<unsigned char> packed;
  packer.Pack(message, BlockEnds(), &packed);
  out.setFormatVersion(kFormatVersion);
  out.setZstd({packed.data(), packed.size()});
  return absl::OkStatus();
}

absl::Status ReadHeader(schema::Header::Reader header, HeaderContents* out) {
  if (absl::Status s = CheckVersion(header.getFormatVersion()); !s.ok()) return s;
  if (!header.hasZstd()) return ReadPlainHeader(header, out);
  if (header.getFormatVersion() < kAppendixFormatVersion) {
    return Damaged("a header of its version is plain");
  }
  const capnp::Data::Reader packed = header.getZstd();
  ZstdReader zstd;
  const absl::StatusOr<const EntryBuffer*> plain =
      zstd.Read({packed.begin(), packed.size()}, kHeaderBytesMax);
  if (!plain.ok()) return Damaged("its header does not unpack to a length that is allowed");
  capnp::FlatArrayMessageReader message((*plain)->words(), LimitsFor((*plain)->bytes().size()));
  const auto inner = message.getRoot<schema::Header>();
  if (inner.getFormatVersion() != header.getFormatVersion()) {
    return Damaged("its header has two versions");
  }
  return ReadPlainHeader(inner, out);
}

void BuildSummary(const Summary& summary, sim::Duration resolution, schema::Footer::Builder out) {
  out.setRecords(summary.records);
  out.setChunks(summary.chunks);
  out.setFirstTime(summary.first_time.nanoseconds());
  out.setLastTime(summary.last_time.nanoseconds());
  out.setEndTime(summary.end_time.nanoseconds());
  auto totals = out.initTotals(Count(summary.totals.size()));
  for (unsigned i = 0; i < totals.size(); ++i) {
    totals[i].setInfo(summary.totals[i].by_level[0]);
    totals[i].setWarn(summary.totals[i].by_level[1]);
    totals[i].setError(summary.totals[i].by_level[2]);
  }
  auto occurrences = out.initOccurrences(Count(summary.occurrences.size()));
  for (unsigned i = 0; i < occurrences.size(); ++i) {
    const Occurrence& occurrence = summary.occurrences[i];
    occurrences[i].setFault(Index(occurrence.fault));
    occurrences[i].setNumber(occurrence.number);
    occurrences[i].setStart(occurrence.start.nanoseconds());
    occurrences[i].setEnd(occurrence.end.nanoseconds());
  }
  auto digest = out.initDigest(16);
  StoreBigEndian64(summary.digest.high, digest.begin());
  StoreBigEndian64(summary.digest.low, digest.begin() + 8);
  BuildIndex(summary.index, resolution, out.initChunkIndex());
}

absl::Status ReadSummary(schema::Footer::Reader footer, const HeaderContents& header,
                         Summary* out) {
  const Catalogue& catalogue = header.catalogue;
  out->records = footer.getRecords();
  out->chunks = footer.getChunks();
  out->first_time = sim::VirtualTime(footer.getFirstTime());
  out->last_time = sim::VirtualTime(footer.getLastTime());
  out->end_time = sim::VirtualTime(footer.getEndTime());
  if (footer.getTotals().size() != catalogue.services.size()) {
    return Damaged("the totals are not those of the catalogue's services");
  }
  for (const auto total : footer.getTotals()) {
    out->totals.push_back({{total.getInfo(), total.getWarn(), total.getError()}});
  }
  if (footer.getOccurrences().size() > kOccurrencesMax) return Damaged("too many occurrences");
  for (const auto occurrence : footer.getOccurrences()) {
    if (occurrence.getFault() >= catalogue.faults.size()) {
      return Damaged("an occurrence's fault is not in the catalogue");
    }
    out->occurrences.push_back({.fault = FaultId{occurrence.getFault()},
                                .number = occurrence.getNumber(),
                                .start = sim::VirtualTime(occurrence.getStart()),
                                .end = sim::VirtualTime(occurrence.getEnd())});
  }
  absl::Status s = header.format_version < kAppendixFormatVersion
                       ? ReadIndex(footer.getIndex(), &out->index)
                       : ReadIndex(footer.getChunkIndex(), header.info.resolution, &out->index);
  if (s.ok()) s = CheckIndexOrder(out->index);
  if (!s.ok()) return s;
  const auto digest = footer.getDigest();
  if (digest.size() != 16) return Damaged("the digest is not 16 bytes long");
  out->digest = {.high = LoadBigEndian64(digest.begin()),
                 .low = LoadBigEndian64(digest.begin() + 8)};
  return absl::OkStatus();
}

}  // namespace groundhog::traces
