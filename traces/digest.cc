#include "traces/digest.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "sim/check.h"
#include "traces/byte_order.h"
#include "traces/catalogue_check.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

constexpr std::string_view kDomain = "groundhog trace digest 1\n";
// A record's fixed part, and room for its slots, clock skew and second cause.
constexpr std::size_t kRowBytesFixed = 80;
constexpr std::size_t kRowBytesMax = kRowBytesFixed + 8 * kStoredSlotsMax + 8 + 8;
// Added to the number of stored slots.
constexpr std::size_t kClockSkewFlag = 256;
constexpr std::size_t kAlsoFlag = 512;
constexpr std::size_t kBufferBytes = 64 << 10;

// Appends little-endian numbers and length-prefixed texts.
class CanonicalText {
 public:
  void PutText(std::string_view text) {
    Put(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <class Integer>
  void Put(Integer value) {
    char raw[sizeof value];
    StoreLittleEndian(value, raw);
    bytes_.append(raw, sizeof value);
  }
  void PutCount(std::size_t count) { Put(static_cast<std::uint32_t>(count)); }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

template <class Integer>
char* Put(Integer value, char* out) {
  StoreLittleEndian(value, out);
  return out + sizeof value;
}

char* PutRow(const Record& record, std::size_t stored_slots, std::uint64_t key, char* out) {
  out = Put(record.time.nanoseconds(), out);
  out = Put(key, out);
  out = Put(record.request.ordinal, out);
  out = Put(record.duration.nanoseconds(), out);
  out = Put(record.queue_wait.nanoseconds(), out);
  out = Put(sim::Index(record.host), out);
  out = Put(sim::Index(record.request.source), out);
  out = Put(Index(record.span), out);
  out = Put(Index(record.parent_span), out);
  out = Put(record.truth.occurrence, out);
  out = Put(Index(record.call_path), out);
  out = Put(record.attempt, out);
  out = Put(Index(record.dependency), out);
  out = Put(Index(record.error_code), out);
  out = Put(Index(record.message), out);
  out = Put(Index(record.truth.fault), out);
  out = Put(Index(record.truth.root), out);
  out = Put(record.truth.hops, out);
  out = Put(Index(record.level), out);
  out = Put(Index(record.service), out);
  const bool is_skewed = record.clock_skew != sim::Duration();
  const bool has_also = record.truth.also != FaultId::kNone;
  out = Put(static_cast<std::uint16_t>(stored_slots + (is_skewed ? kClockSkewFlag : 0) +
                                       (has_also ? kAlsoFlag : 0)),
            out);
  StoreLittleEndian(std::span(record.slots).first(stored_slots), out);
  out += 8 * stored_slots;
  if (is_skewed) out = Put(record.clock_skew.nanoseconds(), out);
  return has_also ? Put(std::uint64_t{Index(record.truth.also)}, out) : out;
}

// The additional fields of random faults. Adds nothing when there is none.
void PutFaultTimes(const std::vector<FaultEntry>& faults, CanonicalText& text) {
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (!faults[i].is_random) continue;
    text.Put(static_cast<std::uint16_t>(i));
    text.PutCount(faults[i].times.size());
    for (const FaultTime& time : faults[i].times) {
      text.Put(time.start.nanoseconds());
      text.Put(time.end.nanoseconds());
    }
  }
}

Hash128 HashOf(const XXH3_state_t* state) {
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace

std::string EncodeCatalogue(const TraceInfo& info, const Catalogue& catalogue) {
  CanonicalText text;
  text.Put(info.start_unix_nanoseconds);
  text.PutCount(catalogue.services.size());
  for (const ServiceEntry& service : catalogue.services) {
    text.PutText(service.name);
    text.PutCount(service.dependencies.size());
    for (const ServiceId dependency : service.dependencies) text.Put(Index(dependency));
  }
  text.PutCount(catalogue.entities.size());
  for (const EntityEntry& entity : catalogue.entities) {
    text.PutText(entity.name);
    text.Put(static_cast<std::uint8_t>(entity.kind));
    text.Put(Index(entity.service));
  }
  text.PutCount(catalogue.call_paths.size());
  for (const CallPathEntry& path : catalogue.call_paths) text.PutText(path.name);
  text.PutCount(catalogue.templates.size());
  for (const MessageTemplate& message : catalogue.templates) {
    text.PutText(message.text);
    text.PutCount(message.slots.size());
    for (const SlotKind kind : message.slots) text.Put(static_cast<std::uint8_t>(kind));
  }
  text.PutCount(catalogue.error_codes.size());
  for (const std::string& code : catalogue.error_codes) text.PutText(code);
  text.PutCount(catalogue.faults.size());
  for (const FaultEntry& fault : catalogue.faults) {
    text.PutText(fault.name);
    text.PutText(fault.kind);
    text.PutText(fault.target);
    text.Put(fault.first_start.nanoseconds());
    text.Put(fault.duration.nanoseconds());
    text.Put(fault.period.nanoseconds());
  }
  PutFaultTimes(catalogue.faults, text);
  return text.Take();
}

DigestBuilder::DigestBuilder(const TraceInfo& info, const Catalogue& catalogue)
    : keys_(catalogue), outer_(NewState()), block_(NewState()), buffer_(kBufferBytes) {
  for (const MessageTemplate& message : catalogue.templates) {
    stored_slots_.push_back(static_cast<std::uint8_t>(StoredSlotCount(message)));
  }
  const std::string encoded = EncodeCatalogue(info, catalogue);
  const XXH128_hash_t hash = XXH3_128bits(encoded.data(), encoded.size());
  XXH3_128bits_update(outer_.get(), kDomain.data(), kDomain.size());
  AddHash({.high = hash.high64, .low = hash.low64}, outer_.get());
}

DigestBuilder::State DigestBuilder::NewState() {
  State state(XXH3_createState());
  sim::Check(state != nullptr, "there is memory for a hash state");
  XXH3_128bits_reset(state.get());
  return state;
}

// As 16 bytes in the canonical order, the high half first, each half big-endian.
void DigestBuilder::AddHash(Hash128 hash, XXH3_state_t* state) {
  char bytes[16];
  StoreBigEndian64(hash.high, bytes);
  StoreBigEndian64(hash.low, bytes + 8);
  XXH3_128bits_update(state, bytes, sizeof bytes);
}

void DigestBuilder::Add(std::span<const Record> records, std::uint64_t trace_key) {
  while (!records.empty()) {
    const std::uint64_t room = kDigestBlockRecords - records_ % kDigestBlockRecords;
    const std::size_t now = static_cast<std::size_t>(
        std::min<std::uint64_t>(room, static_cast<std::uint64_t>(records.size())));
    char* out = buffer_.data();
    char* const full = buffer_.data() + kBufferBytes - kRowBytesMax;
    for (const Record& record : records.first(now)) {
      out = PutRow(record, stored_slots_[Index(record.message)],
                   keys_.Of(record.request.source, trace_key), out);
      if (out > full) {
        XXH3_128bits_update(block_.get(), buffer_.data(),
                            static_cast<std::size_t>(out - buffer_.data()));
        out = buffer_.data();
      }
    }
    XXH3_128bits_update(block_.get(), buffer_.data(),
                        static_cast<std::size_t>(out - buffer_.data()));
    records_ += now;
    records = records.subspan(now);
    if (now == room) EndBlock();
  }
}

void DigestBuilder::EndBlock() {
  AddHash(HashOf(block_.get()), outer_.get());
  XXH3_128bits_reset(block_.get());
}

Hash128 DigestBuilder::Digest() const {
  const State last = NewState();
  XXH3_copyState(last.get(), outer_.get());
  if (records_ % kDigestBlockRecords != 0) AddHash(HashOf(block_.get()), last.get());
  char count[8];
  Put(records_, count);
  XXH3_128bits_update(last.get(), count, sizeof count);
  return HashOf(last.get());
}

}  // namespace groundhog::traces
