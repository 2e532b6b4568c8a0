-- Where replays with --exactly-once NAME have come to. docs/POSTGRES.md
create table if not exists groundhog_positions (
  name       text primary key,      -- NAME
  position   bigint not null,       -- every row of logs below this position is committed
  identity   text not null,         -- the trace and the options that the replay began with
  epoch      bigint not null,       -- how many runs there were; only the newest may commit
  updated_at timestamptz not null
);
