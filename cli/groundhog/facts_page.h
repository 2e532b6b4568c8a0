// The page of `groundhog info`, for a person.
#ifndef GROUNDHOG_CLI_GROUNDHOG_FACTS_PAGE_H_
#define GROUNDHOG_CLI_GROUNDHOG_FACTS_PAGE_H_

#include <string>

#include "analysis/facts.h"

namespace groundhog::cli {

std::string FactsAsPage(const analysis::Facts& facts);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_FACTS_PAGE_H_
