// service-errors FILE SERVICE FROM: prints a service's ERROR records from a time on, as JSON lines,
// and on standard error how many there are. FROM is 14h30m after the start, or
// 2025-01-06T14:30:00Z. Exit code 3: the trace is damaged or incomplete, and the rest was printed.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "groundhog/text/time_text.h"
#include "groundhog/traces/catalogue.h"
#include "groundhog/traces/json_renderer.h"
#include "groundhog/traces/reader.h"
#include "groundhog/traces/record_filter.h"

namespace {

namespace sim = groundhog::sim;
namespace text = groundhog::text;
namespace traces = groundhog::traces;

// Records name what they are about by its index in the catalogue.
std::optional<traces::ServiceId> FindService(const traces::Catalogue& catalogue,
                                             std::string_view name) {
  for (std::size_t i = 0; i < catalogue.services.size(); ++i) {
    if (catalogue.services[i].name == name) {
      return traces::ServiceId{static_cast<std::uint16_t>(i)};
    }
  }
  return std::nullopt;
}

int Fail(const absl::Status& status) {
  const std::string message(status.message());
  std::fprintf(stderr, "service-errors: %s\n", message.c_str());
  return 2;
}

// Prints what is selected of all that can be read. Sets `is_whole` to false after damage.
absl::StatusOr<std::uint64_t> PrintRecords(traces::Reader& reader,
                                           const traces::RecordSelection& selection,
                                           bool* is_whole) {
  traces::RecordFilter filter(selection, reader.info(), reader.catalogue());
  traces::JsonRenderer renderer(reader.info(), reader.catalogue());
  std::uint64_t count = 0;
  std::vector<traces::Record> records;  // of one chunk at a time: memory stays small
  while (true) {
    const absl::StatusOr<bool> has_more = reader.NextChunk(&records);
    if (absl::IsDataLoss(has_more.status())) {  // the next call goes on behind the damage
      *is_whole = false;
      continue;
    }
    if (!has_more.ok()) return has_more.status();
    if (!*has_more) break;
    filter.set_trace_key(reader.trace_key());
    renderer.set_trace_key(reader.trace_key());
    for (const traces::Record& record : records) {
      if (!filter.Matches(record)) continue;
      const std::string_view line = renderer.Render(record);
      std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
      ++count;
    }
  }
  if (!reader.complete()) *is_whole = false;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: service-errors FILE SERVICE FROM\n");
    return 2;
  }
  const absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(argv[1]);
  if (!reader.ok()) return Fail(reader.status());

  const std::optional<traces::ServiceId> service = FindService((*reader)->catalogue(), argv[2]);
  if (!service) return Fail(absl::NotFoundError("the trace has no such service"));
  const absl::StatusOr<sim::VirtualTime> from =
      text::ParseTimeArgument(argv[3], (*reader)->info().start_unix_nanoseconds);
  if (!from.ok()) return Fail(from.status());

  // By the index in the footer, so that nothing before it is read.
  if (absl::Status status = (*reader)->SeekTo(*from); !status.ok()) return Fail(status);
  traces::RecordSelection selection;
  selection.from = *from;
  selection.services = {*service};
  selection.levels = {traces::Level::kError};
  bool is_whole = true;
  const absl::StatusOr<std::uint64_t> count = PrintRecords(**reader, selection, &is_whole);
  if (!count.ok()) return Fail(count.status());
  std::fprintf(stderr, "%llu records\n", static_cast<unsigned long long>(*count));
  return is_whole ? 0 : 3;
}
