#include "cli/replayer/delivery_options.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/replayer/public_address.h"
#include "cli/shared/parsed_option.h"
#include "sim/time.h"

namespace groundhog::cli {
namespace {

constexpr char kDeliveryGroup[] = "Delivery";

}  // namespace

void AddDeliveryOptions(CLI::App& program, const SinkKinds& kinds, sinks::SinkOptions& sink) {
  constexpr std::uint64_t kRecordsMax = 10'000'000;
  const bool has_transactions = FirstWith(kinds, &SinkKind::has_transactions) != nullptr;
  std::vector<CLI::Option*> all;
  if (has_transactions) {
    all.push_back(program.add_option(
        "--exactly-once", sink.exactly_once,
        "Use transactions under this name: the same command again goes on where it was "
        "committed last, and every record is seen once; not with --resume"));
    all.back()->type_name("NAME")->check(NeedsName);
  }
  CLI::Option* const resume = program.add_option(
      "--resume", sink.resume_file,
      absl::StrCat("Save in FILE what was acknowledged; the same command again goes on from there",
                   has_transactions ? "; not with --exactly-once" : ""));
  resume->type_name("FILE")->check(NeedsName);
  for (CLI::Option* exactly_once : all) resume->excludes(exactly_once);
  all.push_back(resume);
  all.push_back(program.add_flag("--reset", sink.is_reset, "Start anew, whatever was saved"));
  all.push_back(AddParsed(
      program,
      {"--commit-records", "N",
       has_transactions
           ? "Commit, or save, after so many records (default: 20000 with --exactly-once, "
             "otherwise only by time)"
           : "Save after so many records (default: only by time)"},
      [&sink](const std::string& text) {
        std::uint64_t value = 0;
        const absl::Status status = NumberInto<std::uint64_t>(&value, 1, kRecordsMax)(text);
        if (status.ok()) sink.commit.records = value;
        return status;
      }));
  all.push_back(AddParsed(program,
                          {"--commit-interval", "D",
                           absl::StrCat(has_transactions ? "Commit, or save," : "Save",
                                        " after so much time (default: 1s)")},
                          DurationInto(&sink.commit.time, sim::Milliseconds(10))));
  for (CLI::Option* option : all) option->group(kDeliveryGroup);
}

absl::Status CheckDeliveryOptions(const CLI::App& program, const SinkKinds& kinds,
                                  const sinks::SinkOptions& sink, const std::string& address) {
  const SinkKind* const kind = KindOf(kinds, address);
  const std::vector<std::string> transactional = ExamplesWith(kinds, &SinkKind::has_transactions);
  for (const char* flag : {"--reset", "--commit-records", "--commit-interval"}) {
    if (!sink.is_saved() && program.count(flag) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " is for ", !transactional.empty() ? "--exactly-once NAME or " : "",
                       "--resume FILE"));
    }
  }
  if (!sink.exactly_once.empty() && (kind == nullptr || !kind->has_transactions())) {
    return absl::InvalidArgumentError(absl::StrCat("--exactly-once is for --to ",
                                                   absl::StrJoin(transactional, " or "), ", not ",
                                                   PublicAddress(address), "; try --resume FILE"));
  }
  if (!sink.resume_file.empty() && kind != nullptr && kind->IsBegunAnew(address)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--resume does not fit ", address, ", a file that each run overwrites"));
  }
  return absl::OkStatus();
}

}  // namespace groundhog::cli
