-- What a dashboard shows of the table logs. Every figure is that of `groundhog stats` over the same
-- records (docs/STATS.md), hours and days are those of UTC. docs/POSTGRES.md

-- Each service: counts, error rate, latency, and the score of health.
create view service_analytics as
select
  service, records, info, warn, error, error_rate,
  latency_ms_sum, latency_ms_min, latency_ms_max, latency_ms_mean,
  latency_ms_p50, latency_ms_p95, latency_ms_p99,
  100 * (1 - error_rate) * (1000 / greatest(latency_ms_p95, 1000::float8)) as health
from (
  select
    service,
    count(*) as records,
    count(*) filter (where level = 'INFO') as info,
    count(*) filter (where level = 'WARN') as warn,
    count(*) filter (where level = 'ERROR') as error,
    count(*) filter (where level = 'ERROR')::float8 / count(*) as error_rate,
    sum(latency_ms) as latency_ms_sum,
    min(latency_ms) as latency_ms_min,
    max(latency_ms) as latency_ms_max,
    avg(latency_ms::float8) as latency_ms_mean,
    percentile_cont(0.5) within group (order by latency_ms) as latency_ms_p50,
    percentile_cont(0.95) within group (order by latency_ms) as latency_ms_p95,
    percentile_cont(0.99) within group (order by latency_ms) as latency_ms_p99
  from logs group by service) as by_service;

-- The trend of errors and latency: each service, hour by hour.
create view service_analytics_hours as
select
  date_trunc('hour', timestamp, 'UTC') as start,
  service,
  count(*) as records,
  count(*) filter (where level = 'ERROR') as errors,
  count(*) filter (where level = 'ERROR')::float8 / count(*) as error_rate,
  avg(latency_ms::float8) as latency_ms_mean,
  percentile_cont(0.95) within group (order by latency_ms) as latency_ms_p95
from logs group by 1, 2;

-- The volume of each day.
create view service_analytics_days as
select
  (timestamp at time zone 'UTC')::date as date,
  count(*) as records,
  count(*) filter (where level = 'ERROR') as errors
from logs group by 1;

-- How often calls of a dependency fail, and how long they take.
create view service_analytics_dependencies as
select
  service, dependency,
  count(*) as records,
  count(*) filter (where level = 'ERROR') as errors,
  count(*) filter (where level = 'ERROR')::float8 / count(*) as failure_rate,
  avg(latency_ms::float8) as latency_ms_mean,
  percentile_cont(0.95) within group (order by latency_ms) as latency_ms_p95
from logs where dependency is not null group by service, dependency;

-- Which calls of a dependency fail in which way, the most frequent first.
create view service_analytics_failure_patterns as
select service, dependency, error_code, count(*) as records
from logs where level = 'ERROR' and dependency is not null
group by service, dependency, error_code
order by records desc, service collate "C", dependency collate "C", error_code collate "C";

-- The error codes, the most frequent first, and which service has how many.
create view service_analytics_error_codes as
select
  error_code,
  sum(records)::bigint as records,
  jsonb_object_agg(service, records) as services
from (
  select error_code, service, count(*) as records
  from logs where error_code is not null group by error_code, service) as by_service
group by error_code
order by records desc, error_code collate "C";
