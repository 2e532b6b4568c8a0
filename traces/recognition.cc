#include "traces/recognition.h"

#include <memory>

#include "absl/status/statusor.h"
#include "traces/entry.h"
#include "traces/file_ends.h"
#include "traces/file_input.h"

namespace groundhog::traces {

bool LooksLikeTrace(const std::string& path) {
  const absl::StatusOr<std::unique_ptr<FileInput>> input = FileInput::Open(path, nullptr);
  return input.ok() && (*input)->can_seek() && HasMarkerAtAnEnd(**input);
}

bool BeginsLikeTrace(std::string_view bytes) {
  return HasMarker({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

}  // namespace groundhog::traces
