// Records that report a call which is tried again are known by their wording to analysis, which
// knows no model. Here both must agree on every message of a world.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "analysis/signs.h"
#include "model/scenario/parse/parser.h"
#include "model/world/plan/log_model.h"
#include "model/world/world.h"
#include "scenarios/shipped.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog {
namespace {

TEST(Wording, OfRetriesIsTheSameForAnalysisAndModel) {
  const std::vector<traces::MessageTemplate> retries = model::RetryMessages();
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    SCOPED_TRACE(shipped.name);
    const auto parsed = model::ParseScenario(shipped.text, shipped.name);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    const auto world = model::World::Create(parsed->scenario);
    ASSERT_TRUE(world.ok()) << world.status();
    const traces::Catalogue& catalogue = world->catalogue();
    const analysis::SignReader reader(catalogue);
    std::size_t found = 0;
    for (std::size_t i = 0; i < catalogue.templates.size(); ++i) {
      traces::Record record;
      record.level = traces::Level::kWarn;
      record.call_path = traces::CallPathId{0};
      record.message = static_cast<traces::TemplateId>(i);
      const bool is_retry = std::ranges::find(retries, catalogue.templates[i]) != retries.end();
      EXPECT_EQ(reader.IsRetry(record), is_retry) << catalogue.templates[i].text;
      found += is_retry;
    }
    EXPECT_EQ(found, retries.size());
  }
}

}  // namespace
}  // namespace groundhog
