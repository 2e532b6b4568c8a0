// Forged files: every checksum is right, the content is not. The reader refuses each, and allocates
// at most what its header promises: this program counts its allocations.
#include <capnp/serialize-packed.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kj/io.h>
#include <zstd.h>

#include <functional>
#include <limits>

#include "tests/traces/allocation_count.h"
#include "tests/traces/forged_trace.h"
#include "tests/traces/sample_trace.h"
#include "traces/byte_order.h"
#include "traces/compression.h"
#include "traces/entry.h"
#include "traces/format.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {
namespace {

using testing::HasSubstr;

// Reads the tiny trace with its chunk forged: it must give DataLoss that says so, and no records.
void ExpectRefusedChunk(const std::function<void(schema::Chunk::Builder)>& forge,
                        const std::string& says) {
  const Tiny tiny;
  const std::string chunk = ForgedEntry(1, [&](auto entry) { forge(entry.getChunk()); });
  const ReadBack back = ReadBytes(tiny.entry(0) + chunk);
  ASSERT_TRUE(back.open.ok()) << back.open;
  ASSERT_EQ(back.damages.size(), 1u) << says;
  EXPECT_EQ(back.damages[0].code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr(says));
  EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr("at byte 448"));
  EXPECT_TRUE(back.records.empty());
}

void ExpectRefusedColumns(const std::function<void(schema::Columns::Builder)>& forge,
                          const std::string& says) {
  ExpectRefusedChunk([&](auto chunk) { forge(chunk.getColumns().getPlain()); }, says);
}

