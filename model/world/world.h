// The world: a scenario brought to life. Advances virtual time, event by event, and emits records
// in their total order (time, host, order of emission).
//
// Deterministic: the same scenario gives the same records, on any machine, however the run is cut
// into calls of Run. Not thread-safe. Memory follows the number of requests in flight.
#ifndef GROUNDHOG_MODEL_WORLD_WORLD_H_
#define GROUNDHOG_MODEL_WORLD_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "model/scenario/scenario.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

class Exchange;
class Partition;
class WindowedRun;

class World {
 public:
  struct Options {
    // The number of partitions that the entities are spread over, each with its own memory. The
    // records are the same for any number: no entity reads or changes the state of another.
    int partitions = 1;
    // Advances the partitions; by default one after the other in the calling thread (InTurn). The
    // partitions must outlive what it returns.
    std::function<std::unique_ptr<Exchange>(std::span<const std::unique_ptr<Partition>>)>
        make_exchange;
    // The world has run away with more spans in flight than these (by default about 1 GiB of them).
    std::size_t spans_in_flight_max = 5'000'000;
    // The same for pending events (by default about 1 GiB of them). A timer stays pending until its
    // time, also when its request ended long ago: rate times deadline bounds them.
    std::uint64_t events_pending_max = 20'000'000;
  };

  // Needs a checked scenario. InvalidArgument: the scenario exceeds what ids can number.
  static absl::StatusOr<World> Create(const Scenario& scenario, const Options& options);
  static absl::StatusOr<World> Create(const Scenario& scenario) {
    return Create(scenario, Options());
  }

  World(World&&) noexcept;
  World& operator=(World&&) noexcept;
  ~World();

  // Names for the records' indices. Valid as long as the world.
  const traces::Catalogue& catalogue() const;

  // Advances to `until` (exclusive), or stops early once `records` has `enough` or more. Appends to
  // `records`. Returns the time up to which all records have been emitted: `until` when done.
  // ResourceExhausted: the world ran away (its spans in flight or pending events exceed a stated
  // limit); the message names the service or journey, and the virtual time.
  absl::StatusOr<sim::VirtualTime> Run(sim::VirtualTime until, std::size_t enough,
                                       std::vector<traces::Record>* records);

  // The key of trace ids, from the seed: TraceInfo::trace_key.
  static std::uint64_t TraceKey(std::uint64_t seed);

  // Events handled so far, for benchmarks.
  std::uint64_t events() const;

  // The same by kind, without kinds that never occurred.
  struct EventCount {
    const char* kind = "";  // "work_done"
    std::uint64_t count = 0;
  };
  std::vector<EventCount> event_counts() const;

 private:
  explicit World(std::unique_ptr<WindowedRun> run);

  std::unique_ptr<WindowedRun> run_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_WORLD_H_
