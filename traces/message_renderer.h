// The message of a record: its template with the values of the slots in their places. Every output
// has its messages from here.
#ifndef GROUNDHOG_TRACES_MESSAGE_RENDERER_H_
#define GROUNDHOG_TRACES_MESSAGE_RENDERER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traces/catalogue.h"
#include "traces/order_number.h"
#include "traces/record.h"

namespace groundhog::traces {

// Copies what it needs of the catalogue, which must satisfy CheckCatalogue; records must satisfy
// CheckRecord (catalogue_check.h). Immutable; safe to use from any thread.
class MessageRenderer {
 public:
  // `escape` makes text of the catalogue fit for the output, once for all records; null: it stays
  // as it is.
  using Escape = std::string (*)(std::string_view);
  MessageRenderer(const Catalogue& catalogue, Escape escape);

  // Writes at most bytes_max() bytes to `out`, which has room for 8 more, and returns their end.
  // `trace_key` is that of the record's chunk.
  char* PutMessage(const Record& record, std::uint64_t trace_key, char* out) const;
  std::size_t bytes_max() const { return bytes_max_; }

  // The catalogue's texts, escaped; templates with their braces.
  const std::vector<std::string>& service_names() const { return service_names_; }
  const std::vector<std::string>& entity_names() const { return entity_names_; }
  const std::vector<std::string>& error_codes() const { return error_codes_; }
  std::string_view template_text(TemplateId id) const { return templates_[Index(id)].text; }
  // How many values a record with this message has in Record::slots.
  std::size_t stored_count(TemplateId id) const { return templates_[Index(id)].stored_count; }

 private:
  // A stretch of literal text, already escaped, and the slot after it, if any.
  struct Piece {
    std::string literal;
    bool has_slot = false;
    SlotKind slot = SlotKind::kInteger;
    std::size_t stored_index = 0;  // into Record::slots, when the kind is stored
  };
  struct Template {
    std::vector<Piece> pieces;
    std::string text;
    std::size_t stored_count = 0;
  };

  Template Build(const MessageTemplate& source) const;
  std::size_t LongestMessage() const;
  char* PutSlot(const Record& record, const Piece& piece, std::uint64_t trace_key, char* out) const;

  const Escape escape_;
  std::vector<std::string> service_names_;
  std::vector<std::string> entity_names_;
  std::vector<std::string> error_codes_;
  std::vector<Template> templates_;
  OrderNumbers order_numbers_;
  std::size_t bytes_max_ = 0;
};

// The longest of the texts, in bytes.
std::size_t LongestOf(const std::vector<std::string>& texts);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_MESSAGE_RENDERER_H_
