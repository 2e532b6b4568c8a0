#include "model/world/plan/grid.h"

#include <optional>

#include "sim/time.h"

namespace groundhog::model {
namespace {

class Grid {
 public:
  explicit Grid(sim::Duration unit) : unit_(unit) {}

  void Put(sim::Duration& duration) const { duration = duration.RoundedTo(unit_); }
  void Put(std::optional<sim::Duration>& duration) const {
    if (duration) Put(*duration);
  }
  void Put(Service& service) const {
    Put(service.queue_timeout);
    Put(service.time_limit);
    Put(service.log_interval);
    if (service.consumers) Put(service.consumers->deadline);
    for (DependencyPolicy& policy : service.dependencies) Put(policy.timeout);
  }
  void Put(Journey& journey) const {
    Put(journey.deadline);
    Put(journey.patience);
  }
  void Put(Burst& burst) const {
    Put(burst.at);
    Put(burst.duration);
    Put(burst.every);
  }
  void Put(Fault& fault) const {
    Put(fault.at);
    Put(fault.duration);
    Put(fault.every);
    Put(fault.restart);
    Put(fault.pause);
    Put(fault.drain);
    Put(fault.skew);
  }

 private:
  const sim::Duration unit_;
};

}  // namespace

Scenario OnGrid(Scenario scenario) {
  const Grid grid(UnitOf(scenario.resolution));
  grid.Put(scenario.network_latency_min);
  for (Service& service : scenario.services) grid.Put(service);
  for (Journey& journey : scenario.journeys) grid.Put(journey);
  for (Burst& burst : scenario.bursts) grid.Put(burst);
  for (Fault& fault : scenario.faults) grid.Put(fault);
  return scenario;
}

Fault OnGrid(Fault fault, sim::Duration unit) {
  Grid(unit).Put(fault);
  return fault;
}

}  // namespace groundhog::model
