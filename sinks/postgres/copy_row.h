// A record as a row of the table logs, in the binary form of COPY (PostgreSQL's manual, "COPY",
// "Binary Format"), which spares the server parsing numbers and times.
#ifndef GROUNDHOG_SINKS_POSTGRES_COPY_ROW_H_
#define GROUNDHOG_SINKS_POSTGRES_COPY_ROW_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "sinks/sink.h"
#include "traces/catalogue.h"

namespace groundhog::sinks {

// The columns that a row has, in its order, and their types as PostgreSQL names them.
struct PostgresColumn {
  const char* name;
  const char* type;
};
inline constexpr std::array kLogColumns = {
    PostgresColumn{"position", "bigint"},
    PostgresColumn{"service", "text"},
    PostgresColumn{"level", "text"},
    PostgresColumn{"message", "text"},
    PostgresColumn{"timestamp", "timestamp with time zone"},
    PostgresColumn{"latency_ms", "bigint"},
    PostgresColumn{"trace_id", "text"},
    PostgresColumn{"dependency", "text"},
    PostgresColumn{"error_code", "text"},
    PostgresColumn{"hostname", "text"},
};

// What comes before the first row of a COPY, and after the last.
std::string_view CopyHeader();
std::string_view CopyTrailer();

// InvalidArgument: a name or a message has a NUL character, which PostgreSQL's text cannot hold.
absl::Status CheckPostgresText(const traces::Catalogue& catalogue);

// Thread-compatible. Copies what it needs of the catalogue.
class RowEncoder {
 public:
  explicit RowEncoder(const traces::Catalogue& catalogue);

  // Appends the row of a delivery, whose line is as traces::JsonRenderer makes it.
  void Append(const Delivery& delivery, std::string* out) const;

 private:
  // Fields with their lengths before them, ready to copy; by index.
  std::vector<std::string> services_;
  std::array<std::string, traces::kLevelCount> levels_;
  std::vector<std::string> error_codes_;
  std::vector<std::string> hosts_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_COPY_ROW_H_
