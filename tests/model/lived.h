// One run of a scenario, and questions about its records.
#ifndef GROUNDHOG_TESTS_MODEL_LIVED_H_
#define GROUNDHOG_TESTS_MODEL_LIVED_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "model/world/world.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

class Lived {
 public:
  explicit Lived(const Scenario& scenario, int partitions = 1) {
    absl::StatusOr<World> world = World::Create(scenario, {.partitions = partitions});
    EXPECT_TRUE(world.ok()) << world.status();
    catalogue_ = world->catalogue();
    const sim::VirtualTime end{scenario.duration};
    const absl::StatusOr<sim::VirtualTime> reached =
        world->Run(end, static_cast<std::size_t>(-1), &records_);
    EXPECT_TRUE(reached.ok()) << reached.status();
    EXPECT_EQ(*reached, end);
  }

  const traces::Catalogue& catalogue() const { return catalogue_; }
  const std::vector<traces::Record>& records() const { return records_; }
  const std::string& Service(const traces::Record& record) const {
    return catalogue_.services[traces::Index(record.service)].name;
  }
  std::string Dependency(const traces::Record& record) const {
    if (record.dependency == traces::ServiceId::kNone) return "";
    return catalogue_.services[traces::Index(record.dependency)].name;
  }
  std::string Code(const traces::Record& record) const {
    if (record.error_code == traces::ErrorCodeId::kNone) return "";
    return catalogue_.error_codes[traces::Index(record.error_code)];
  }
  std::size_t Count(const std::function<bool(const traces::Record&)>& holds) const {
    return static_cast<std::size_t>(std::count_if(records_.begin(), records_.end(), holds));
  }
  std::size_t CountCode(const std::string& service, const std::string& code) const {
    return Count([&](const traces::Record& r) { return Service(r) == service && Code(r) == code; });
  }

  // The last records of the service's spans that ended with this code; "": without an error.
  std::vector<traces::Record> Ended(const std::string& service, const std::string& code) const {
    std::vector<traces::Record> ended;
    for (const traces::Record& record : records_) {
      const bool is_last = record.level != traces::Level::kWarn;
      const bool is_of_span = record.span != traces::SpanId::kNone;
      if (is_last && is_of_span && Service(record) == service && Code(record) == code) {
        ended.push_back(record);
      }
    }
    return ended;
  }

 private:
  traces::Catalogue catalogue_;
  std::vector<traces::Record> records_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_LIVED_H_
