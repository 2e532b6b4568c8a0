// The parts of the PostgreSQL sink that need no server. The whole is tested against a real one:
// tests/integration/postgres_test.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "sim/time.h"
#include "sinks/postgres/copy_row.h"
#include "sinks/postgres/postgres_address.h"
#include "sinks/postgres/postgres_error.h"
#include "sinks/postgres/row_batch.h"
#include "traces/json_renderer.h"

namespace groundhog::sinks {
namespace {

TEST(PostgresAddress, IsShownWithoutItsPassword) {
  const auto address =
      ParsePostgresAddress("postgres://ann:s%40cret@db.example:5433/logs?sslmode=require");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->shown, "postgres://ann@db.example:5433/logs");
  const std::pair<std::string, std::string> password = {"password", "s@cret"};
  const std::pair<std::string, std::string> mode = {"sslmode", "require"};
  EXPECT_NE(std::find(address->parameters.begin(), address->parameters.end(), password),
            address->parameters.end());
  EXPECT_NE(std::find(address->parameters.begin(), address->parameters.end(), mode),
            address->parameters.end());
}

TEST(PostgresAddress, ShowsOnlyWhatIsGiven) {
  EXPECT_EQ(ParsePostgresAddress("postgresql://localhost")->shown, "postgres://localhost");
  EXPECT_EQ(ParsePostgresAddress("postgres:///logs")->shown, "postgres:///logs");
}

TEST(PostgresAddress, RefusesWhatIsNoneAndTellsNothingOfAPassword) {
  for (const char* text :
       {"postgres://ann:sec@ret@h/d", "postgres://ann:sec/ret@h/d", "postgres://ann:secret%zz@h/d",
        "postgres://ann:secret@[::1/d", "postgres://ann:secret@h/d?sslmod=x",
        "postgres://ann:sec?ret@h/d", "postgres://ann:se?sec/ret=x@h/d", "postgres://ann:secret/d",
        "postgres://ann:secret"}) {
    const auto address = ParsePostgresAddress(text);
    ASSERT_TRUE(absl::IsInvalidArgument(address.status())) << text;
    EXPECT_EQ(address.status().message().find("sec"), std::string::npos) << address.status();
    EXPECT_EQ(address.status().message().find("ret"), std::string::npos) << address.status();
  }
}

TEST(PostgresAddress, TakesHostsInAllTheirForms) {
  for (const char* text :
       {"postgres://h:5432/d", "postgres://ann@h/d", "postgres:///d", "postgres://h1:1,h2:2/d",
        "postgres://[::1]:5432/d", "postgres://ann@h/d?application_name=a@b/c:d",
        "postgres://h/d?options=-c%20x%3D1"}) {
    EXPECT_TRUE(ParsePostgresAddress(text).ok()) << text;
  }
}

TEST(PostgresAddress, NamesAnUnknownParameter) {
  EXPECT_NE(ParsePostgresAddress("postgres://h/d?sslmod=x").status().message().find("sslmod"),
            std::string::npos);
}

TEST(PostgresError, HasTheCodeThatACallerActsOn) {
  const auto code = [](std::string_view state) { return StatusOfSqlState(state, "said").code(); };
  EXPECT_EQ(code("08006"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code("57P01"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code("57014"), absl::StatusCode::kAborted);  // a statement timeout
  EXPECT_EQ(code("28P01"), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code("42501"), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code("42P01"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code("3D000"), absl::StatusCode::kNotFound);
  EXPECT_EQ(code("53100"), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code("53300"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code("23514"), absl::StatusCode::kAborted);
}

TEST(PostgresError, NamesTheStateOfWhatIsNotKnown) {
  const absl::Status status = StatusOfSqlState("23514", "new row violates a check\nand more");
  EXPECT_EQ(status.message(), "new row violates a check (SQLSTATE 23514)");
}

TEST(PostgresError, FindsTheLastRefusalInWhatLibpqSays) {
  const RefusedConnection refused = ParseRefusedConnection(
      "connection to server at \"::1\", port 5432 failed: Connection refused\n"
      "\tIs the server running on that host and accepting TCP/IP connections?\n"
      "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  3D000: database \"x\" does "
      "not exist\nLOCATION:  InitPostgres, postinit.c:941\n");
  EXPECT_EQ(refused.sql_state, "3D000");
  EXPECT_EQ(refused.text, "database \"x\" does not exist");
}

TEST(PostgresError, KnowsNoRefusalWhereNoServerWasReached) {
  EXPECT_EQ(ParseRefusedConnection("connection to server failed: Connection refused").sql_state,
            "");
  EXPECT_EQ(ParseRefusedConnection("FATAL:  12").sql_state, "");
}

// The numbers and texts of a row, as the server reads it.
class RowReader {
 public:
  explicit RowReader(std::string_view row) : rest_(row) {}

  std::int64_t Number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const char c : rest_.substr(0, bytes)) {
      value = value << 8 | static_cast<unsigned char>(c);
    }
    rest_.remove_prefix(bytes);
    const std::size_t unused = 64 - 8 * bytes;
    return static_cast<std::int64_t>(value << unused) >> unused;
  }
  std::string Text() {
    const std::int64_t length = Number(4);
    if (length < 0) return "null";
    const std::string text(rest_.substr(0, static_cast<std::size_t>(length)));
    rest_.remove_prefix(text.size());
    return text;
  }
  std::int64_t Bigint() {
    EXPECT_EQ(Number(4), 8);
    return Number(8);
  }
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

class CopyRowTest : public ::testing::Test {
 protected:
  CopyRowTest() {
    catalogue_.services = {{.name = "auth \"A\""}, {.name = "user"}};
    catalogue_.entities = {{.name = "auth-1"}};
    catalogue_.error_codes = {"ERR_504"};
    catalogue_.templates = {{.text = "said \"\\\t\x01 \u20ac\",\"timestamp\":\"", .slots = {}}};
    record_.service = traces::ServiceId{0};
    record_.level = traces::Level::kError;
    record_.duration = sim::Milliseconds(1234) + sim::Nanoseconds(999'999);
  }

  std::string Row() {
    traces::JsonRenderer renderer({}, catalogue_);
    const std::int64_t timestamp = 946'684'800'000 + 5;
    const std::string line(renderer.Render(record_, timestamp));
    trace_id_ = traces::TraceIdIn(line);
    std::string row;
    RowEncoder(catalogue_)
        .Append({.position = 7,
                 .record = record_,
                 .line = line,
                 .timestamp_unix_milliseconds = timestamp},
                &row);
    return row;
  }

  traces::Catalogue catalogue_;
  traces::Record record_;
  std::string trace_id_;
};

TEST_F(CopyRowTest, HasEveryFieldOfThePayload) {
  record_.dependency = traces::ServiceId{1};
  record_.error_code = traces::ErrorCodeId{0};
  const std::string row = Row();
  RowReader reader(row);
  EXPECT_EQ(reader.Number(2), 10);
  EXPECT_EQ(reader.Bigint(), 7);
  EXPECT_EQ(reader.Text(), "auth \"A\"");
  EXPECT_EQ(reader.Text(), "ERROR");
  EXPECT_EQ(reader.Text(), catalogue_.templates[0].text);
  EXPECT_EQ(reader.Bigint(), 5000);
  EXPECT_EQ(reader.Bigint(), 1234);
  EXPECT_EQ(reader.Text(), trace_id_);
  EXPECT_EQ(reader.Text(), "user");
  EXPECT_EQ(reader.Text(), "ERR_504");
  EXPECT_EQ(reader.Text(), "auth-1");
  EXPECT_TRUE(reader.is_at_end());
  EXPECT_EQ(trace_id_.size(), 32U);
}

TEST_F(CopyRowTest, HasNullsWhereThePayloadHasNoKey) {
  const std::string row = Row();
  RowReader reader(row);
  reader.Number(2);
  reader.Bigint();
  for (int i = 0; i < 3; ++i) reader.Text();
  reader.Bigint();
  reader.Bigint();
  reader.Text();
  EXPECT_EQ(reader.Text(), "null");
  EXPECT_EQ(reader.Text(), "null");
  EXPECT_EQ(reader.Text(), "auth-1");
}

TEST_F(CopyRowTest, ACatalogueWithANulIsRefused) {
  EXPECT_TRUE(CheckPostgresText(catalogue_).ok());
  catalogue_.entities[0].name.push_back('\0');
  EXPECT_TRUE(absl::IsInvalidArgument(CheckPostgresText(catalogue_)));
}

TEST(CopyFormat, BeginsAndEndsAsTheManualSays) {
  EXPECT_EQ(CopyHeader().size(), 19U);
  EXPECT_EQ(CopyHeader().substr(0, 11), std::string_view("PGCOPY\n\377\r\n\0", 11));
  EXPECT_EQ(CopyTrailer(), "\377\377");
}

RowChunk Chunk(std::string rows, int records, std::uint64_t end) {
  return {.rows = std::move(rows),
          .arrivals = std::vector<std::chrono::nanoseconds>(static_cast<std::size_t>(records)),
          .end_position = end};
}

TEST(RowBatch, KeepsWhatWasSentUntilItIsCommitted) {
  RowBatch batch;
  batch.Add(Chunk("aaa", 2, 2));
  batch.Add(Chunk("", 0, 0));
  batch.Add(Chunk("bb", 1, 5));
  EXPECT_EQ(batch.records(), 3U);
  EXPECT_EQ(batch.end_position(), 5U);
  EXPECT_EQ(batch.NextUnsent(), "aaa");
  batch.MarkSent();
  EXPECT_EQ(batch.NextUnsent(), "bb");
  batch.MarkSent();
  EXPECT_EQ(batch.NextUnsent(), "");
  batch.MarkUnsent();
  EXPECT_EQ(batch.NextUnsent(), "aaa");
  EXPECT_EQ(batch.bytes(), 5U);
  Histogram delays;
  batch.Clear(std::chrono::milliseconds(3), delays);
  EXPECT_TRUE(batch.is_empty());
  EXPECT_EQ(delays.count(), 3U);
  EXPECT_EQ(delays.max(), std::chrono::milliseconds(3));
}

}  // namespace
}  // namespace groundhog::sinks
