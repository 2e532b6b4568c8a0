// A trace's bytes as a list of entries, to change them and to make them sound again: without the
// right checksums no change would get beyond the first check.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_FUZZ_TRACE_ENTRIES_H_
#define GROUNDHOG_FUZZ_TRACE_ENTRIES_H_

#include <string>
#include <string_view>
#include <vector>

namespace groundhog::fuzz {

struct TraceEntries {
  std::vector<std::string> entries;  // by their frames alone, from the front
  std::string rest;                  // what follows the last one and is none
};

TraceEntries SplitTrace(std::string_view bytes);
std::string JoinTrace(const TraceEntries& trace);

// Makes an entry of bytes: a whole number of words, at least as many as an entry has, with the
// right frame, marker and checksum.
void SealEntryBytes(std::string* entry);

// Makes the last entry, if it is as long as a trailer, point to the one before, as if it was the
// footer; and that one, if it is a footer, to the one before it and to the first one.
void RepairTrailer(TraceEntries* trace);

}  // namespace groundhog::fuzz

#endif  // GROUNDHOG_FUZZ_TRACE_ENTRIES_H_
