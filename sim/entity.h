// Entities: the things that events are addressed to. The model numbers them (hosts and traffic
// sources); the kernel only orders by the number.
#ifndef GROUNDHOG_SIM_ENTITY_H_
#define GROUNDHOG_SIM_ENTITY_H_

#include <cstdint>

namespace groundhog::sim {

// Dense, from 0. A scenario's hosts come first, in the scenario's order, then its traffic sources.
// Numbers are positions in a run, not names: random streams are keyed by names, so that adding an
// entity renumbers no draw.
enum class EntityId : std::uint32_t {};

constexpr std::uint32_t Index(EntityId id) { return static_cast<std::uint32_t>(id); }

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_ENTITY_H_