TEST(HostileChunk, HeadIsChecked) {
  ExpectRefusedChunk([](auto c) { c.setCount(0); }, "a chunk of 0 records");
  ExpectRefusedChunk([](auto c) { c.setCount(65'537); }, "a chunk of 65537 records");
  ExpectRefusedChunk([](auto c) { c.setCount(0xFFFF'FFFF); }, "a chunk of 4294967295 records");
  ExpectRefusedChunk([](auto c) { c.setFirstTime(-1); }, "times run back");
  ExpectRefusedChunk([](auto c) { c.setFirstTime(c.getLastTime() + 1); }, "times run back");
  ExpectRefusedChunk([](auto c) { c.setFirstTime(c.getFirstTime() + 1); }, "a multiple of");
  ExpectRefusedChunk([](auto c) { c.setLastTime(c.getLastTime() + 1); }, "not lastTime");
  ExpectRefusedChunk([](auto c) { c.setLastTime(c.getLastTime() - 1); }, "timeDelta has");
  ExpectRefusedChunk([](auto c) { c.setCount(1); }, "requests has more rows");
  ExpectRefusedChunk([](auto c) { c.setCount(3); }, "has 2 values, not 3");
}

TEST(HostileChunk, PositionsEndWithTheirNumbers) {
  const Tiny tiny;
  const std::string chunk =
      ForgedEntry(1, [](auto entry) { entry.getChunk().setFirstPosition(~std::uint64_t{0} - 1); });
  const ReadBack back = ReadBytes(tiny.entry(0) + chunk);
  ASSERT_EQ(back.damages.size(), 2u);
  EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr("are missing"));
  EXPECT_THAT(std::string(back.damages[1].message()), HasSubstr("beyond 2^64"));
  EXPECT_TRUE(back.records.empty());
}

TEST(HostileChunk, PlanesAreChecked) {
  ExpectRefusedColumns([](auto c) { c.getTimeDelta()[0].initPlanes(9); }, "too many planes");
  ExpectRefusedColumns([](auto c) { c.getTimeDelta()[0].initPlanes(4).init(0, 1); },
                       "1 values, not 2");
  ExpectRefusedColumns([](auto c) { c.getShape().initPlanes(1).init(0, 100'000); }, "not 2");
  ExpectRefusedColumns([](auto c) { c.initTimeDelta(1)[0].setBase(1); }, "not firstTime");
  ExpectRefusedColumns([](auto c) { c.initTimeDelta(1)[0].setBase(-1); }, "timeDelta has -1");
}

TEST(HostileChunk, GroupsAreThoseOfTheShapes) {
  ExpectRefusedColumns([](auto c) { c.initTimeDelta(0); }, "timeDelta lacks a group");
  ExpectRefusedColumns([](auto c) { c.initDuration(0); }, "duration lacks a group");
  ExpectRefusedColumns([](auto c) { c.initTimeDelta(9); }, "timeDelta has 9 groups");
  ExpectRefusedColumns([](auto c) { c.getShapes().initTimeGroup().setBase(1); }, "2 values, not 0");
  ExpectRefusedColumns([](auto c) { c.getShapes().initTimeGroup().setBase(8); }, "timeGroup has 8");
  ExpectRefusedColumns([](auto c) { c.getShapes().initDurationGroup().setBase(-1); },
                       "durationGroup has -1");
}

TEST(HostileChunk, RowsOfTablesAreBounded) {
  ExpectRefusedColumns([](auto c) { c.getRequests().setCount(3); }, "requests has more rows");
  ExpectRefusedColumns([](auto c) { c.getSteps().setCount(0xFFFF'FFFF); }, "steps has more rows");
  ExpectRefusedColumns([](auto c) { c.getTruths().setCount(3); }, "truths has more rows");
  ExpectRefusedColumns([](auto c) { c.getShapes().setCount(3); }, "shapes has more rows");
  ExpectRefusedColumns([](auto c) { c.initShapes(); }, "column shape has");
  ExpectRefusedColumns([](auto c) { c.initSteps(); }, "shapes.step has");
  ExpectRefusedColumns([](auto c) { c.initTruths(); }, "shapes.truth has");
  ExpectRefusedColumns([](auto c) { c.initRequests().initFields(1); }, "more requests begin");
}

TEST(HostileChunk, EveryIndexIsLookedUp) {
  const auto base = [](auto column, std::int64_t value) {
    column.disownPlanes();
    column.setBase(value);
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  ExpectRefusedColumns([&](auto c) { base(c.getShape(), 2); }, "shape has 2");
  ExpectRefusedColumns([&](auto c) { base(c.getPick(), 1); }, "host is not in the catalogue");
  ExpectRefusedColumns([&](auto c) { base(c.getPick(), kMost); }, "host is not in the catalogue");
  ExpectRefusedColumns([&](auto c) { base(c.getPick(), -1); }, "pick has -1");
  ExpectRefusedColumns([&](auto c) { base(c.getRequestAge(), -2); }, "has not begun");
  ExpectRefusedColumns([&](auto c) { base(c.getRequestAge(), 0); }, "has not begun");
  ExpectRefusedColumns([&](auto c) { base(c.getDuration()[0], -1); }, "duration has -1");
  ExpectRefusedColumns([&](auto c) { base(c.getDuration()[0], kMost / 1000 + 1); }, "duration has");
  ExpectRefusedColumns([&](auto c) { base(c.getQueueWait(), kMost / 1000 + 1); }, "queueWait has");
  ExpectRefusedColumns([&](auto c) { base(c.getQueueWait(), -1); }, "queueWait has -1");
  ExpectRefusedColumns([&](auto c) { base(c.getRequests().getSource(), 2); }, "source has 2");
  ExpectRefusedColumns([&](auto c) { base(c.getSteps().getCallPath(), 1); }, "call path");
  ExpectRefusedColumns([&](auto c) { base(c.getSteps().getCallPath(), -1); }, "callPath has -1");
  ExpectRefusedColumns([&](auto c) { base(c.getSteps().getSpan(), 1LL << 32); }, "span has");
  ExpectRefusedColumns([&](auto c) { base(c.getSteps().getParentSpan(), -1); }, "parentSpan has");
  ExpectRefusedColumns([&](auto c) { base(c.getSteps().getAttempt(), 65'536); }, "attempt has");
  ExpectRefusedColumns([&](auto c) { base(c.getTruths().getFault(), 0); }, "cause is not in");
  ExpectRefusedColumns([&](auto c) { base(c.getTruths().getRoot(), 0); }, "but no cause");
  ExpectRefusedColumns([&](auto c) { base(c.getTruths().getOccurrence(), 1); }, "but no cause");
  ExpectRefusedColumns([&](auto c) { base(c.getTruths().initAlso(), 65'536); }, "also has 65536");
  ExpectRefusedColumns([&](auto c) { base(c.getTruths().getHops(), 256); }, "hops has 256");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getStep(), 1); }, "step has 1");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getService(), 1); }, "service has 1");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getLevel(), 3); }, "level has 3");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getMessage(), 2); }, "message has 2");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getMessageCount(), 0); },
                       "messages are not in the catalogue");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getMessageCount(), 2); },
                       "messages are not in the catalogue");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getDependency(), 1); },
                       "dependency is not");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getErrorCode(), 0); }, "belongs on ERROR");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getTruth(), 1); }, "truth has 1");
  ExpectRefusedColumns([&](auto c) { base(c.getShapes().getWaited(), 2); }, "waited has 2");
}

