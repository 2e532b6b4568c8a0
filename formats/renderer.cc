#include "formats/renderer.h"

#include "formats/renderers.h"
#include "sim/check.h"
#include "traces/json_renderer.h"

namespace groundhog::formats {
namespace {

// The lines of traces/FORMAT.md.
class JsonLines : public Renderer {
 public:
  JsonLines(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
            const RendererOptions& options)
      : renderer_(info, catalogue, {.with_truth = options.with_truth}) {}

  void Add(const traces::Record& record, std::string* out) override {
    out->append(renderer_.Render(record));
    out->push_back('\n');
  }
  void set_trace_key(std::uint64_t trace_key) override { renderer_.set_trace_key(trace_key); }

 private:
  traces::JsonRenderer renderer_;
};

}  // namespace

std::unique_ptr<Renderer> MakeRenderer(Format format, const traces::TraceInfo& info,
                                       const traces::Catalogue& catalogue,
                                       const RendererOptions& options) {
  switch (format) {
    case Format::kJson:
      return std::make_unique<JsonLines>(info, catalogue, options);
    case Format::kText:
      return MakeTextRenderer(info, catalogue, options);
    case Format::kCsv:
      return MakeCsvRenderer(info, catalogue, options);
    case Format::kLogfmt:
      return MakeLogfmtRenderer(info, catalogue, options);
    case Format::kOtlpJson:
      return MakeOtlpRenderer(info, catalogue, options);
    case Format::kPerfetto:
      return MakePerfettoRenderer(info, catalogue, options);
    case Format::kLoghub:
      return MakeLoghubRenderer(info, catalogue);
  }
  sim::Check(false, "a format is one of seven");
  return nullptr;
}

}  // namespace groundhog::formats
