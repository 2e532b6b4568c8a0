// A gate to librdkafka's mock cluster, so that most client libraries can read from it: they connect
// to the gate's ports on the loopback address, and their messages go through a translator
// (sinks/kafka/kafka_translator.h). Our own producer passes it by.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_GATE_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_GATE_H_

#include <netinet/in.h>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/kafka/descriptor.h"

namespace groundhog::sinks {

// Thread-safe, except for the destructor, which cuts all connections.
class KafkaGate {
 public:
  // `brokers` is HOST:PORT[,HOST:PORT...] of brokers on the loopback address. Unavailable: no port
  // is free.
  static absl::StatusOr<std::unique_ptr<KafkaGate>> Open(const std::string& brokers);
  ~KafkaGate();
  KafkaGate(const KafkaGate&) = delete;
  KafkaGate& operator=(const KafkaGate&) = delete;

  // HOST:PORT[,HOST:PORT...], where clients are to come.
  const std::string& address() const { return address_; }

 private:
  class Passage;
  struct Door {
    Descriptor listener;
    std::uint16_t broker_port = 0;
  };

  KafkaGate() = default;
  absl::Status AddDoor(std::uint16_t broker_port);
  void ServeUntilClosing();
  void Admit(const Door& door);

  std::string address_;
  std::vector<Door> doors_;
  std::map<std::int32_t, std::int32_t> ports_;  // a broker's, and that of the door to it
  Descriptor closing_;                          // an eventfd
  std::list<Passage> passages_;                 // the serving thread's
  std::thread server_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_GATE_H_
