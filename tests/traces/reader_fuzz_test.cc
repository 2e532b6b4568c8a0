// A short deterministic fuzz test of the reader. Each mutation of a sound file is read to its end;
// half of them get correct checksums again, so that they reach the code behind that check. The same
// properties must hold for all; two canaries prove that mutations reach deep. --seed=N for others.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/memory_file.h"
#include "fuzz/trace_claims.h"
#include "fuzz/trace_entries.h"
#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/byte_order.h"
#include "traces/compression.h"
#include "traces/entry.h"

namespace groundhog::traces {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kMutations = 4'000;
#else
constexpr int kMutations = 24'000;
#endif

struct Seed {
  SampleTrace trace;
  std::string bytes;
};

std::vector<Seed> Seeds() {
  std::vector<Seed> seeds;
  for (const Compression compression :
       {Compression::kNone, Compression::kPacked, Compression::kZstd}) {
    const WriterOptions options{.compression = compression, .chunk_records = 5};
    seeds.push_back({TinyTrace(), TraceBytes(TinyTrace(), options)});
    seeds.push_back({GoldenTrace(), TraceBytes(GoldenTrace(), options)});
  }
  return seeds;
}

// Corrects the checksums of all entries that can be found from the front.
void SealAll(std::string* bytes) {
  fuzz::TraceEntries trace = fuzz::SplitTrace(*bytes);
  for (std::string& entry : trace.entries) {
    SetChecksum({reinterpret_cast<unsigned char*>(entry.data()), entry.size()});
  }
  *bytes = fuzz::JoinTrace(trace);
}

void MutateOnce(TestRandom& random, std::string* bytes) {
  static constexpr std::array<std::uint64_t, 8> kWords = {0,
                                                          1,
                                                          0xFFFF,
                                                          0xFFFF'FFFF,
                                                          0x7FFF'FFFF'FFFF'FFFF,
                                                          ~std::uint64_t{0},
                                                          std::uint64_t{1} << 63,
                                                          std::uint64_t{1} << 29};
  const std::size_t at = random.Below(bytes->size());
  const std::size_t word = std::min(at / 8 * 8, bytes->size() - 8);
  switch (random.Below(8)) {
    case 0:  // one bit
    case 1:
      (*bytes)[at] = static_cast<char>((*bytes)[at] ^ (1 << random.Below(8)));
      break;
    case 2:  // one byte
      (*bytes)[at] = static_cast<char>(random.Next());
      break;
    case 3:  // one word
      StoreLittleEndian64(kWords[random.Below(kWords.size())], bytes->data() + word);
      break;
    case 4:  // a little more or less
      StoreLittleEndian64(LoadLittleEndian64(bytes->data() + word) + random.Below(17) - 8,
                          bytes->data() + word);
      break;
    case 5: {  // a stretch from elsewhere
      const std::size_t length = std::min<std::size_t>(bytes->size() - at, random.Below(64));
      const std::size_t from = random.Below(bytes->size() - length);
      std::copy_n(std::string(*bytes, from, length).begin(), length, bytes->begin() + long(at));
      break;
    }
    case 6:  // words more or less
      if (random.OneIn(2)) {
        bytes->insert(at, 8 * random.Below(8), '\0');
      } else if (bytes->size() > 128) {
        bytes->erase(word, 8 * random.Below(8));
      }
      break;
    default:  // a cut
      if (random.OneIn(4) && bytes->size() > 128) bytes->resize(std::max<std::size_t>(at, 64));
  }
}

struct Outcome {
  bool is_whole = false;  // read without a complaint
  std::vector<Record> records;
  std::set<std::string> complaints;  // without names and numbers
};

std::string WithoutNumbers(absl::string_view message) {
  std::string text;
  for (const char c : message.substr(message.rfind(": ") + 2)) {
    if (c < '0' || c > '9') text += c;
  }
  return text;
}

// Reads `path` to its end; the program aborts unless what must hold of every file holds.
Outcome ReadHostile(const std::string& path, std::size_t size) {
  fuzz::TraceReading reading = fuzz::ReadAsTrace(path, size, /*is_thorough=*/false);
  Outcome outcome{.is_whole = reading.is_whole, .records = std::move(reading.records)};
  if (!reading.open.ok()) outcome.complaints.insert(WithoutNumbers(reading.open.message()));
  for (const absl::Status& damage : reading.damages) {
    outcome.complaints.insert(WithoutNumbers(damage.message()));
  }
  return outcome;
}

// Hands `mutations` mutated files to `look`: the seed, the bytes, whether the checksums were
// corrected, and the result of reading.
template <class Look>
void Fuzz(int mutations, const Look& look) {
  const std::vector<Seed> seeds = Seeds();
  TestRandom random(sim::TestSeed());
  fuzz::MemoryFile file;
  std::printf("--seed=%s\n", std::to_string(sim::TestSeed()).c_str());
  for (int i = 0; i < mutations; ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i) +
                 " with --seed=" + std::to_string(sim::TestSeed()));
    const Seed& seed = seeds[random.Below(seeds.size())];
    std::string bytes = seed.bytes;
    for (std::uint64_t more = 1 + random.Below(3); more > 0; --more) MutateOnce(random, &bytes);
    const bool is_sealed = random.OneIn(2);
    if (is_sealed) SealAll(&bytes);
    file.Set(bytes);
    const Outcome outcome = ReadHostile(file.path(), bytes.size());
    look(seed, bytes, is_sealed, outcome);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(ReaderFuzz, MutatedFilesGiveSoundRecordsOrAComplaint) {
  Fuzz(kMutations,
       [](const Seed& seed, const std::string& bytes, bool is_sealed, const Outcome& outcome) {
         if (is_sealed) return;
         // A changed byte without a corrected checksum is detected.
         ASSERT_EQ(outcome.is_whole, bytes == seed.bytes);
         for (const Record& record : outcome.records) {
           ASSERT_TRUE(std::ranges::find(seed.trace.records, record) != seed.trace.records.end());
         }
       });
}

// Proves that a reader which let a wrong record through would be caught: forged files do get wrong
// records through, and the comparison above sees them.
TEST(ReaderFuzz, CanaryForgedRecordsAreSeen) {
  int forged = 0;
  Fuzz(kMutations / 8,
       [&forged](const Seed& seed, const std::string&, bool is_sealed, const Outcome& outcome) {
         if (!is_sealed) return;
         forged += std::ranges::any_of(outcome.records, [&seed](const Record& record) {
           return std::ranges::find(seed.trace.records, record) == seed.trace.records.end();
         });
       });
  EXPECT_GT(forged, kMutations / 8 / 400);
}

// Proves that mutations reach deep: most of the reader's errors occur.
TEST(ReaderFuzz, CanaryComplaintsAreOfManyKinds) {
  std::set<std::string> complaints;
  Fuzz(kMutations / 4, [&](const Seed&, const std::string&, bool, const Outcome& outcome) {
    complaints.insert(outcome.complaints.begin(), outcome.complaints.end());
  });
  EXPECT_GT(complaints.size(), 40u) << testing::PrintToString(complaints);
}

}  // namespace
}  // namespace groundhog::traces