TEST(HostileChunk, ClockSkewIsBounded) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  const std::int64_t most = kClockSkewMax / sim::Microseconds(1);
  ExpectRefusedColumns([&](auto c) { c.initClockSkew().setBase(most + 1); }, "more than a day");
  ExpectRefusedColumns([&](auto c) { c.initClockSkew().setBase(-most - 1); }, "more than a day");
  ExpectRefusedColumns([](auto c) { c.initClockSkew().setBase(kLeast); }, "more than a day");
  ExpectRefusedColumns([](auto c) { c.initClockSkew().initPlanes(1).init(0, 3); }, "not 2");
  ExpectRefusedColumns([](auto c) { c.initClockSkew().initPlanes(9); }, "too many planes");
}

TEST(HostileChunk, SlotsAreThoseOfTheRecords) {
  ExpectRefusedColumns([](auto c) { c.initSlots(0); }, "not those of six kinds");
  ExpectRefusedColumns([](auto c) { c.initSlots(7); }, "not those of six kinds");
  ExpectRefusedColumns([](auto c) { c.getSlots()[0].initPlanes(1).init(0, 2); }, "not 0");
  ExpectRefusedColumns([](auto c) { c.getSlots()[4].initPlanes(1).init(0, 1); }, "not 0");
}

// --- Compressed columns.

void ExpectRefusedZstd(const std::string& data, const std::string& says) {
  ExpectRefusedChunk(
      [&](auto chunk) {
        chunk.getColumns().setZstd({reinterpret_cast<const kj::byte*>(data.data()), data.size()});
      },
      says);
}

std::string Compressed(const std::string& plain, bool states_size = true) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, states_size ? 1 : 0);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), plain.data(), plain.size()));
  ZSTD_freeCCtx(context);
  return out;
}

