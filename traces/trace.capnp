# The trace file's schema. FORMAT.md beside it is the normative text: what each value means, which
# bounds hold, and how the entries follow one another.
@0xe7621fb892d17148;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("groundhog::traces::schema");

# The only root type of the file's messages.
struct Entry {
  marker @0 :UInt64;        # always 0x1a0a0d474f484789: the bytes 89 "GHOG" 0d 0a 1a
  checksum @1 :UInt64;      # XXH3-64 of the whole framed message, with these 8 bytes as zero
  union {
    header @2 :Header;      # first, once
    chunk @3 :Chunk;        # any number
    footer @4 :Footer;      # after the appendix, once
    trailer @5 :Trailer;    # last, once, always 64 bytes
    appendix @6 :Appendix;  # after the last chunk, once; not in version 2 and 3
  }
}

struct Header {
  formatVersion @0 :UInt32;
  programVersion @1 :Text;
  scenarioName @2 :Text;
  scenarioText @3 :Text;          # the complete YAML
  overrides @4 :List(Text);
  seed @5 :UInt64;
  traceKey @6 :UInt64;
  startUnixNanoseconds @7 :Int64;
  durationNanoseconds @8 :Int64;  # asked for; 2^63 - 1: forever
  services @9 :List(Service);
  union {
    entities @10 :List(Entity);
    keyedEntities @17 :KeyedEntities;   # of a merged trace
  }
  callPaths @11 :List(Text);
  templates @12 :List(MessageTemplate);
  errorCodes @13 :List(Text);
  faults @14 :List(Fault);
  resolutionNanoseconds @15 :UInt32;  # all times of records are multiples of it
  truthMethod @16 :UInt8;         # 0 local: by the rule of blame; 1 exact: the counterfactual
  zstd @18 :Data;                 # if not empty: all of this as one zstd frame of a framed message
                                  # with root Header, and nothing else but `formatVersion` is here
}

struct Service {
  name @0 :Text;
  dependencies @1 :List(UInt16);
}

struct Entity {
  name @0 :Text;
  kind @1 :UInt8;        # 0 host, 1 journey, 2 surge, 3 users
  service @2 :UInt16;
}

# The entities of a trace that was merged from several recordings.
struct KeyedEntities {
  entities @0 :List(Entity);
  keyDeltas @1 :List(UInt64);     # by entity: added to a chunk's key, modulo 2^64
}

struct MessageTemplate {
  text @0 :Text;         # {} for each slot, {{ and }} for braces
  slots @1 :List(UInt8);
}

struct Fault {
  name @0 :Text;
  kind @1 :Text;
  target @2 :Text;
  firstStart @3 :Int64;
  duration @4 :Int64;
  period @5 :Int64;      # 0: once
  random @6 :Bool;       # occurrences are those listed here
  starts @7 :List(Int64);
  ends @8 :List(Int64);
}

struct Chunk {
  firstTime @0 :Int64;
  lastTime @1 :Int64;
  firstPosition @2 :UInt64;
  traceKey @3 :UInt64;
  count @4 :UInt32;
  columns :union {
    plain @5 :Columns;
    packed @6 :Data;     # a framed message with root Columns, in Cap'n Proto's packed encoding
    zstd @7 :Data;       # one zstd frame of the same message, unpacked
  }
}

# A list of integers. Value i is base + the sum over k of planes[k][i] * 256^k, modulo 2^64, as a
# signed 64-bit number. All planes have the list's length; none: every value is base.
struct Integers {
  base @0 :Int64;
  planes @1 :List(Data);
}

# One value a record, unless said otherwise. Times and durations are in units of the header's
# resolution.
struct Columns {
  requestAge @0 :Integers;       # requests begun so far - 1 - request; -1 begins the next
  shape @1 :Integers;            # into `shapes`
  pick @2 :Integers;             # the message and the host, among those of the shape
  timeDelta @3 :List(Integers);  # by the shape's `timeGroup`: from the record before
  duration @4 :List(Integers);   # by the shape's `durationGroup`
  queueWait @5 :Integers;        # one value for each record whose shape has `waited`
  slots @6 :List(Integers);      # stored slots by SlotKind, in the order of FORMAT.md
  requests @7 :Requests;
  shapes @8 :Shapes;
  steps @9 :Steps;
  truths @10 :Truths;
  clockSkew @11 :Integers;       # absent: every clock was right
}

# Requests in the order in which this chunk first mentions them.
struct Requests {
  count @0 :UInt32;
  source @1 :Integers;           # an entity
  ordinalDelta @2 :Integers;     # zigzag; from the source's row before, at first from 0
  fields @3 :List(Integers);     # by number; one value for each request that shows it here
}

