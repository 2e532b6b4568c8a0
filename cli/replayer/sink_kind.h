// A kind of sink, as the command line knows it: how its addresses look, which options are its own,
// and how a sink is made of both. sink_kinds.cc lists those that this program has; --help,
// completion, refusals of options and the dry run are made from that list.
#ifndef GROUNDHOG_CLI_REPLAYER_SINK_KIND_H_
#define GROUNDHOG_CLI_REPLAYER_SINK_KIND_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/shared/command.h"
#include "sinks/message_key.h"
#include "sinks/saved_position.h"
#include "sinks/sink.h"
#include "sinks/sink_options.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::cli {

struct ReplayOptions;

// How the addresses of a kind look, and what it is called.
struct SinkAddresses {
  std::string scheme;              // what each begins with: "jsonl:"
  std::string destination;         // where records go, in a sentence: "JSON lines"
  std::vector<std::string> forms;  // all, for --help: "jsonl:PATH", "jsonl:-"
  ValueOffer offer;                // for shells
  // For messages about what only this kind can do: "kafka://HOST:PORT", "kafka://...".
  std::string example;
  std::string any;
  std::string audited;  // "kafka://HOST:PORT/TOPIC"
};

// An option that only one kind has.
struct SinkOption {
  const CLI::Option* option = nullptr;
  bool is_for_sending = false;  // --check and --audit refuse it
  bool is_for_topics = false;   // --audit, whose address has its topics, refuses it
  // The one address that it is for, and why, as ", which ..."; empty: all addresses of its kind.
  std::string only_address;
  std::string reason;
};

// How the report at the end names what only some sinks have.
struct SinkWords {
  std::string copies = "copies";  // the copies of records that it sends besides
  std::string forgetting;         // why it forgets messages: "it keeps 5 MiB"
};

// The names of the places that a record would go to, copies included.
using DestinationsOf = std::function<std::vector<std::string>(const traces::Record&)>;

// Holds the values of its options: made before the command line is parsed, it must outlive the
// sinks that it makes. One thread.
class SinkKind {
 public:
  explicit SinkKind(SinkAddresses addresses) : addresses_(std::move(addresses)) {}
  virtual ~SinkKind() = default;
  SinkKind(const SinkKind&) = delete;
  SinkKind& operator=(const SinkKind&) = delete;

  const SinkAddresses& addresses() const { return addresses_; }
  virtual bool IsKindOf(const std::string& address) const {
    return address.starts_with(addresses_.scheme);
  }

  // Whether it takes --exactly-once; --check and --audit; and --key also without --shard.
  virtual bool has_transactions() const { return false; }
  virtual bool can_be_read_back() const { return false; }
  virtual bool has_keys() const { return false; }

  // Adds its own options, before parsing. `key` is what --key sets; it must outlive the parsing.
  void Register(CLI::App& program, sinks::MessageKey& key) { options_ = AddOptions(program, key); }
  // In the order of --help.
  const std::vector<SinkOption>& options() const { return options_; }

  // A text that one of them asks for in place of a replay; nullopt: none does.
  virtual absl::StatusOr<std::optional<std::string>> TextAskedFor() { return std::nullopt; }

  // After parsing: the replay goes to `options.to`. Reads the files that its options name.
  virtual absl::Status Choose(const ReplayOptions& /*options*/) { return absl::OkStatus(); }

  // Whether its options fit the trace. InvalidArgument.
  virtual absl::Status CheckTrace(const traces::Catalogue& /*catalogue*/) const {
    return absl::OkStatus();
  }

  // Whether the sink at this address writes on standard output; and whether each run overwrites it,
  // so that no run can go on with it.
  virtual bool IsStandardOutput(const std::string& /*address*/) const { return false; }
  virtual bool IsBegunAnew(const std::string& /*address*/) const { return false; }

  // InvalidArgument: the address or an option is wrong. Does not connect yet. The catalogue must
  // outlive the sink.
  virtual absl::StatusOr<std::unique_ptr<sinks::Sink>> MakeSink(
      const std::string& address, const sinks::SinkOptions& options,
      const traces::Catalogue& catalogue) = 0;

  virtual SinkWords words() const { return {}; }

  // To be called when the sink is closed. ResourceExhausted: what is written besides the records
  // could not be written; any other error is only a notice.
  virtual absl::Status Finish() { return absl::OkStatus(); }

  // For a dry run. The catalogue must outlive what is returned.
  virtual absl::StatusOr<DestinationsOf> Destinations(const std::string& address,
                                                      const traces::Catalogue& /*catalogue*/) {
    return [address](const traces::Record&) { return std::vector<std::string>{address}; };
  }

  // Adds those of its options that must be the same for a replay to go on; also where another kind
  // was chosen, as what is saved has the same fields for all.
  virtual void AddTo(sinks::ReplayIdentity& /*identity*/, sinks::MessageKey /*key*/) const {}

  // A line about what the sink is going to lose of this replay from `start_position` on; empty:
  // nothing. May read the trace once to its end; `stop_requested` ends that early.
  virtual std::string Forecast(const ReplayOptions& /*options*/, std::uint64_t /*start_position*/,
                               const std::function<bool()>& /*stop_requested*/) {
    return "";
  }

  // --check and --audit: print what was found and return the exit code. Only if can_be_read_back.
  virtual int Check(const ReplayOptions& /*options*/) { return kExitUsage; }
  virtual int Audit(const ReplayOptions& /*options*/) { return kExitUsage; }

 private:
  // A kind with keys adds --key, too, by AddKeyOption.
  virtual std::vector<SinkOption> AddOptions(CLI::App& /*program*/, sinks::MessageKey& /*key*/) {
    return {};
  }

  const SinkAddresses addresses_;
  std::vector<SinkOption> options_;
};

// --key, which is for sinks that have keys, and with --shard for all. Sets `key`, which must
// outlive the parsing.
CLI::Option* AddKeyOption(CLI::App& program, sinks::MessageKey& key);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_SINK_KIND_H_
