#include "cli/shared/shown.h"

#include "absl/strings/str_cat.h"
#include "text/json_writer.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "text/table.h"
#include "text/utf8.h"

namespace groundhog::cli {

std::string Shown(std::string_view words, std::size_t columns) {
  std::string shown;
  text::AppendJsonEscaped(words, &shown);
  shown = text::Printable(shown);  // JSON leaves DEL and U+0080 to U+009F as they are
  if (text::Columns(shown) <= columns) return shown;
  std::size_t end = 0;
  for (std::size_t i = 0; i + 3 < columns; ++i) {
    end += text::Utf8Length(std::string_view(shown).substr(end));
  }
  return shown.substr(0, end) + "...";
}

std::string MoreText(std::size_t all, std::size_t shown) {
  return all <= shown ? "" : absl::StrCat("and ", text::WithCommas(all - shown), " more\n");
}

}  // namespace groundhog::cli
