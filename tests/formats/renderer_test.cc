#include "formats/renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/traces/sample_trace.h"
#include "text/utf8.h"

namespace groundhog::formats {
namespace {

std::string Rendered(Format format, const traces::SampleTrace& trace,
                     const RendererOptions& options = {}) {
  const auto renderer = MakeRenderer(format, trace.info, trace.catalogue, options);
  std::string out;
  renderer->Begin(&out);
  for (const traces::Record& record : trace.records) renderer->Add(record, &out);
  renderer->End(&out);
  return out;
}

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

TEST(Renderer, AnythingThatATraceMayHaveIsRendered) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const traces::SampleTrace trace = traces::RandomTrace(seed, 300);
    for (const auto& format : kFormatNames.rows()) {
      for (const bool with_truth : {false, true}) {
        const std::string out = Rendered(format.value, trace, {.with_truth = with_truth});
        ASSERT_TRUE(text::IsUtf8(out)) << format.name << " " << seed;
        ASSERT_GT(out.size(), 300U * 20) << format.name << " " << seed;
      }
    }
  }
}

TEST(Renderer, ASpanThatEndsWithAWarningIsPrintedAtTheEnd) {
  traces::SampleTrace trace = traces::TinyTrace();
  traces::Record& record = trace.records[0];
  record.level = traces::Level::kWarn;
  record.error_code = traces::ErrorCodeId::kNone;
  trace.records.resize(1);
  const auto renderer = MakeRenderer(Format::kOtlpJson, trace.info, trace.catalogue, {});
  std::string out;
  renderer->Add(record, &out);
  renderer->Flush(&out);
  EXPECT_EQ(Count(out, "resourceLogs"), 1U);
  EXPECT_EQ(Count(out, "resourceSpans"), 0U);
  renderer->End(&out);
  EXPECT_EQ(Count(out, "startTimeUnixNano"), 1U);

  // The same span goes on: then it was an attempt.
  trace.records.push_back(record);
  trace.records.back().time = record.time + sim::Seconds(1);
  trace.records.back().level = traces::Level::kInfo;
  EXPECT_EQ(Count(Rendered(Format::kOtlpJson, trace), "startTimeUnixNano"), 1U);
}

TEST(Renderer, AHostHasABoundedNumberOfThreads) {
  traces::SampleTrace trace = traces::TinyTrace();
  const traces::Record sample = trace.records[0];
  trace.records.clear();
  for (int i = 0; i < 5'000; ++i) {  // all at the same time
    traces::Record& record = trace.records.emplace_back(sample);
    record.time = sim::VirtualTime(sim::Hours(2)) + sim::Milliseconds(i);
    record.duration = sim::Hours(1);
  }
  const std::string out = Rendered(Format::kPerfetto, trace);
  EXPECT_EQ(Count(out, "\"ph\":\"X\""), 5'000U);
  EXPECT_EQ(Count(out, "thread_name"), 1'000U);
}

}  // namespace
}  // namespace groundhog::formats
