// The formats, one file each.
#ifndef GROUNDHOG_FORMATS_RENDERERS_H_
#define GROUNDHOG_FORMATS_RENDERERS_H_

#include <memory>

#include "formats/renderer.h"

namespace groundhog::formats {

std::unique_ptr<Renderer> MakeTextRenderer(const traces::TraceInfo& info,
                                           const traces::Catalogue& catalogue,
                                           const RendererOptions& options);
std::unique_ptr<Renderer> MakeCsvRenderer(const traces::TraceInfo& info,
                                          const traces::Catalogue& catalogue,
                                          const RendererOptions& options);
std::unique_ptr<Renderer> MakeLoghubRenderer(const traces::TraceInfo& info,
                                             const traces::Catalogue& catalogue);
std::unique_ptr<Renderer> MakeLogfmtRenderer(const traces::TraceInfo& info,
                                             const traces::Catalogue& catalogue,
                                             const RendererOptions& options);
std::unique_ptr<Renderer> MakeOtlpRenderer(const traces::TraceInfo& info,
                                           const traces::Catalogue& catalogue,
                                           const RendererOptions& options);
std::unique_ptr<Renderer> MakePerfettoRenderer(const traces::TraceInfo& info,
                                               const traces::Catalogue& catalogue,
                                               const RendererOptions& options);

}  // namespace groundhog::formats

#endif  // GROUNDHOG_FORMATS_RENDERERS_H_
