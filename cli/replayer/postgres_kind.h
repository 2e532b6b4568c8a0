// postgres://...: rows in a table of PostgreSQL.
#ifndef GROUNDHOG_CLI_REPLAYER_POSTGRES_KIND_H_
#define GROUNDHOG_CLI_REPLAYER_POSTGRES_KIND_H_

#include <memory>
#include <string>
#include <vector>

#include "cli/replayer/sink_kind.h"

namespace groundhog::cli {

class PostgresKind : public SinkKind {
 public:
  PostgresKind();

  bool IsKindOf(const std::string& address) const override;
  bool has_transactions() const override { return true; }
  absl::Status CheckTrace(const traces::Catalogue& catalogue) const override;
  absl::StatusOr<std::unique_ptr<sinks::Sink>> MakeSink(
      const std::string& address, const sinks::SinkOptions& options,
      const traces::Catalogue& catalogue) override;
  absl::StatusOr<DestinationsOf> Destinations(const std::string& address,
                                              const traces::Catalogue& catalogue) override;

 private:
  std::vector<SinkOption> AddOptions(CLI::App& program, sinks::MessageKey& key) override;

  bool creates_ = false;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_POSTGRES_KIND_H_
