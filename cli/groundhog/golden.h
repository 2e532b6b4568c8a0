// What a recording is expected to be, byte for byte: a golden trace, or its digest alone.
//
// Whether a recording is the same is known from its digest. Only where it is not, the golden
// trace's records are read, beside those of the day lived once more, to show where they part; so
// memory does not grow with the trace.
//
// Not thread-safe.
#ifndef GROUNDHOG_CLI_GROUNDHOG_GOLDEN_H_
#define GROUNDHOG_CLI_GROUNDHOG_GOLDEN_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/alignment.h"
#include "traces/catalogue.h"
#include "traces/hash128.h"
#include "traces/reader.h"

namespace groundhog::cli {

class Golden {
 public:
  // `expected` is a digest if it has 32 hex digits, or a file that begins with one and a blank or
  // line end; otherwise a trace's file, which must be whole:
  // InvalidArgument: it is a pipe, incomplete or has a damaged header, or looks like a digest with
  // too few or too many digits. The errors of traces::Reader.
  static absl::StatusOr<Golden> Open(const std::string& expected);

  const std::string& name() const { return name_; }
  traces::Hash128 digest() const { return digest_; }
  // Null where only the digest is known.
  const traces::Reader* trace() const { return reader_.get(); }

  // A recording that differs.
  struct Recording {
    const traces::TraceInfo& info;
    const traces::Catalogue& catalogue;
    traces::Hash128 digest;
    std::string output;                  // where it was written; empty: nowhere
    analysis::KeyedChunkSource records;  // the day once more; not asked for a digest
    bool is_of_own_header = false;       // it was made from the golden trace's header
    bool is_coloured = false;            // the text may have colours
  };

  // How it differs, for a person.
  struct Description {
    std::vector<std::string> notices;  // one line each
    std::string page;                  // after them; may be empty
  };

  // Of a recording whose digest is not the expected one. One use. Unavailable, and the reason is
  // printed: the golden trace cannot be read to its end. InvalidArgument: together they have more
  // names than can be numbered.
  absl::StatusOr<Description> Describe(const Recording& recording);

 private:
  Golden(std::string name, traces::Hash128 digest, std::unique_ptr<traces::Reader> reader)
      : name_(std::move(name)), digest_(digest), reader_(std::move(reader)) {}

  Description DescribeByDigest(const Recording& recording) const;

  std::string name_;
  traces::Hash128 digest_;
  std::unique_ptr<traces::Reader> reader_;
};

// "day.ghog was recorded by groundhog 0.0.9, this is 0.1.0, ..." if so; otherwise empty.
std::string OtherVersionText(const Golden& golden);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_GOLDEN_H_
