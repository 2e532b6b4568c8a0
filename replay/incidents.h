// The occurrences of a trace's faults, to jump to and to name.
#ifndef GROUNDHOG_REPLAY_INCIDENTS_H_
#define GROUNDHOG_REPLAY_INCIDENTS_H_

#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"
#include "traces/reader.h"

namespace groundhog::replay {

struct Incident {
  std::string name;        // "auth-outage/2"
  sim::VirtualTime start;  // scheduled
  sim::VirtualTime end;
};

// Immutable. Knows the first 65,536 occurrences, as a trace's footer does.
class Incidents {
 public:
  // From the footer if there is one, otherwise from the catalogue.
  explicit Incidents(const traces::Reader& reader);

  // Of those in progress at `time`, the one that began last. Times are the recorded ones.
  std::optional<Incident> InProgressAt(sim::VirtualTime time) const;

  // The first that starts in [begin, end); the last one.
  std::optional<Incident> FirstIn(sim::VirtualTime begin, sim::VirtualTime end) const;
  std::optional<Incident> LastIn(sim::VirtualTime begin, sim::VirtualTime end) const;

 private:
  std::vector<Incident> incidents_;  // by start
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_INCIDENTS_H_
