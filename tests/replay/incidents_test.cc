#include "replay/incidents.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/traces/sample_trace.h"

namespace groundhog::replay {
namespace {

using sim::VirtualTime;

VirtualTime At(std::int64_t seconds) { return VirtualTime(sim::Seconds(seconds)); }

std::string NameOf(const std::optional<Incident>& incident) {
  return incident ? incident->name : "none";
}

// A trace of 100 s with these occurrences: long [10, 40), twice/1 [20, 25), twice/2 [60, 65).
class IncidentsTest : public testing::Test {
 protected:
  IncidentsTest() {
    traces::SampleTrace trace{.info = traces::SampleInfo(), .catalogue = traces::SampleCatalogue()};
    trace.info.duration = sim::Seconds(100);
    trace.catalogue.faults = {{.name = "long",
                               .kind = "outage",
                               .target = trace.catalogue.services[0].name,
                               .first_start = At(10),
                               .duration = sim::Seconds(30)},
                              {.name = "twice",
                               .kind = "latency",
                               .target = trace.catalogue.services[1].name,
                               .first_start = At(20),
                               .duration = sim::Seconds(5),
                               .period = sim::Seconds(40)}};
    trace.records = {traces::SampleRecord(99'000'000'000)};
    traces::WriteTrace(trace, file_.path());
  }

  Incidents Read() {
    auto reader = traces::Reader::Open(file_.path());
    EXPECT_TRUE(reader.ok()) << reader.status();
    return Incidents(**reader);
  }

  traces::TestFile file_{"incidents.ghog"};
};

TEST_F(IncidentsTest, OfThoseInProgressTheLatestIsNamed) {
  const Incidents incidents = Read();
  EXPECT_EQ(NameOf(incidents.InProgressAt(At(9))), "none");
  EXPECT_EQ(NameOf(incidents.InProgressAt(At(10))), "long");
  EXPECT_EQ(NameOf(incidents.InProgressAt(At(20))), "twice/1");
  EXPECT_EQ(NameOf(incidents.InProgressAt(At(25))), "long");  // which goes on
  EXPECT_EQ(NameOf(incidents.InProgressAt(At(40))), "none");
  EXPECT_EQ(NameOf(incidents.InProgressAt(At(64))), "twice/2");
}

TEST_F(IncidentsTest, TheFirstAndLastInARangeGoByTheirStarts) {
  const Incidents incidents = Read();
  EXPECT_EQ(NameOf(incidents.FirstIn(At(0), At(100))), "long");
  EXPECT_EQ(NameOf(incidents.LastIn(At(0), At(100))), "twice/2");
  EXPECT_EQ(NameOf(incidents.FirstIn(At(11), At(100))), "twice/1");  // long is only in progress
  EXPECT_EQ(NameOf(incidents.LastIn(At(0), At(60))), "twice/1");     // the range is half-open
  EXPECT_EQ(NameOf(incidents.FirstIn(At(60), At(61))), "twice/2");
  EXPECT_EQ(NameOf(incidents.FirstIn(At(21), At(60))), "none");
  EXPECT_EQ(NameOf(incidents.LastIn(At(21), At(60))), "none");
}

TEST_F(IncidentsTest, OfAnIncompleteTraceTheyAreKnownAsWell) {
  const std::string bytes = traces::ReadFile(file_.path());
  traces::WriteFile(file_.path(), bytes.substr(0, traces::EntryOffsets(bytes)[2]));
  const Incidents incidents = Read();
  EXPECT_EQ(NameOf(incidents.FirstIn(At(0), At(100))), "long");
  EXPECT_EQ(NameOf(incidents.LastIn(At(0), At(100))), "twice/2");
}

}  // namespace
}  // namespace groundhog::replay
