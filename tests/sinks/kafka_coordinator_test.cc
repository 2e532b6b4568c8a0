// --exactly-once while the coordinators of its transactions and of its group start, move or load,
// as they do for some seconds after a broker has started or died: it waits, bounded.
#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/sinks/kafka_fixture.h"

namespace groundhog::sinks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::uint64_t kCount = 50;

// By Kafka's numbers.
struct Request {
  const char* name;
  std::int16_t key;
};
void PrintTo(const Request& request, std::ostream* out) { *out << request.name; }

constexpr Request kFindCoordinator{"FindCoordinator", 10};
constexpr Request kOffsetFetch{"OffsetFetch", 9};
constexpr Request kRequests[] = {
    kFindCoordinator,        kOffsetFetch,   {"InitProducerId", 22},  {"AddPartitionsToTxn", 24},
    {"AddOffsetsToTxn", 25}, {"EndTxn", 26}, {"TxnOffsetCommit", 28},
};

class KafkaCoordinator : public KafkaTest {
 protected:
  KafkaTestOptions OnceOptions(std::chrono::nanoseconds timeout = seconds(30)) {
    KafkaTestOptions options = Options(timeout);
    options.common.exactly_once = "once";
    return options;
  }

  // The next requests of this kind get this answer.
  void Answer(const Request& request, rd_kafka_resp_err_t error, std::size_t times) {
    const std::vector<rd_kafka_resp_err_t> errors(times, error);
    rd_kafka_mock_push_request_errors_array(cluster(), request.key, errors.size(), errors.data());
  }

  absl::Status OpenStatus(const KafkaTestOptions& options) {
    const absl::StatusOr<std::unique_ptr<Sink>> sink =
        KafkaSink::Make(options.kafka, options.common, source_.catalogue());
    return sink.ok() ? (*sink)->Open() : sink.status();
  }
};

class NotReady : public KafkaCoordinator,
                 public ::testing::WithParamInterface<std::tuple<Request, rd_kafka_resp_err_t>> {};

TEST_P(NotReady, IsWaitedForAndNothingIsLostOrDoubled) {
  const auto& [request, error] = GetParam();
  Answer(request, error, 3);
  const std::unique_ptr<Sink> sink = Open(OnceOptions());
  EXPECT_FALSE(sink->resumed());
  ASSERT_EQ(source_.WriteMany(*sink, 0, kCount), absl::OkStatus());
  ASSERT_EQ(sink->Flush(), absl::OkStatus());
  EXPECT_EQ(sink->counts().messages_acknowledged, sink->counts().messages_sent);
  EXPECT_EQ(sink->Close(), absl::OkStatus());
  ExpectAllArrivedOnce(kCount);
}

INSTANTIATE_TEST_SUITE_P(
    Coordinator, NotReady,
    ::testing::Combine(::testing::ValuesIn(kRequests),
                       ::testing::Values(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                         RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                                         RD_KAFKA_RESP_ERR_NOT_COORDINATOR)),
    [](const auto& info) {
      return absl::StrCat(std::get<0>(info.param).name, "_",
                          rd_kafka_err2name(std::get<1>(info.param)));
    });

TEST_F(KafkaCoordinator, APositionThatATransactionIsJustCommittingIsWaitedFor) {
  Answer(kOffsetFetch, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, 3);
  EXPECT_EQ(OpenStatus(OnceOptions()), absl::OkStatus());
}

TEST_F(KafkaCoordinator, OneThatNeverGetsReadyIsGivenUpAfterTheTimeoutAndTold) {
  Answer(kOffsetFetch, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 10'000);
  const auto start = std::chrono::steady_clock::now();
  const absl::Status status = OpenStatus(OnceOptions(milliseconds(3'500)));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(20));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(),
              HasSubstr("did not give the position of the consumer group groundhog-once/raw_logs "
                        "within 3500ms"));
  EXPECT_THAT(status.message(), HasSubstr("--timeout sets how long to wait"));
  EXPECT_THAT(notices_, Contains(HasSubstr("waiting until Kafka knows the position")));
}

TEST_F(KafkaCoordinator, AStopEndsTheWaitForIt) {
  Answer(kOffsetFetch, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, 10'000);
  std::thread stopper([this] {
    std::this_thread::sleep_for(milliseconds(500));
    stop_ = true;
  });
  const auto start = std::chrono::steady_clock::now();
  const absl::Status status = OpenStatus(OnceOptions());
  stopper.join();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(10));
}

TEST_F(KafkaCoordinator, AMissingRightToTheGroupIsToldAtOnce) {
  Answer(kOffsetFetch, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 1);
  const absl::Status status = OpenStatus(OnceOptions());
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(status.message(),
              HasSubstr("ask for the right Read on the consumer group groundhog-once/raw_logs"));
}

}  // namespace
}  // namespace groundhog::sinks
