#include "tests/theory/recording.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <tuple>

#include "model/scenario/parse/parser.h"
#include "traces/reader.h"

namespace groundhog::theory {
namespace {

// Replaces this process by the program, with `output` as its standard output.
[[noreturn]] void BecomeGroundhog(const std::vector<std::string>& arguments, int output) {
  std::vector<std::string> words = {GROUNDHOG_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  dup2(output, STDOUT_FILENO);
  execv(GROUNDHOG_PROGRAM, pointers.data());
  _exit(127);
}

// A trace file of this process, gone with it.
class TraceFile {
 public:
  TraceFile() : path_(testing::TempDir() + "groundhog-theory-" + std::to_string(getpid())) {}
  ~TraceFile() { std::filesystem::remove(path_); }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// By call path: whether its spans are work on messages of async calls. The path's last two names
// are the caller and the callee.
std::vector<bool> MessagePaths(const traces::TraceInfo& info, const traces::Catalogue& catalogue) {
  model::Overrides overrides;
  for (const std::string& text : info.overrides) overrides.push_back(model::FromTraceText(text));
  const absl::StatusOr<model::ParsedScenario> parsed =
      model::ParseScenario(info.scenario_text, info.scenario_name, overrides);
  if (!parsed.ok()) throw std::runtime_error(parsed.status().ToString());
  std::set<std::string> edges;  // "caller/callee"
  for (const model::Service& service : parsed->scenario.services) {
    for (const model::DependencyPolicy& dependency : service.dependencies) {
      if (dependency.is_async) edges.insert(service.name + "/" + dependency.service);
    }
  }
  std::vector<bool> are_messages;
  for (const traces::CallPathEntry& path : catalogue.call_paths) {
    const std::size_t callee = path.name.rfind('/');
    const std::size_t caller = path.name.rfind('/', callee - 1);
    are_messages.push_back(caller != std::string::npos &&
                           edges.contains(path.name.substr(caller + 1)));
  }
  return are_messages;
}

// A message's wait comes before what its record calls the duration.
Span SpanOf(const traces::Record& record, bool is_message) {
  const sim::Duration stay = is_message ? record.duration + record.queue_wait : record.duration;
  return {.arrival = record.time - stay,
          .end = record.time,
          .queue_wait = record.queue_wait,
          .host = record.host,
          .service = record.service,
          .error_code = record.error_code,
          .attempt = record.attempt,
          .request = record.request,
          .id = record.span,
          .parent = record.parent_span};
}

// By template: which stored slot holds the load, in hundredths; -1 for none.
std::vector<int> LoadSlots(const traces::Catalogue& catalogue) {
  std::vector<int> slots;
  for (const traces::MessageTemplate& text : catalogue.templates) {
    int stored = 0;
    int found = -1;
    for (const traces::SlotKind kind : text.slots) {
      if (kind == traces::SlotKind::kHundredths) found = stored;
      if (traces::IsStored(kind)) ++stored;
    }
    slots.push_back(found);
  }
  return slots;
}

using SpanName = std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>;

SpanName NameOf(const traces::Record& record) {
  return {sim::Index(record.request.source), record.request.ordinal, traces::Index(record.span)};
}

}  // namespace

std::string RunGroundhog(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) BecomeGroundhog(arguments, ends[1]);
  close(ends[1]);
  std::string output;
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while ((got = read(ends[0], buffer.data(), buffer.size())) > 0) {
    output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error("groundhog " + arguments.at(0) + " failed");
  }
  return output;
}

Recording::Recording(const std::string& scenario, const std::vector<std::string>& arguments) {
  const TraceFile file;
  const std::string path =
      scenario.ends_with(".yaml") ? GROUNDHOG_THEORY_DIR "/" + scenario : scenario;
  std::vector<std::string> words = {"record", path,        "--seed",        std::to_string(Seed()),
                                    "-o",     file.path(), "--compression", "none",
                                    "--quiet"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  RunGroundhog(words);
  Read(file.path());
}

// A span's own record is its last: warnings about attempts that it retries come before, so a
// warning counts only when nothing of the same span follows.
void Recording::Read(const std::string& path) {
  absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(path);
  if (!reader.ok()) throw std::runtime_error(reader.status().ToString());
  info_ = (*reader)->info();
  catalogue_ = (*reader)->catalogue();
  const std::vector<int> load_slots = LoadSlots(catalogue_);
  const std::vector<bool> are_messages = MessagePaths(info_, catalogue_);
  const auto span_of = [&](const traces::Record& record) {
    return SpanOf(record, are_messages[traces::Index(record.call_path)]);
  };
  std::map<SpanName, Span> warned;
  std::vector<traces::Record> records;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->NextChunk(&records);
    if (!more.ok()) throw std::runtime_error(more.status().ToString());
    if (!*more) break;
    for (const traces::Record& record : records) {
      if (record.call_path == traces::CallPathId::kNone) {
        const int slot = load_slots[traces::Index(record.message)];
        if (slot < 0) continue;
        intervals_.push_back({.time = record.time,
                              .host = record.host,
                              .load_hundredths = record.slots[static_cast<std::size_t>(slot)]});
      } else if (record.level == traces::Level::kWarn) {
        warned[NameOf(record)] = span_of(record);
      } else {
        if (!warned.empty()) warned.erase(NameOf(record));
        spans_.push_back(span_of(record));
      }
    }
  }
  for (const auto& [name, span] : warned) spans_.push_back(span);
  std::stable_sort(spans_.begin(), spans_.end(),
                   [](const Span& a, const Span& b) { return a.end < b.end; });
}

std::vector<Span> Recording::Arrivals(std::string_view service) const {
  const traces::ServiceId wanted = Service(service);
  std::vector<Span> found;
  sim::Duration longest;
  for (const Span& span : spans_) {
    if (span.service != wanted) continue;
    found.push_back(span);
    longest = std::max(longest, span.duration());
  }
  const sim::VirtualTime last = sim::VirtualTime(info_.duration) - longest;
  std::erase_if(found, [&](const Span& span) { return span.arrival >= last; });
  std::stable_sort(found.begin(), found.end(),
                   [](const Span& a, const Span& b) { return a.arrival < b.arrival; });
  if (found.empty()) throw std::runtime_error("no spans of " + std::string(service));
  return found;
}

traces::ServiceId Recording::Service(std::string_view name) const {
  for (std::size_t i = 0; i < catalogue_.services.size(); ++i) {
    if (catalogue_.services[i].name == name) {
      return traces::ServiceId{static_cast<std::uint16_t>(i)};
    }
  }
  throw std::runtime_error("no service " + std::string(name));
}

Recording::Hosts Recording::HostsOf(traces::ServiceId service) const {
  Hosts hosts;
  for (std::size_t i = catalogue_.entities.size(); i-- > 0;) {
    const traces::EntityEntry& entity = catalogue_.entities[i];
    if (entity.kind != traces::EntityKind::kHost || entity.service != service) continue;
    hosts.first = static_cast<std::uint32_t>(i);
    ++hosts.count;
  }
  return hosts;
}

std::vector<double> NumberInSystem(std::span<const Span> spans, const Period& period, int windows) {
  const double width = InSeconds(period.until - period.from) / windows;
  std::vector<double> numbers(static_cast<std::size_t>(windows));
  for (const Span& span : spans) {
    double at = std::max(0.0, InSeconds(span.arrival - period.from));
    const double end = InSeconds(span.end - period.from);
    for (auto window = static_cast<std::size_t>(at / width); window < numbers.size() && at < end;
         ++window) {
      const double until = std::min(end, static_cast<double>(window + 1) * width);
      numbers[window] += std::max(0.0, until - at) / width;
      at = until;
    }
  }
  return numbers;
}

}  // namespace groundhog::theory
