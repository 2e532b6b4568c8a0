// The page of `groundhog stats`, for a person.
#ifndef GROUNDHOG_CLI_GROUNDHOG_STATS_PAGE_H_
#define GROUNDHOG_CLI_GROUNDHOG_STATS_PAGE_H_

#include <string>

#include "analysis/stats.h"
#include "traces/catalogue.h"

namespace groundhog::cli {

// 80 columns wide, where no row counts a million records or more. Long names are cut, and so are
// long lists, which is said below them. Without the series.
std::string StatsAsPage(const analysis::Stats& stats, const traces::Catalogue& catalogue);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_STATS_PAGE_H_
