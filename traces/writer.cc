#include "traces/writer.h"

#include <capnp/message.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "traces/catalogue_check.h"
#include "traces/chunk_codec.h"
#include "traces/columns_encoder.h"
#include "traces/entry.h"
#include "traces/file_output.h"
#include "traces/header_codec.h"
#include "traces/rollup_codec.h"
#include "traces/summary_builder.h"

namespace groundhog::traces {

class Writer::Impl {
 public:
  Impl(std::unique_ptr<FileOutput> output, const TraceInfo& info, const Catalogue& catalogue,
       const WriterOptions& options)
      : output_(std::move(output)),
        info_(info),
        catalogue_(catalogue),
        options_(options),
        encoder_(catalogue_, info_.resolution),
        chunk_builder_(options.compression, options.level),
        summary_(info_, catalogue_),
        trace_key_(info_.trace_key) {}

  absl::Status WriteHeader() {
    capnp::MallocMessageBuilder message;
    absl::Status s = BuildPackedHeader(info_, catalogue_, chunk_builder_.packer(),
                                       BeginEntry(message).initHeader());
    if (s.ok()) s = WriteEntry(message);
    if (s.ok()) header_checksum_ = ChecksumIn(entry_);
    return s;
  }

  // Whether what is wrong with records is a bug of this program.
  enum class Origin { kProgram, kFile };
  absl::Status Append(std::span<const Record> records, std::uint64_t trace_key, Origin origin);
  absl::Status AdvanceTo(sim::VirtualTime time);
  absl::Status Finish();

  void Abandon() {
    static_cast<void>(Close(absl::FailedPreconditionError("the trace was abandoned")));
  }

  const Summary& summary() const { return summary_.summary(); }
  std::uint64_t trace_key() const { return info_.trace_key; }
  std::uint64_t bytes_written() const { return output_->bytes_written(); }

 private:
  absl::Status Close(absl::Status reason);
  absl::Status CheckNext(const Record& record, Origin origin) const;
  bool EndsWithMinute(sim::VirtualTime next) const;
  bool NeedsNewChunk(const Record& record, Origin origin) const;
  absl::Status CloseChunk();
  absl::Status WriteAppendix();
  absl::Status WriteFooter(std::uint64_t appendix_offset);
  absl::Status WriteTrailer(std::uint64_t footer_offset);
  // The beginning of the ten minutes that the open chunk has at most.
  sim::VirtualTime ChunkBegin() const {
    return sim::VirtualTime(encoder_.first_time().since_start().RoundedDownTo(sim::Minutes(1)));
  }

  absl::Status WriteEntry(capnp::MessageBuilder& message) {
    SealEntry(message, &entry_);
    return output_->Write(entry_);
  }

