// The gate's sockets. kafka_translator_test.cc tests the translation of messages, and
// tests/integration/embedded_clients_test.py tests real clients.
#include "sinks/kafka/kafka_gate.h"

#include <sys/socket.h>

#include <string>

#include "absl/strings/numbers.h"
#include "tests/sinks/kafka_fixture.h"

namespace groundhog::sinks {
namespace {

using namespace std::string_literals;

// ApiVersions, version 4, correlation 7, of client "me", with its length before it.
const std::string kApiVersions =
    "\0\0\0\x13"
    "\0\x12"
    "\0\4"
    "\0\0\0\7"
    "\0\2me\0"
    "\3go\2"
    "0\0"s;

class KafkaGateTest : public KafkaTest {
 protected:
  Descriptor Connect() {
    const std::string address = kafka_->address();
    std::uint32_t port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(::connect(socket.number(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    return socket;
  }

  static void Send(const Descriptor& socket, const std::string& bytes) {
    EXPECT_EQ(::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  // The next message without its length; empty: the other side has closed.
  static std::string Receive(const Descriptor& socket) {
    std::string length(4, '\0');
    if (::recv(socket.number(), length.data(), 4, MSG_WAITALL) != 4) return "";
    std::string message(static_cast<unsigned char>(length[2]) * std::size_t{256} +
                            static_cast<unsigned char>(length[3]),
                        '\0');
    EXPECT_EQ(::recv(socket.number(), message.data(), message.size(), MSG_WAITALL),
              static_cast<ssize_t>(message.size()));
    return message;
  }
};

TEST_F(KafkaGateTest, AMessageInPiecesIsOneMessage) {
  const Descriptor socket = Connect();
  for (const char byte : kApiVersions) Send(socket, std::string(1, byte));
  const std::string answer = Receive(socket);
  // No error, and ListOffsets and ApiVersions as far as they are to be used.
  EXPECT_EQ(answer.substr(0, 6), "\0\0\0\7\0\0"s);
  EXPECT_NE(answer.find("\0\2\0\0\0\3\0"s), std::string::npos);
  EXPECT_NE(answer.find("\0\x12\0\0\0\4\0"s), std::string::npos);
}

TEST_F(KafkaGateTest, ManyMessagesAtOnceAreAnsweredInOrder) {
  const Descriptor socket = Connect();
  std::string many;
  for (char i = 0; i < 100; ++i) {
    many += kApiVersions;
    many[many.size() - kApiVersions.size() + 11] = i;
  }
  Send(socket, many);
  for (char i = 0; i < 100; ++i) EXPECT_EQ(Receive(socket).substr(0, 4), "\0\0\0"s + i);
}

TEST_F(KafkaGateTest, WhoeverSpeaksNoKafkaIsCutOffAndOthersAreServed) {
  const Descriptor good = Connect();
  for (const std::string& nonsense :
       {"GET / HTTP/1.1\r\n\r\n"s, "\0\0\0\2xx"s, "\xFF\xFF\xFF\xFF"s}) {
    const Descriptor bad = Connect();
    Send(bad, nonsense);
    EXPECT_EQ(Receive(bad), "");
  }
  Send(good, kApiVersions);
  EXPECT_NE(Receive(good), "");
}

TEST_F(KafkaGateTest, AClientWhoseBrokerIsAwayIsTurnedAway) {
  rd_kafka_mock_broker_set_down(cluster(), 1);
  EXPECT_EQ(Receive(Connect()), "");
}

TEST_F(KafkaGateTest, ReadersThatComeThroughItGetEverything) {
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 5'000).ok());
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_EQ(Consume(kafka_->address(), "raw_logs").size(), 5'000U);
}

TEST_F(KafkaGateTest, EachBrokerHasADoorOfItsOwn) {
  auto three = EmbeddedKafka::Start({"raw_logs", "alerts"}, /*partitions=*/3, /*brokers=*/3);
  ASSERT_TRUE(three.ok()) << three.status();
  kafka_ = *std::move(three);
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 1'000).ok());
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_EQ(Consume(kafka_->address(), "raw_logs").size(), 1'000U);
}

}  // namespace
}  // namespace groundhog::sinks
