// traces_tool: sample traces and renderings for the tests that are scripts.
//
//   traces_tool write SAMPLE FILE [COMPRESSION [CHUNK_RECORDS]]
//       SAMPLE is tiny, golden, hostile or random:SEED:RECORDS; in hostile, which has golden's
//       records, every name and text has what acts on a terminal
//   traces_tool cat FILE [--truth]          the JSON lines
//   traces_tool digest FILE                 the digest that the footer has
//   traces_tool stream FILE RECORDS         writes that many records, reads them back
//
// Exit 1 with a line on standard error when something goes wrong.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/check.h"
#include "tests/traces/sample_trace.h"
#include "traces/json_renderer.h"
#include "traces/reader.h"
#include "traces/writer.h"

namespace groundhog::traces {
namespace {

[[noreturn]] void Fail(std::string_view why) {
  std::cerr << "traces_tool: " << why << "\n";
  std::exit(1);
}

void CheckOk(const absl::Status& status) {
  if (!status.ok()) Fail(status.ToString());
}

// A colour, a line end, a carriage return, a tab, DEL, and U+009B, which begins a sequence, too.
void MakeHostile(std::string* text) { *text += "\x1B[31m\n\r\t\x7F\xC2\x9B[31m"; }

SampleTrace HostileTrace() {
  SampleTrace trace = GoldenTrace();
  Catalogue& catalogue = trace.catalogue;
  for (ServiceEntry& service : catalogue.services) MakeHostile(&service.name);
  for (EntityEntry& entity : catalogue.entities) MakeHostile(&entity.name);
  for (CallPathEntry& path : catalogue.call_paths) MakeHostile(&path.name);
  for (MessageTemplate& message : catalogue.templates) MakeHostile(&message.text);
  for (std::string& code : catalogue.error_codes) MakeHostile(&code);
  for (FaultEntry& fault : catalogue.faults) {
    for (std::string* const text : {&fault.name, &fault.kind, &fault.target}) MakeHostile(text);
  }
  trace.info.overrides.emplace_back("seed=1");
  for (std::string* const text :
       {&trace.info.program_version, &trace.info.scenario_name, &trace.info.overrides.back()}) {
    MakeHostile(text);
  }
  trace.info.scenario_text = R"(name: "a\e[31m\n\r\x7F\x9B31m")";
  return trace;
}

SampleTrace Sample(const std::string& name) {
  if (name == "tiny") return TinyTrace();
  if (name == "golden") return GoldenTrace();
  if (name == "hostile") return HostileTrace();
  const std::size_t colon = name.find(':', 7);
  if (!name.starts_with("random:") || colon == std::string::npos) Fail("unknown sample " + name);
  return RandomTrace(std::stoull(name.substr(7, colon - 7)), std::stoull(name.substr(colon + 1)));
}

std::unique_ptr<Writer> OpenWriter(const std::string& path, const SampleTrace& trace,
                                   const WriterOptions& options) {
  absl::StatusOr<std::unique_ptr<Writer>> writer =
      Writer::Open(path, trace.info, trace.catalogue, options);
  CheckOk(writer.status());
  return *std::move(writer);
}

void Write(const std::vector<std::string>& arguments) {
  const SampleTrace trace = Sample(arguments.at(1));
  WriterOptions options;
  for (const Compression one : {Compression::kNone, Compression::kPacked}) {
    if (arguments.size() > 3 && arguments[3] == kCompressionNames.NameOf(one))
      options.compression = one;
  }
  if (arguments.size() > 4) {
    options.chunk_records = static_cast<std::uint32_t>(std::stoul(arguments[4]));
  }
  const std::unique_ptr<Writer> writer = OpenWriter(arguments.at(2), trace, options);
  CheckOk(writer->Append(trace.records));
  CheckOk(writer->AdvanceTo(sim::VirtualTime(trace.info.duration)));
  CheckOk(writer->Finish());
}

std::unique_ptr<Reader> OpenReader(const std::string& path) {
  absl::StatusOr<std::unique_ptr<Reader>> reader = Reader::Open(path);
  CheckOk(reader.status());
  return *std::move(reader);
}

// Hands each chunk's records to `take`; the trace must be whole.
template <class Take>
void ReadAll(Reader& reader, const Take& take) {
  std::vector<Record> records;
  while (true) {
    const absl::StatusOr<bool> more = reader.NextChunk(&records);
    CheckOk(more.status());
    if (!*more) break;
    take(records);
  }
  CheckOk(reader.incompleteness());
  if (!reader.complete()) Fail("the trace is not complete");
}

void Cat(const std::vector<std::string>& arguments) {
  const std::unique_ptr<Reader> reader = OpenReader(arguments.at(1));
  const bool with_truth = arguments.size() > 2 && arguments[2] == "--truth";
  JsonRenderer renderer(reader->info(), reader->catalogue(), {.with_truth = with_truth});
  ReadAll(*reader, [&](const std::vector<Record>& records) {
    renderer.set_trace_key(reader->trace_key());
    for (const Record& record : records) std::cout << renderer.Render(record) << "\n";
  });
}

void Digest(const std::vector<std::string>& arguments) {
  const std::unique_ptr<Reader> reader = OpenReader(arguments.at(1));
  if (reader->summary() == nullptr) Fail("the trace has no footer");
  std::cout << ToHex(reader->summary()->digest) << "\n";
}

// Writes and reads a trace of any length with a fixed number of records at hand.
void Stream(const std::vector<std::string>& arguments) {
  const std::uint64_t wanted = std::stoull(arguments.at(2));
  const SampleTrace trace{.info = SampleInfo(), .catalogue = SampleCatalogue(), .records = {}};
  const std::unique_ptr<Writer> writer = OpenWriter(arguments.at(1), trace, {.chunk_records = 64});
  TestRandom random(1);
  std::vector<Record> records = SampleRecords(1'000, 0, 0);
  std::int64_t time = 0;
  for (std::uint64_t done = 0; done < wanted; done += records.size()) {
    for (Record& record : records) {
      time += 1 + static_cast<std::int64_t>(random.Below(80'000'000));
      record.time = sim::VirtualTime(time);
      record.duration = sim::Duration(static_cast<std::int64_t>(random.Below(1'000'000'000)));
      ++record.request.ordinal;
    }
    CheckOk(writer->Append(records));
  }
  CheckOk(writer->Finish());
  std::uint64_t read = 0;
  const std::unique_ptr<Reader> reader = OpenReader(arguments.at(1));
  ReadAll(*reader, [&read](const std::vector<Record>& some) { read += some.size(); });
  if (read != writer->summary().records) Fail("other records were read than written");
  std::cout << read << " records, " << writer->summary().index.size() << " index entries, "
            << writer->summary().chunks << " chunks\n";
}

int Run(const std::vector<std::string>& arguments) {
  std::ios::sync_with_stdio(false);
  const std::string command = arguments.empty() ? "" : arguments[0];
  if (command == "write") {
    Write(arguments);
  } else if (command == "cat") {
    Cat(arguments);
  } else if (command == "digest") {
    Digest(arguments);
  } else if (command == "stream") {
    Stream(arguments);
  } else {
    Fail("write, cat, digest or stream");
  }
  return 0;
}

}  // namespace
}  // namespace groundhog::traces

int main(int argc, char** argv) {
  return groundhog::traces::Run(std::vector<std::string>(argv + 1, argv + argc));
}