TEST(HostileZstd, BombIsRefusedByItsLength) {
  const std::string bomb = Compressed(std::string(std::size_t{512} << 20, '\0'));
  EXPECT_LT(bomb.size(), 100'000u);
  ExpectRefusedZstd(bomb, "do not unpack to a length that is allowed");
}

TEST(HostileZstd, LengthsThatAreWrongAreRefused) {
  ExpectRefusedZstd("", "length that is allowed");
  ExpectRefusedZstd("not zstd at all", "length that is allowed");
  ExpectRefusedZstd(Compressed(std::string(kColumnsBytesMax + 8, 'x')), "length that is allowed");
  ExpectRefusedZstd(Compressed(std::string(801, 'x')), "length that is allowed");
  ExpectRefusedZstd(Compressed(std::string(800, 'x'), false), "length that is allowed");
  const std::string sound = Compressed(std::string(800, '\0') + "12345678");
  ExpectRefusedZstd(sound.substr(0, sound.size() - 3), "do not unpack");
  ExpectRefusedZstd(sound + sound, "do not unpack");
}

TEST(HostileZstd, FrameThatUnderstatesItsLengthIsRefused) {
  std::string lying = Compressed(std::string(5'000, 'x') + std::string(5'000, 'y'));
  ASSERT_EQ(lying[4] & 0xC0, 0x40) << "a content size of two bytes, less 256";
  lying[5] = 0;
  lying[6] = 1;  // 512
  ExpectRefusedZstd(lying, "do not unpack");
}

TEST(HostileZstd, MessageInsideIsChecked) {
  const std::string frame("\0\0\0\0\x63\0\0\0", 8);
  ExpectRefusedZstd(Compressed(frame + std::string(792, '\0')), "column");  // an empty struct
  ExpectRefusedZstd(Compressed(std::string(800, '\0')), "not a sound message");
  ExpectRefusedZstd(Compressed(std::string(800, '\xFF')), "not a sound message");
  ExpectRefusedZstd(Compressed(std::string("\0\0\0\0\xFF\xFF\xFF\x7F", 8)), "not a sound message");
}

void ExpectRefusedPacked(const std::string& data, const std::string& says) {
  ExpectRefusedChunk(
      [&](auto chunk) {
        chunk.getColumns().setPacked({reinterpret_cast<const kj::byte*>(data.data()), data.size()});
      },
      says);
}

std::string Packed(const std::string& plain) {
  kj::VectorOutputStream out;
  capnp::_::PackedOutputStream packed(out);
  packed.write(plain.data(), plain.size());
  const auto bytes = out.getArray();
  return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

TEST(HostilePacked, LengthsThatAreWrongAreRefused) {
  ExpectRefusedPacked("", "not a sound message");
  ExpectRefusedPacked("\x11", "not a sound message");
  const std::string two_gigabytes("\0\0\0\0\0\0\0\x10", 8);
  ExpectRefusedPacked(Packed(two_gigabytes), "not a sound message");
  ExpectRefusedPacked(Packed(two_gigabytes + std::string(std::size_t{8} << 20, '\0')),
                      "not a sound message");
  const std::string too_many_segments("\xFF\xFF\xFF\x7F\x01\0\0\0", 8);
  ExpectRefusedPacked(Packed(too_many_segments), "not a sound message");
  const std::string empty("\0\0\0\0\x01\0\0\0", 8);
  ExpectRefusedPacked(Packed(empty + std::string(8, '\0')), "column");
}

// --- Pointers, words of the tiny file as FORMAT.md's worked example shows them.

// Points the 8 bytes at `pointer` of the entry at `offset` to a list of `count` structs without
// content, which takes one new word at the entry's end.
std::string WithListOfNothing(std::string bytes, std::size_t offset, std::size_t pointer,
                              std::uint64_t count) {
  const std::uint64_t words = LoadLittleEndian32(bytes.data() + offset + 4);
  const std::size_t end = offset + 8 + 8 * words;
  std::string tag(8, '\0');
  StoreLittleEndian64(count << 2, tag.data());
  bytes.insert(end, tag);
  const std::uint64_t distance = (end - pointer - 8) / 8;
  StoreLittleEndian64(std::uint64_t{7} << 32 | distance << 2 | 1, bytes.data() + pointer);
  StoreLittleEndian64((words + 1) << 32, bytes.data() + offset);
  SealAgain(&bytes, offset);
  return bytes;
}

constexpr std::size_t kHeaderPointers = 0x60;
constexpr std::uint64_t kLongestList = (std::uint64_t{1} << 29) - 1;

TEST(HostilePointers, ListsOfNothingAreNotCopied) {
  const Tiny tiny;
  for (const std::size_t list : {4, 5, 7, 9}) {  // Header's lists of structs
    const ReadBack back =
        ReadBytes(WithListOfNothing(tiny.bytes, 0, kHeaderPointers + 8 * list, kLongestList));
    EXPECT_EQ(back.open.code(), absl::StatusCode::kInvalidArgument) << list;
  }
  const std::size_t footer = LoadLittleEndian64(tiny.bytes.data() + tiny.bytes.size() - 16);
  const std::size_t footer_pointers = footer + 8 + 8 + 32 + 56;
  for (const std::size_t list : {1, 2}) {  // totals, occurrences
    const ReadBack back =
        ReadBytes(WithListOfNothing(tiny.bytes, footer, footer_pointers + 8 * list, kLongestList));
    EXPECT_TRUE(back.open.ok()) << list;
    EXPECT_FALSE(back.complete) << list;
    EXPECT_EQ(back.records.size(), 2u) << list;
  }
}

// Cap'n Proto bounds such lists by the message's length, so a long message is needed.
TEST(HostilePointers, ListsOfNothingInALongHeaderAreCountedFirst) {
  const std::string header = ForgedEntry(0, [](auto entry) {
    entry.getHeader().setScenarioText(std::string(std::size_t{15} << 20, 'y'));
  });
  for (const std::size_t list : {4, 5, 7, 9}) {
    const ReadBack back =
        ReadBytes(WithListOfNothing(header, 0, kHeaderPointers + 8 * list, 7'000'000));
    EXPECT_THAT(std::string(back.open.message()), HasSubstr("a list of its header is too long"));
  }
}

TEST(HostileChunk, FieldsOfRequestsAreThoseThatAreShown) {
  ExpectRefusedColumns([](auto c) { c.getRequests().initFields(0); }, "not those of the templates");
  ExpectRefusedColumns([](auto c) { c.getRequests().initFields(2); }, "not those of the templates");
  const auto with_values = [](unsigned count) {
    return [count](schema::Columns::Builder columns) {
      columns.getRequests().getFields()[0].initPlanes(1).init(0, count);
    };
  };
  ExpectRefusedColumns(with_values(0), "a request lacks a field's value");
  ExpectRefusedColumns(with_values(2), "fewer requests show a field");
  ExpectRefusedColumns(with_values(3), "more requests show a field");
}

// A reader does not remember the values of all requests: it gives what each row says.
TEST(HostileChunk, TwoRowsOfOneRequestGiveTheirOwnFields) {
  const std::string chunk = ForgedEntry(1, [](auto entry) {
    schema::Columns::Builder columns = entry.getChunk().getColumns().getPlain();
    columns.getRequests().initOrdinalDelta();
    columns.getShapes().initMessage();
    columns.getRequests().getFields()[0].initPlanes(1).init(0, 2)[1] = 1;
  });
  const ReadBack back = ReadBytes(Tiny().entry(0) + chunk);
  ASSERT_EQ(back.records.size(), 2u);
  EXPECT_EQ(back.records[0].request, back.records[1].request);
  EXPECT_EQ(back.records[0].slots[0] + 1, back.records[1].slots[0]);
}

TEST(HostilePointers, ListOfEmptyTextsIsCounted) {
  // 65,536 null pointers are as many empty texts: valid Cap'n Proto, too many overrides.
  const Tiny tiny;
  const std::string header =
      ForgedEntry(0, [](auto entry) { entry.getHeader().initOverrides(65'536); });
  const ReadBack back = ReadBytes(header + tiny.entry(1));
  EXPECT_THAT(std::string(back.open.message()), HasSubstr("a list of its header is too long"));
}

TEST(HostilePointers, CirclesAndFarPointersAreRefused) {
  const Tiny tiny;
  constexpr std::size_t kColumnsPointer = 0x210;
  for (const std::uint64_t pointer :
       {std::uint64_t{0x000B'0000'FFFF'FFFC},     // a struct of pointers that begins with itself
        std::uint64_t{0x0000'0001'0000'0002},     // far, in a segment that is not there
        std::uint64_t{0x0000'0000'0000'0006},     // double far, to itself
        std::uint64_t{0x000B'0000'7FFF'FFFC},     // far beyond the end
        std::uint64_t{0xFFFF'FFFF'0000'0000},     // a struct of half a megabyte
        std::uint64_t{0x0000'0000'0000'0003},     // a capability
        std::uint64_t{0x0000'0017'0000'0001}}) {  // a list where a struct should be
    std::string bytes = tiny.bytes;
    StoreLittleEndian64(pointer, bytes.data() + kColumnsPointer);
    SealAgain(&bytes, tiny.offsets[1]);
    const ReadBack back = ReadBytes(bytes);
    EXPECT_EQ(back.damages.size(), 1u) << std::hex << pointer;
    EXPECT_TRUE(back.records.empty()) << std::hex << pointer;
  }
}

TEST(HostileFrame, LengthIsHeldAgainstTheInput) {
  const Tiny tiny;
  for (const std::uint64_t words : {std::uint64_t{0}, std::uint64_t{4}, std::uint64_t{0x7F'FFFF},
                                    std::uint64_t{0x80'0000}, std::uint64_t{0xFFFF'FFFF}}) {
    std::string bytes = tiny.entry(0) + tiny.entry(1);
    StoreLittleEndian64(words << 32, bytes.data() + tiny.offsets[1]);
    const ReadBack back = ReadBytes(bytes);
    EXPECT_TRUE(back.records.empty());
    EXPECT_FALSE(back.incompleteness.ok()) << words;
    const std::size_t before = AllocatedBytes();
    EXPECT_TRUE(ReadTraceFromPipe(bytes).records.empty());
    EXPECT_LT(AllocatedBytes() - before, kAllocatedMax) << "a pipe has no length to compare with";
  }
}

TEST(HostileHeader, IsCheckedAsTheWritersIs) {
  const Tiny tiny;
  const auto refused = [&](const std::function<void(schema::Header::Builder)>& forge,
                           const char* says) {
    const ReadBack back =
        ReadBytes(ForgedEntry(0, [&](auto entry) { forge(entry.getHeader()); }) + tiny.entry(1));
    EXPECT_EQ(back.open.code(), absl::StatusCode::kInvalidArgument) << says;
    EXPECT_THAT(std::string(back.open.message()), HasSubstr(says));
  };
  refused([](auto h) { h.initServices(0); }, "has a service that is not in the catalogue");
  refused([](auto h) { h.getServices()[0].setName(""); }, "without a name");
  refused([](auto h) { h.getServices()[0].setName("\xFF"); }, "not UTF-8");
  refused([](auto h) { h.getTemplates()[0].setText("{"); }, "brace");
  refused([](auto h) { h.getTemplates()[0].initSlots(1).set(0, 200); }, "unknown kind");
  refused([](auto h) { h.getTemplates()[0].initSlots(1).set(0, 65); }, "unknown kind");
  refused([](auto h) { h.setDurationNanoseconds(-1); }, "negative duration");
  refused([](auto h) { h.setResolutionNanoseconds(0); }, "from 1 ns to 1 ms");
  refused([](auto h) { h.setResolutionNanoseconds(10'000'000); }, "from 1 ns to 1 ms");
  refused([](auto h) { h.setResolutionNanoseconds(20); }, "no power of ten");
  refused([](auto h) { h.getEntities()[1].setKind(9); }, "unknown kind");
}

// Gives the header one random fault with these numbers of starts and ends.
void ForgeFault(schema::Header::Builder header, unsigned starts, unsigned ends) {
  auto fault = header.initFaults(1)[0];
  fault.setName("forged");
  fault.setRandom(true);
  fault.initStarts(starts);
  fault.initEnds(ends);
}

TEST(HostileHeader, TimesOfFaultsAreChecked) {
  const auto refused = [&](const std::function<void(schema::Header::Builder)>& forge,
                           const char* says) {
    const ReadBack back = ReadBytes(ForgedEntry(0, [&](auto entry) { forge(entry.getHeader()); }));
    EXPECT_EQ(back.open.code(), absl::StatusCode::kInvalidArgument) << says;
    EXPECT_THAT(std::string(back.open.message()), HasSubstr(says));
  };
  refused([](auto h) { ForgeFault(h, 2, 1); }, "different numbers of starts and ends");
  refused([](auto h) { ForgeFault(h, 0, 1); }, "different numbers of starts and ends");
  refused([](auto h) { ForgeFault(h, 2, 2); }, "overlap or run back");
  refused([](auto h) { ForgeFault(h, 65'537, 65'537); }, "a list of its header is too long");
  refused([](auto h) { ForgeFault(h, 1, 1), h.getFaults()[0].setRandom(false); }, "is not random");
}

TEST(HostileFooter, MakesTheTraceIncomplete) {
  const Tiny tiny;
  const auto refused = [&](const std::function<void(schema::Footer::Builder)>& forge,
                           const char* says) {
    const std::string footer = ForgedEntry(3, [&](auto entry) { forge(entry.getFooter()); });
    const std::string trailer =
        ForgedEntry(4, [&](auto entry) { entry.getTrailer().setFooterBytes(footer.size()); });
    const ReadBack back = ReadBytes(tiny.bytes.substr(0, tiny.offsets[3]) + footer + trailer);
    ASSERT_TRUE(back.open.ok());
    EXPECT_EQ(back.records.size(), 2u);
    EXPECT_FALSE(back.complete) << says;
    ASSERT_EQ(back.damages.size(), 1u) << says;
    EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr(says));
  };
  refused([](auto f) { f.setHeaderChecksum(8); }, "another header");
  for (const std::uint64_t at : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    refused([at](auto f) { f.setAppendixOffset(at); }, "does not point to the appendix");
  }
  refused([](auto f) { f.initTotals(2); }, "totals");
  refused([](auto f) { f.setRecords(3); }, "counts 3 records");
  refused([](auto f) { f.initDigest(15); }, "digest");
  refused([](auto f) { f.initChunkIndex().setCount(2); }, "index is not in order");
  refused([](auto f) { f.initOccurrences(1); }, "fault is not in the catalogue");
  refused([](auto f) { f.initOccurrences(65'537); }, "too many occurrences");
}

// The tiny trace with another offset in its index.
std::string WithIndexOffset(std::uint64_t offset) {
  const Tiny tiny;
  const std::string footer = ForgedEntry(3, [&](auto entry) {
    auto column = entry.getFooter().getChunkIndex().initOffset();
    column.setBase(static_cast<std::int64_t>(offset));
  });
  const std::string trailer =
      ForgedEntry(4, [&](auto entry) { entry.getTrailer().setFooterBytes(footer.size()); });
  return tiny.bytes.substr(0, tiny.offsets[3]) + footer + trailer;
}

TEST(HostileFooter, IndexThatPointsBehindTheChunksIsRefused) {
  const std::uint64_t chunks_end = Tiny().offsets[2];
  for (const std::uint64_t offset : {chunks_end, ~std::uint64_t{0} >> 1}) {
    const std::string bytes = WithIndexOffset(offset);
    for (const ReadBack& back : {ReadBytes(bytes), ReadTraceFromPipe(bytes)}) {
      ASSERT_TRUE(back.open.ok());
      EXPECT_EQ(back.records.size(), 2u);
      EXPECT_FALSE(back.complete);
      ASSERT_EQ(back.damages.size(), 1u);
      EXPECT_THAT(std::string(back.damages[0].message()), HasSubstr("points behind the chunks"));
    }
  }
  EXPECT_TRUE(ReadBytes(WithIndexOffset(chunks_end - 1)).complete);
}

TEST(HostileFooter, IndexThatPointsAstrayIsNoHarm) {
  for (const std::uint64_t offset :
       {std::uint64_t{0}, std::uint64_t{433}, std::uint64_t{1'528}, ~std::uint64_t{0} >> 1}) {
    const TestFile file("astray.ghog");
    WriteFile(file.path(), WithIndexOffset(offset));
    const auto reader = Reader::Open(file.path());
    ASSERT_TRUE(reader.ok());
    ASSERT_EQ((*reader)->SeekToPosition(1), absl::OkStatus());
    std::vector<Record> records;
    for (int i = 0; i < 10; ++i) {
      const absl::StatusOr<bool> more = (*reader)->NextChunk(&records);
      if (more.ok() && !*more) break;
      EXPECT_TRUE(more.ok() || absl::IsDataLoss(more.status())) << more.status();
      ASSERT_LT(i, 9) << "it ends";
    }
  }
}

}  // namespace
}  // namespace groundhog::traces
