// The grid of time: every time of a run, and so every duration and wait of its records, is a
// multiple of the scenario's resolution. Draws are rounded where they are drawn (RoundToDuration,
// DurationSampler), what the scenario says is rounded here, before the run, and the rest are sums
// and differences of both.
//
// All are rounded halves up, and to one unit at least unless they are zero. An arrival is rounded
// down instead, as a point in time: the gaps before it are exact, so that a grid that is coarse for
// the rate of a source does not change the rate.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_GRID_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_GRID_H_

#include "model/scenario/fault.h"
#include "model/scenario/scenario.h"
#include "sim/time.h"

namespace groundhog::model {

// The scenario with all that becomes a time of the run on its grid: timeouts, intervals and the
// times of faults. Distributions, ramps, and limits that are only compared with, stay exact.
Scenario OnGrid(Scenario scenario);
// A fault's times likewise, in multiples of `unit`.
Fault OnGrid(Fault fault, sim::Duration unit);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_GRID_H_
