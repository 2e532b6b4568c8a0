#include "cli/replayer/sink_kinds.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/replayer/public_address.h"
#include "sinks/jsonl_sink.h"
#include "sinks/null_sink.h"
#include "sinks/resume_file_sink.h"
#ifdef GROUNDHOG_WITH_KAFKA
#include "cli/replayer/kafka_kind.h"
#endif
#ifdef GROUNDHOG_WITH_POSTGRES
#include "cli/replayer/postgres_kind.h"
#endif

namespace groundhog::cli {
namespace {

using sinks::Sink;
using sinks::SinkOptions;
using traces::Catalogue;

class JsonlKind : public SinkKind {
 public:
  JsonlKind()
      : SinkKind({.scheme = "jsonl:",
                  .destination = "JSON lines",
                  .forms = {"jsonl:PATH", "jsonl:-"},
                  .offer = {.words = {"jsonl:-"}, .file_prefixes = {"jsonl:"}}}) {}

  bool IsStandardOutput(const std::string& address) const override { return address == "jsonl:-"; }
  bool IsBegunAnew(const std::string& address) const override { return address != "jsonl:-"; }

  absl::StatusOr<std::unique_ptr<Sink>> MakeSink(const std::string& address,
                                                 const SinkOptions& options,
                                                 const Catalogue& /*catalogue*/) override {
    std::string path = address.substr(addresses().scheme.size());
    if (path.empty()) {
      return absl::InvalidArgumentError("--to jsonl: needs a path, or - for standard output");
    }
    return std::make_unique<sinks::JsonlSink>(
        sinks::JsonlSinkOptions{.path = std::move(path),
                                .timeout = options.timeout,
                                .notice = options.notice,
                                .stop_requested = options.stop_requested});
  }
};

class NullKind : public SinkKind {
 public:
  NullKind()
      : SinkKind({.scheme = "null:",
                  .destination = "nothing",
                  .forms = {"null:"},
                  .offer = {.words = {"null:"}}}) {}

  bool IsKindOf(const std::string& address) const override { return address == "null:"; }

  absl::StatusOr<std::unique_ptr<Sink>> MakeSink(const std::string& /*address*/,
                                                 const SinkOptions& /*options*/,
                                                 const Catalogue& /*catalogue*/) override {
    return std::make_unique<sinks::NullSink>();
  }
};

// A kind that this build lacks.
struct Absent {
  std::string_view scheme;
  std::string_view refusal;
};
std::vector<Absent> AbsentKinds() {
  return {
#ifndef GROUNDHOG_WITH_KAFKA
      {"kafka:", "this build has no Kafka: it was configured with GROUNDHOG_WITH_KAFKA=OFF"},
#endif
#ifndef GROUNDHOG_WITH_POSTGRES
      {"postgres",
       "this build has no PostgreSQL: it was configured with GROUNDHOG_WITH_POSTGRES=OFF"},
#endif
  };
}

// "one, two or three"
std::string Joined(const std::vector<std::string>& words, std::string_view conjunction) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_last = i + 1 == words.size();
    if (i > 0)
      absl::StrAppend(&text, is_last ? absl::StrCat(" ", std::string(conjunction), " ") : ", ");
    text += words[i];
  }
  return text;
}

// The addresses in a command line: what follows --to, --check or --audit.
std::vector<std::string> AddressesIn(const std::vector<std::string>& words) {
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const std::string flag : {"--to", "--check", "--audit"}) {
      if (words[i] == flag && i + 1 < words.size()) addresses.push_back(words[i + 1]);
      if (words[i].starts_with(flag + "=")) addresses.push_back(words[i].substr(flag.size() + 1));
    }
  }
  return addresses;
}

}  // namespace

SinkKinds MakeSinkKinds() {
  SinkKinds kinds;
#ifdef GROUNDHOG_WITH_KAFKA
  kinds.push_back(std::make_unique<KafkaKind>());
#endif
#ifdef GROUNDHOG_WITH_POSTGRES
  kinds.push_back(std::make_unique<PostgresKind>());
#endif
  kinds.push_back(std::make_unique<JsonlKind>());
  kinds.push_back(std::make_unique<NullKind>());
  return kinds;
}

SinkKind* KindOf(const SinkKinds& kinds, const std::string& address) {
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const auto& kind) { return kind->IsKindOf(address); });
  return found == kinds.end() ? nullptr : found->get();
}

const SinkKind* FirstWith(const SinkKinds& kinds, bool (SinkKind::*can)() const) {
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const auto& kind) { return (kind.get()->*can)(); });
  return found == kinds.end() ? nullptr : found->get();
}

std::vector<std::string> ExamplesWith(const SinkKinds& kinds, bool (SinkKind::*can)() const) {
  std::vector<std::string> examples;
  for (const auto& kind : kinds) {
    if ((kind.get()->*can)()) examples.push_back(kind->addresses().example);
  }
  return examples;
}

std::string FormsText(const SinkKinds& kinds, std::string_view conjunction) {
  std::vector<std::string> forms;
  for (const auto& kind : kinds) {
    forms.insert(forms.end(), kind->addresses().forms.begin(), kind->addresses().forms.end());
  }
  return Joined(forms, conjunction);
}

std::string DestinationsText(const SinkKinds& kinds) {
  std::vector<std::string> destinations;
  for (const auto& kind : kinds) destinations.push_back(kind->addresses().destination);
  return Joined(destinations, "or");
}

std::string KnownExamples(const SinkKinds& kinds, std::string_view examples) {
  std::string known;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(std::string(examples), '\n'))) {
    const std::vector<std::string> addresses = AddressesIn(absl::StrSplit(line, ' '));
    const bool is_known =
        std::all_of(addresses.begin(), addresses.end(),
                    [&](const std::string& address) { return KindOf(kinds, address) != nullptr; });
    if (is_known) absl::StrAppend(&known, known.empty() ? "" : "\n", line);
  }
  return known;
}

absl::StatusOr<DestinationsOf> Destinations(const SinkKinds& kinds, const std::string& address,
                                            const Catalogue& catalogue) {
  const std::string& usual = kinds.front()->addresses().forms.front();
  const std::string& known = address.empty() ? usual : address;
  SinkKind* const kind = KindOf(kinds, known);
  if (kind != nullptr) return kind->Destinations(known, catalogue);
  return [shown = PublicAddress(known)](const traces::Record&) {
    return std::vector<std::string>{shown};
  };
}

absl::StatusOr<std::unique_ptr<Sink>> MakeSink(const SinkKinds& kinds, const std::string& address,
                                               const SinkOptions& options,
                                               const Catalogue& catalogue) {
  SinkKind* const kind = KindOf(kinds, address);
  if (kind == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--to ", PublicAddress(address), " names no sink; there are ", FormsText(kinds, "and")));
  }
  absl::StatusOr<std::unique_ptr<Sink>> sink = kind->MakeSink(address, options, catalogue);
  if (!sink.ok() || options.resume_file.empty()) return sink;
  return std::make_unique<sinks::ResumeFileSink>(*std::move(sink), options);
}

std::string AbsentKind(std::span<char* const> arguments) {
  for (const std::string& address : AddressesIn({arguments.begin(), arguments.end()})) {
    for (const Absent& absent : AbsentKinds()) {
      if (address.starts_with(absent.scheme)) {
        return absl::StrCat(PublicAddress(address), ": ", std::string(absent.refusal));
      }
    }
  }
  return "";
}

}  // namespace groundhog::cli
