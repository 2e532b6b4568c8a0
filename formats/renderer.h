// Renders records in the formats of other programs, docs/FORMATS.md. Memory does not grow with the
// trace.
#ifndef GROUNDHOG_FORMATS_RENDERER_H_
#define GROUNDHOG_FORMATS_RENDERER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "text/enum_names.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::formats {

enum class Format { kJson, kText, kCsv, kLogfmt, kOtlpJson, kPerfetto, kLoghub };
inline constexpr text::EnumNames kFormatNames(
    std::to_array<text::EnumName<Format>>({{Format::kJson, "json"},
                                           {Format::kText, "text"},
                                           {Format::kCsv, "csv"},
                                           {Format::kLogfmt, "logfmt"},
                                           {Format::kOtlpJson, "otlp-json"},
                                           {Format::kPerfetto, "perfetto"},
                                           {Format::kLoghub, "loghub"}}));

struct RendererOptions {
  // Adds what is known beyond the log line. Not for kLoghub, whose columns are fixed.
  bool with_truth = false;
  // Colours for a terminal; only kText has any.
  bool is_coloured = false;
  // The width of the terminal: kText puts a message that does not fit on a line of its own.
  std::size_t columns = std::numeric_limits<std::size_t>::max();
};

// Renders the records of one trace, in their order: Begin, then Add for each record and Flush now
// and then, then End. All append to `out`. Records must satisfy CheckRecord (catalogue_check.h).
// Not thread-safe.
class Renderer {
 public:
  virtual ~Renderer() = default;

  // What comes before the first record.
  virtual void Begin(std::string* /*out*/) {}
  // May keep a record until Flush or End.
  virtual void Add(const traces::Record& record, std::string* out) = 0;
  // A reader waits for what was added.
  virtual void Flush(std::string* /*out*/) {}
  // What comes after the last record.
  virtual void End(std::string* /*out*/) {}

  // For chunks with a key of their own (Reader::trace_key); call Flush before.
  virtual void set_trace_key(std::uint64_t trace_key) = 0;
};

// Copies what it needs of the catalogue, which must satisfy CheckCatalogue.
std::unique_ptr<Renderer> MakeRenderer(Format format, const traces::TraceInfo& info,
                                       const traces::Catalogue& catalogue,
                                       const RendererOptions& options);

}  // namespace groundhog::formats

#endif  // GROUNDHOG_FORMATS_RENDERER_H_