  std::unique_ptr<FileOutput> output_;
  const TraceInfo info_;
  const Catalogue catalogue_;
  const WriterOptions options_;
  ColumnsEncoder encoder_;
  ChunkBuilder chunk_builder_;
  SummaryBuilder summary_;
  std::uint64_t trace_key_;  // of the open chunk
  absl::Status status_;
  std::vector<unsigned char> entry_;
  std::uint64_t header_checksum_ = 0;
  std::uint64_t chunk_position_ = 0;  // of the open chunk's first record
  sim::VirtualTime last_time_;        // of the last record
  sim::EntityId last_host_{};
  sim::VirtualTime end_time_;  // AdvanceTo's latest
};

// Keeps the first reason why nothing more can be written. Removes the incomplete file, unless the
// device is the reason and the file has records.
absl::Status Writer::Impl::Close(absl::Status reason) {
  const bool is_worth_keeping =
      chunk_position_ > 0 && (absl::IsResourceExhausted(reason) || absl::IsUnavailable(reason));
  const std::string kept = is_worth_keeping ? output_->Keep() : "";
  if (!kept.empty()) {
    reason = absl::Status(reason.code(),
                          absl::StrCat(reason.message(), "; 'groundhog recover' makes a trace of ",
                                       kept, ", which has what was written"));
  }
  output_->Discard();
  if (status_.ok()) status_ = std::move(reason);
  return status_;
}

absl::Status Writer::Impl::CheckNext(const Record& record, Origin origin) const {
  if (absl::Status s = CheckRecord(record, catalogue_); !s.ok()) return s;
  if (record.time < last_time_ || (record.time == last_time_ && record.host < last_host_)) {
    return absl::InvalidArgumentError("records come in the order of time and host");
  }
  return origin == Origin::kFile ? encoder_.Check(record) : absl::OkStatus();
}

// Whether the open chunk has enough records to end with a minute, and has come to its end.
bool Writer::Impl::EndsWithMinute(sim::VirtualTime next) const {
  if (encoder_.count() < EnoughRecords(options_.chunk_records)) return false;
  return next.since_start() / sim::Minutes(1) >
         encoder_.last_time().since_start() / sim::Minutes(1);
}

bool Writer::Impl::NeedsNewChunk(const Record& record, Origin origin) const {
  if (encoder_.is_empty()) return false;
  return record.time - ChunkBegin() >= kChunkTimeMax || EndsWithMinute(record.time) ||
         encoder_.plain_bytes() + encoder_.PlainBytesOf(record) > kChunkPlainBytesMax ||
         (origin == Origin::kFile && encoder_.HasOtherField(record));
}

absl::Status Writer::Impl::Append(std::span<const Record> records, std::uint64_t trace_key,
                                  Origin origin) {
  if (!status_.ok()) return status_;
  if (trace_key != trace_key_) {
    if (!encoder_.is_empty()) {
      if (absl::Status s = CloseChunk(); !s.ok()) return Close(s);
    }
    trace_key_ = trace_key;
  }
  // The records since `begin` are in the encoder but not yet in the summary, whose chunks must end
  // where the encoder's chunks end. They are few, so that the cache still has them.
  constexpr std::size_t kBlockRecords = 256;
  std::size_t begin = 0;
  const auto summarize = [this, records, &begin](std::size_t end) {
    summary_.AddRecords(records.subspan(begin, end - begin), trace_key_);
    begin = end;
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    const absl::Status fits = CheckNext(record, origin);
    if (!fits.ok() && origin == Origin::kFile) return Close(fits);
    sim::Check(fits.ok(), fits.ok() ? "" : std::string(fits.message()).c_str());
    last_time_ = record.time;
    last_host_ = record.host;
    if (NeedsNewChunk(record, origin)) {
      summarize(i);
      if (absl::Status s = CloseChunk(); !s.ok()) return Close(s);
    }
    encoder_.Append(record);
    const bool is_full = encoder_.count() == options_.chunk_records;
    if (is_full || i + 1 - begin == kBlockRecords) summarize(i + 1);
    if (!is_full) continue;
    if (absl::Status s = CloseChunk(); !s.ok()) return Close(s);
  }
  summarize(records.size());
  return absl::OkStatus();
}

absl::Status Writer::Impl::AdvanceTo(sim::VirtualTime time) {
  if (!status_.ok()) return status_;
  end_time_ = std::max(end_time_, time);
  if (encoder_.is_empty() || time - ChunkBegin() < kChunkTimeMax) return absl::OkStatus();
  absl::Status s = CloseChunk();
  return s.ok() ? s : Close(s);
}

absl::Status Writer::Impl::CloseChunk() {
  const std::uint64_t offset = output_->bytes_written();
  const std::uint32_t count = encoder_.count();
  chunk_builder_.Build(encoder_, {.first_position = chunk_position_, .trace_key = trace_key_},
                       &entry_);
  encoder_.Clear();
  summary_.EndChunk(offset);
  if (absl::Status s = output_->Write(entry_); !s.ok()) return s;
  chunk_position_ += count;
  return absl::OkStatus();
}

absl::Status Writer::Impl::Finish() {
  if (!status_.ok()) return status_;
  if (!encoder_.is_empty()) {
    if (absl::Status s = CloseChunk(); !s.ok()) return Close(s);
  }
  summary_.Finish(end_time_);
  const std::uint64_t appendix_offset = output_->bytes_written();
  absl::Status s = WriteAppendix();
  const std::uint64_t footer_offset = output_->bytes_written();
  if (s.ok()) s = WriteFooter(appendix_offset);
  if (s.ok()) s = WriteTrailer(footer_offset);
  if (s.ok()) s = output_->Commit();
  if (!s.ok()) return Close(s);
  static_cast<void>(Close(absl::FailedPreconditionError("the trace is finished")));
  return absl::OkStatus();
}

absl::Status Writer::Impl::WriteAppendix() {
  capnp::MallocMessageBuilder message;
  auto appendix = BeginEntry(message).initAppendix();
  appendix.setHeaderChecksum(header_checksum_);
  absl::Status s =
      BuildPackedHeader(info_, catalogue_, chunk_builder_.packer(), appendix.initHeader());
  if (!s.ok()) return s;
  if (const Rollup* const rollup = summary_.rollup(); rollup != nullptr) {
    BuildRollup(*rollup, chunk_builder_.packer(), appendix.initRollup());
  }
  return WriteEntry(message);
}

absl::Status Writer::Impl::WriteFooter(std::uint64_t appendix_offset) {
  capnp::MallocMessageBuilder message;
  auto footer = BeginEntry(message).initFooter();
  footer.setHeaderChecksum(header_checksum_);
  footer.setAppendixOffset(appendix_offset);
  BuildSummary(summary_.summary(), info_.resolution, footer);
  return WriteEntry(message);
}

absl::Status Writer::Impl::WriteTrailer(std::uint64_t footer_offset) {
  capnp::MallocMessageBuilder message;
  auto trailer = BeginEntry(message).initTrailer();
  trailer.setFooterOffset(footer_offset);
  trailer.setFooterBytes(output_->bytes_written() - footer_offset);
  absl::Status s = WriteEntry(message);
  sim::Check(entry_.size() == kTrailerBytes, "the trailer's size is fixed");
  return s;
}

absl::StatusOr<std::unique_ptr<Writer>> Writer::Open(const std::string& path, const TraceInfo& info,
                                                     const Catalogue& catalogue,
                                                     const WriterOptions& options) {
  if (absl::Status s = CheckTraceInfo(info); !s.ok()) return s;
  if (absl::Status s = CheckCatalogue(catalogue); !s.ok()) return s;
  if (options.chunk_records < 1 || options.chunk_records > kChunkRecordsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("chunk records must be 1 to ", kChunkRecordsMax));
  }
  if (options.level < 1 || options.level > kZstdLevelMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("the compression level must be 1 to ", kZstdLevelMax));
  }
  absl::StatusOr<std::unique_ptr<FileOutput>> output = FileOutput::Open(path);
  if (!output.ok()) return output.status();
  auto impl = std::make_unique<Impl>(*std::move(output), info, catalogue, options);
  if (absl::Status s = impl->WriteHeader(); !s.ok()) return s;
  return std::unique_ptr<Writer>(new Writer(std::move(impl)));
}

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::~Writer() = default;

absl::Status Writer::Append(std::span<const Record> records) {
  return impl_->Append(records, impl_->trace_key(), Impl::Origin::kProgram);
}
absl::Status Writer::AppendForeign(std::span<const Record> records, std::uint64_t trace_key) {
  return impl_->Append(records, trace_key, Impl::Origin::kFile);
}
absl::Status Writer::AdvanceTo(sim::VirtualTime time) { return impl_->AdvanceTo(time); }
absl::Status Writer::Finish() { return impl_->Finish(); }
void Writer::Abandon() { impl_->Abandon(); }
const Summary& Writer::summary() const { return impl_->summary(); }
std::uint64_t Writer::bytes_written() const { return impl_->bytes_written(); }

}  // namespace groundhog::traces