# Distinct combinations of everything that takes few values, the most frequent first.
struct Shapes {
  count @0 :UInt32;
  step @1 :Integers;             # into `steps`
  service @2 :Integers;
  level @3 :Integers;            # 0 INFO, 1 WARN, 2 ERROR
  message @4 :Integers;          # the first of its templates
  messageCount @5 :Integers;     # its templates are this many in a row
  dependency @6 :Integers;       # a service, or 65535
  errorCode @7 :Integers;        # or 65535
  truth @8 :Integers;            # into `truths`
  waited @9 :Integers;           # 0 or 1
  timeGroup @10 :Integers;       # into Columns.timeDelta
  durationGroup @11 :Integers;   # into Columns.duration
}

# Distinct places in call trees.
struct Steps {
  count @0 :UInt32;
  callPath @1 :Integers;         # or 65535
  span @2 :Integers;
  parentSpan @3 :Integers;
  attempt @4 :Integers;
}

# Distinct causes.
struct Truths {
  count @0 :UInt32;
  fault @1 :Integers;            # or 65535
  root @2 :Integers;             # a service, or 65535
  occurrence @3 :Integers;
  hops @4 :Integers;
  also @5 :Integers;             # another fault's index + 1; 0: none
}

struct Footer {
  header @0 :Header;             # version 2 and 3: equal to the file's first entry
  records @1 :UInt64;
  chunks @2 :UInt64;
  firstTime @3 :Int64;           # of the first and last record; 0 when there is none
  lastTime @4 :Int64;
  endTime @5 :Int64;             # the trace covers [0, endTime)
  totals @6 :List(ServiceTotals);      # by service, in the catalogue's order
  occurrences @7 :List(Occurrence);    # by start, then fault; the first 65,536
  index @8 :List(IndexEntry);          # version 2 and 3: what chunkIndex has, without ends
  digest @9 :Data;               # 16 bytes
  rollup @10 :Rollup;            # version 2 and 3, if at all: as in Appendix
  headerChecksum @11 :UInt64;    # of the file's first entry
  appendixOffset @12 :UInt64;
  chunkIndex @13 :ChunkIndex;
}

# Where the chunks are, by offset: each row describes `chunks` neighbouring chunks. At most 65,536.
struct ChunkIndex {
  count @0 :UInt32;
  offset @1 :Integers;           # in bytes, from the row before; at first from 0
  firstTime @2 :Integers;        # from the row before; at first from 0; in units of the resolution
  span @3 :Integers;             # from the first record to the last; in units of the resolution
  chunks @4 :Integers;
  info @5 :Integers;             # records by level
  warn @6 :Integers;
  error @7 :Integers;
}

# What is seldom wanted.
struct Appendix {
  header @0 :Header;             # equal to the file's first entry
  rollup @1 :Rollup;             # absent if the records have too many keys for one
  headerChecksum @2 :UInt64;     # of the file's first entry
}

# The records, counted by interval, service, dependency, level and latency.
struct Rollup {
  minutes @0 :UInt32;            # the length of an interval
  columns :union {
    plain @1 :RollupColumns;
    packed @2 :Data;             # as in Chunk
    zstd @3 :Data;
  }
}

struct RollupColumns {
  keys @0 :RollupKeys;
  intervals @1 :RollupIntervals;
  cells @2 :RollupCells;
  bins @3 :RollupBins;
}

# Distinct combinations of what cells are for, ascending.
struct RollupKeys {
  count @0 :UInt32;
  service @1 :Integers;
  dependency @2 :Integers;       # a service, or 65535
  level @3 :Integers;
}

# Those that have a record.
struct RollupIntervals {
  count @0 :UInt32;
  step @1 :Integers;             # from the one before; at first from -1
  cells @2 :Integers;            # how many
}

# By interval, then key.
struct RollupCells {
  count @0 :UInt32;
  keyStep @1 :Integers;          # from the interval's cell before; at first from -1
  bins @2 :Integers;             # how many
  firstBin @3 :Integers;
  rest @4 :Integers;             # of the latencies' sum, beyond the bins' least values
}

# Those that have a record, by cell, ascending.
struct RollupBins {
  count @0 :UInt32;
  step @1 :Integers;             # from the cell's bin before; none for its first
  records @2 :Integers;
}

struct ServiceTotals {
  info @0 :UInt64;
  warn @1 :UInt64;
  error @2 :UInt64;
}

struct Occurrence {
  fault @0 :UInt16;
  number @1 :UInt32;             # from 1
  start @2 :Int64;
  end @3 :Int64;
}

# Version 2 and 3. Describes `chunks` neighbouring chunks; `offset` is that of the first one.
struct IndexEntry {
  offset @0 :UInt64;
  firstTime @1 :Int64;
  firstPosition @2 :UInt64;
  chunks @3 :UInt64;
  info @4 :UInt64;
  warn @5 :UInt64;
  error @6 :UInt64;
}

struct Trailer {
  footerOffset @0 :UInt64;
  footerBytes @1 :UInt64;
}
