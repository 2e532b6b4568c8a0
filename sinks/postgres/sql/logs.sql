-- The table that `groundhog-replay FILE --to postgres://...` fills: a column for each field of the
-- payload, and the record's position. docs/POSTGRES.md
create table if not exists logs (
  position   bigint not null,       -- loop number x records in the trace + number in the trace
  service    text not null,
  level      text not null,         -- INFO, WARN or ERROR
  message    text not null,
  timestamp  timestamptz not null,  -- whole milliseconds
  latency_ms bigint not null,
  trace_id   text not null,         -- 32 hex digits
  dependency text,                  -- null: the payload has none
  error_code text,                  -- of each ERROR, and only there
  hostname   text not null
);
-- Tiny, and next to free while loading: rows come in the order of their times.
create index if not exists logs_timestamp on logs using brin (timestamp);
