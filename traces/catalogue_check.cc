#include "traces/catalogue_check.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "text/printable.h"
#include "text/utf8.h"

namespace groundhog::traces {
namespace {

// Keeps header and footer well below the largest size of an entry.
constexpr std::size_t kScenarioBytesMax = std::size_t{16} << 20;

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

bool IsService(ServiceId id, const Catalogue& catalogue) {
  return Index(id) < catalogue.services.size();
}

bool IsKnown(SlotKind kind) {
  if (IsRequestField(kind)) {
    const SlotKind shown = ShownAs(kind);
    return shown == SlotKind::kInteger || shown == SlotKind::kHundredths || shown == SlotKind::kHex;
  }
  const auto number = static_cast<std::uint8_t>(kind);
  return number <= static_cast<std::uint8_t>(SlotKind::kHost) ||
         (number >= static_cast<std::uint8_t>(SlotKind::kDuration) &&
          number <= static_cast<std::uint8_t>(SlotKind::kOrder));
}

absl::Status CheckName(const std::string& name, const char* kind) {
  if (name.empty()) return Wrong(absl::StrCat("a ", kind, " without a name"));
  if (!text::IsUtf8(name)) return Wrong(absl::StrCat("a ", kind, "'s name is not UTF-8"));
  return absl::OkStatus();
}

absl::Status CheckTemplate(const MessageTemplate& message, std::size_t number) {
  if (!text::IsUtf8(message.text)) return Wrong(absl::StrCat("template ", number, " is not UTF-8"));
  std::size_t slots = 0;
  for (std::size_t i = 0; i < message.text.size(); ++i) {
    const char c = message.text[i];
    if (c != '{' && c != '}') continue;
    const char next = i + 1 < message.text.size() ? message.text[i + 1] : '\0';
    if (c == '{' && next == '}') {
      ++slots;
    } else if (c != next) {
      return Wrong(absl::StrCat("template ", number, " has a brace without its pair"));
    }
    ++i;
  }
  if (slots != message.slots.size()) {
    return Wrong(absl::StrCat("template ", number, " has ", slots, " slots and ",
                              message.slots.size(), " kinds"));
  }
  if (!std::all_of(message.slots.begin(), message.slots.end(), IsKnown)) {
    return Wrong(absl::StrCat("template ", number, " has a slot of an unknown kind"));
  }
  if (StoredSlotCount(message) > kStoredSlotsMax) {
    return Wrong(
        absl::StrCat("template ", number, " stores more than ", kStoredSlotsMax, " slots"));
  }
  return absl::OkStatus();
}

absl::Status CheckEntity(const EntityEntry& entity, const Catalogue& catalogue) {
  if (absl::Status s = CheckName(entity.name, "host or traffic source"); !s.ok()) return s;
  if (static_cast<int>(entity.kind) >= kEntityKindCount) {
    return Wrong(absl::StrCat(text::QuotedName(entity.name), " is of an unknown kind"));
  }
  const bool may_lack_service = entity.kind != EntityKind::kHost;
  if (!IsService(entity.service, catalogue) &&
      !(may_lack_service && entity.service == ServiceId::kNone)) {
    return Wrong(
        absl::StrCat(text::QuotedName(entity.name), " has a service that is not in the catalogue"));
  }
  return absl::OkStatus();
}

// Those of a random fault.
absl::Status CheckFaultTimes(const FaultEntry& fault) {
  if (fault.first_start != sim::VirtualTime() || fault.duration != sim::Duration() ||
      fault.period != sim::Duration()) {
    return Wrong(
        absl::StrCat("fault ", text::QuotedName(fault.name), " is both random and scheduled"));
  }
  for (std::size_t i = 0; i < fault.times.size(); ++i) {
    const FaultTime& time = fault.times[i];
    const bool is_after_the_one_before =
        i == 0 ? time.start >= sim::VirtualTime()
               : time.start > fault.times[i - 1].start && time.start >= fault.times[i - 1].end;
    if (!is_after_the_one_before || time.end < time.start) {
      return Wrong(absl::StrCat("fault ", text::QuotedName(fault.name),
                                " has times that overlap or run back"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFaults(const std::vector<FaultEntry>& faults) {
  std::size_t times = 0;
  for (const FaultEntry& fault : faults) {
    if (absl::Status s = CheckName(fault.name, "fault"); !s.ok()) return s;
    if (!text::IsUtf8(fault.kind) || !text::IsUtf8(fault.target)) {
      return Wrong(absl::StrCat("fault ", text::QuotedName(fault.name),
                                " has a kind or target that is not UTF-8"));
    }
    if (fault.first_start < sim::VirtualTime() || fault.duration < sim::Duration() ||
        fault.period < sim::Duration()) {
      return Wrong(absl::StrCat("fault ", text::QuotedName(fault.name), " has a negative time"));
    }
    if (fault.is_random) {
      if (absl::Status s = CheckFaultTimes(fault); !s.ok()) return s;
    } else if (!fault.times.empty()) {
      return Wrong(
          absl::StrCat("fault ", text::QuotedName(fault.name), " has times and is not random"));
    }
    times += fault.times.size();
  }
  if (times > kFaultTimesMax) {
    return Wrong("random faults with more than 65,536 occurrences in all");
  }
  return absl::OkStatus();
}

// Names that identify their owners in output and in trace ids must be unique. Reorders `names`.
absl::Status CheckDistinct(std::vector<std::string> names, const char* kind) {
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return absl::OkStatus();
  return Wrong(absl::StrCat("two ", kind, " are named ", text::QuotedName(*twice)));
}

// Those of one kind with the same key are one to trace ids.
absl::Status CheckEntitiesDistinct(const std::vector<EntityEntry>& entities) {
  using Identity = std::tuple<EntityKind, std::string_view, std::uint64_t>;
  std::vector<Identity> all;
  all.reserve(entities.size());
  for (const EntityEntry& one : entities) all.emplace_back(one.kind, one.name, one.key_delta);
  std::ranges::sort(all);
  const auto twice = std::ranges::adjacent_find(all);
  if (twice == all.end()) return absl::OkStatus();
  constexpr std::array<const char*, kEntityKindCount> kKinds = {"hosts", "journeys", "surges",
                                                                "populations of users"};
  const auto& [kind, name, key_delta] = *twice;
  return Wrong(absl::StrCat("two ", kKinds[static_cast<std::size_t>(kind)], " are named '",
                            std::string(name), "'",
                            key_delta == 0 ? "" : " and have the same key"));
}

absl::Status CheckNamesDistinct(const Catalogue& catalogue) {
  std::vector<std::string> services;
  for (const ServiceEntry& service : catalogue.services) services.push_back(service.name);
  if (absl::Status s = CheckDistinct(std::move(services), "services"); !s.ok()) return s;
  if (absl::Status s = CheckEntitiesDistinct(catalogue.entities); !s.ok()) return s;
  if (absl::Status s = CheckDistinct(catalogue.error_codes, "error codes"); !s.ok()) return s;
  std::vector<std::string> faults;
  for (const FaultEntry& fault : catalogue.faults) faults.push_back(fault.name);
  return CheckDistinct(std::move(faults), "faults");
}

absl::Status CheckCounts(const Catalogue& catalogue) {
  if (std::max({catalogue.services.size(), catalogue.call_paths.size(), catalogue.templates.size(),
                catalogue.error_codes.size(), catalogue.faults.size()}) > kIdCountMax) {
    return Wrong("a catalogue with more than 65,535 entries of one kind");
  }
  if (catalogue.entities.size() > kEntityCountMax) {
    return Wrong("a catalogue with more than a million hosts and traffic sources");
  }
  return absl::OkStatus();
}

bool IsStoredSlotValid(SlotKind kind, std::int64_t value, const Catalogue& catalogue) {
  if (kind == SlotKind::kService) {
    return value >= 0 && value < static_cast<std::int64_t>(catalogue.services.size());
  }
  if (kind == SlotKind::kHost) {
    return value >= 0 && value < static_cast<std::int64_t>(catalogue.entities.size());
  }
  return true;
}

absl::Status CheckSlots(const Record& record, const Catalogue& catalogue) {
  std::size_t stored = 0;
  for (const SlotKind kind : catalogue.templates[Index(record.message)].slots) {
    if (!IsStored(kind)) continue;
    if (!IsStoredSlotValid(kind, record.slots[stored++], catalogue)) {
      return Wrong("a record's slot names a service or host that is not in the catalogue");
    }
  }
  for (; stored < record.slots.size(); ++stored) {
    if (record.slots[stored] != 0) return Wrong("a record has more slot values than its message");
  }
  return absl::OkStatus();
}

absl::Status CheckTruth(const Truth& truth, const Catalogue& catalogue) {
  if (truth.fault == FaultId::kNone) {
    if (truth == Truth{}) return absl::OkStatus();
    return Wrong("a record has a root, an occurrence, hops or a second cause, but no cause");
  }
  const bool has_also = truth.also != FaultId::kNone;
  if (has_also && (Index(truth.also) >= catalogue.faults.size() || truth.also == truth.fault)) {
    return Wrong("a second cause that is not another fault of the catalogue");
  }
  if (Index(truth.fault) >= catalogue.faults.size() || truth.occurrence == 0 ||
      (truth.root != ServiceId::kNone && !IsService(truth.root, catalogue))) {
    return Wrong("a record's cause is not in the catalogue");
  }
  return absl::OkStatus();
}

}  // namespace

std::size_t StoredSlotCount(const MessageTemplate& message) {
  return static_cast<std::size_t>(
      std::count_if(message.slots.begin(), message.slots.end(), IsStored));
}

absl::Status CheckCatalogue(const Catalogue& catalogue) {
  if (absl::Status s = CheckCounts(catalogue); !s.ok()) return s;
  for (const ServiceEntry& service : catalogue.services) {
    if (absl::Status s = CheckName(service.name, "service"); !s.ok()) return s;
    for (const ServiceId dependency : service.dependencies) {
      if (!IsService(dependency, catalogue)) {
        return Wrong(absl::StrCat(text::QuotedName(service.name),
                                  " depends on a service that is not in the catalogue"));
      }
    }
  }
  for (const EntityEntry& entity : catalogue.entities) {
    if (absl::Status s = CheckEntity(entity, catalogue); !s.ok()) return s;
  }
  for (const CallPathEntry& path : catalogue.call_paths) {
    if (absl::Status s = CheckName(path.name, "call path"); !s.ok()) return s;
  }
  for (std::size_t i = 0; i < catalogue.templates.size(); ++i) {
    if (absl::Status s = CheckTemplate(catalogue.templates[i], i); !s.ok()) return s;
  }
  for (const std::string& code : catalogue.error_codes) {
    if (absl::Status s = CheckName(code, "error code"); !s.ok()) return s;
  }
  if (absl::Status s = CheckFaults(catalogue.faults); !s.ok()) return s;
  return CheckNamesDistinct(catalogue);
}

absl::Status CheckTraceInfo(const TraceInfo& info) {
  bool is_utf8 = text::IsUtf8(info.program_version) && text::IsUtf8(info.scenario_name) &&
                 text::IsUtf8(info.scenario_text);
  for (const std::string& change : info.overrides) is_utf8 = is_utf8 && text::IsUtf8(change);
  if (!is_utf8) return Wrong("the scenario's text or name is not UTF-8");
  if (info.overrides.size() > kIdCountMax) return Wrong("more than 65,535 overrides");
  if (info.scenario_text.size() > kScenarioBytesMax) {
    return Wrong("the scenario's text is longer than 16 MiB");
  }
  if (info.duration < sim::Duration()) return Wrong("a negative duration");
  std::int64_t unit = info.resolution.nanoseconds();
  if (unit < 1 || unit > 1'000'000) return Wrong("a resolution that is not from 1 ns to 1 ms");
  while (unit % 10 == 0) unit /= 10;
  if (unit != 1) return Wrong("a resolution that is no power of ten");
  if (static_cast<std::size_t>(info.truth_method) >= kTruthMethodNames.rows().size()) {
    return Wrong(absl::StrCat("its truth was found in an unknown way, number ",
                              static_cast<int>(info.truth_method)));
  }
  return absl::OkStatus();
}

absl::Status CheckRecord(const Record& record, const Catalogue& catalogue) {
  if (record.time < sim::VirtualTime()) return Wrong("a record before the start");
  if (sim::Index(record.host) >= catalogue.entities.size() ||
      catalogue.entities[sim::Index(record.host)].kind != EntityKind::kHost) {
    return Wrong("a record's host is not in the catalogue");
  }
  if (record.service != catalogue.entities[sim::Index(record.host)].service) {
    return Wrong("a record's service is not its host's");
  }
  if (sim::Index(record.request.source) >= catalogue.entities.size()) {
    return Wrong("a record's request has a source that is not in the catalogue");
  }
  if (record.duration < sim::Duration() || record.queue_wait < sim::Duration()) {
    return Wrong("a record's duration or queue wait is negative");
  }
  if (record.clock_skew > kClockSkewMax || record.clock_skew < -kClockSkewMax) {
    return Wrong("a record's clock skew is more than a day");
  }
  if (record.level > Level::kError) return Wrong("a record's level is unknown");
  if ((record.level == Level::kError) != (record.error_code != ErrorCodeId::kNone)) {
    return Wrong("an error_code belongs on ERROR records, and only there");
  }
  if (record.error_code != ErrorCodeId::kNone &&
      Index(record.error_code) >= catalogue.error_codes.size()) {
    return Wrong("a record's error_code is not in the catalogue");
  }
  if (record.dependency != ServiceId::kNone && !IsService(record.dependency, catalogue)) {
    return Wrong("a record's dependency is not in the catalogue");
  }
  if (record.call_path != CallPathId::kNone &&
      Index(record.call_path) >= catalogue.call_paths.size()) {
    return Wrong("a record's call path is not in the catalogue");
  }
  if (Index(record.message) >= catalogue.templates.size()) {
    return Wrong("a record's message is not in the catalogue");
  }
  if (absl::Status s = CheckTruth(record.truth, catalogue); !s.ok()) return s;
  return CheckSlots(record, catalogue);
}

}  // namespace groundhog::traces
