// Numbered messages for tests of sinks, with lines as the renderer makes them.
#ifndef GROUNDHOG_TESTS_SINKS_MESSAGE_SOURCE_H_
#define GROUNDHOG_TESTS_SINKS_MESSAGE_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "sinks/sink.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::sinks {

// One message: what it is in the trace, and what it looks like.
struct TestMessage {
  std::uint64_t number = 0;
  std::string service;
  bool is_error = false;
  std::string line;
  std::int64_t timestamp_unix_milliseconds = 0;
};

// Message i comes from service i mod the number of services; every tenth is an ERROR; they are 50
// ms apart, from 2025-01-06T00:00:00Z.
class MessageSource {
 public:
  explicit MessageSource(std::vector<std::string> services = {"gateway-service", "order-service",
                                                              "payment-service"});

  const traces::Catalogue& catalogue() const { return catalogue_; }
  TestMessage Message(std::uint64_t number) const;
  absl::Status Write(Sink& sink, std::uint64_t number) const;
  // Numbers [first, first + count), until an error.
  absl::Status WriteMany(Sink& sink, std::uint64_t first, std::uint64_t count) const;

 private:
  traces::Catalogue catalogue_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_TESTS_SINKS_MESSAGE_SOURCE_H_
