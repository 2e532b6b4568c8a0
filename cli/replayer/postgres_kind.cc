#include "cli/replayer/postgres_kind.h"

#include "sinks/postgres/copy_row.h"
#include "sinks/postgres/postgres_sink.h"

namespace groundhog::cli {

PostgresKind::PostgresKind()
    : SinkKind({.scheme = "postgres://",
                .destination = "PostgreSQL",
                .forms = {"postgres://USER[:PASSWORD]@HOST[:PORT]/DB"},
                .offer = {.words = {"postgres://"}},
                .example = "postgres://USER@HOST/DB",
                .any = "postgres://..."}) {}

bool PostgresKind::IsKindOf(const std::string& address) const {
  return SinkKind::IsKindOf(address) || address.starts_with("postgresql://");
}

std::vector<SinkOption> PostgresKind::AddOptions(CLI::App& program, sinks::MessageKey& /*key*/) {
  CLI::Option* const create = program.add_flag(
      "--create", creates_,
      "Make the tables logs and groundhog_positions and the views service_analytics... where they "
      "are missing; docs/POSTGRES.md");
  return {{.option = create->group("PostgreSQL"), .is_for_sending = true}};
}

absl::Status PostgresKind::CheckTrace(const traces::Catalogue& catalogue) const {
  return sinks::CheckPostgresText(catalogue);
}

absl::StatusOr<std::unique_ptr<sinks::Sink>> PostgresKind::MakeSink(
    const std::string& address, const sinks::SinkOptions& options,
    const traces::Catalogue& catalogue) {
  return sinks::PostgresSink::Make({.address = address, .creates = creates_}, options, catalogue);
}

absl::StatusOr<DestinationsOf> PostgresKind::Destinations(const std::string& /*address*/,
                                                          const traces::Catalogue& /*catalogue*/) {
  return [](const traces::Record&) { return std::vector<std::string>{"table logs"}; };
}

}  // namespace groundhog::cli
