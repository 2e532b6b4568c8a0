-- What `groundhog stats --json` prints (docs/STATS.md), computed by PostgreSQL from the table `logs`
-- of the lines' fields. Only the order of services and dependencies is another: the scenario's is
-- not in the lines.
set timezone = 'UTC';
with
  by_service as (
    select
      service,
      count(*) as records,
      count(*) filter (where level = 'INFO') as info,
      count(*) filter (where level = 'WARN') as warn,
      count(*) filter (where level = 'ERROR') as error,
      count(*) filter (where level = 'ERROR')::float8 / count(*) as error_rate,
      json_build_object(
        'sum', sum(latency_ms), 'min', min(latency_ms), 'max', max(latency_ms),
        'mean', avg(latency_ms::float8),
        'p50', percentile_cont(0.5) within group (order by latency_ms),
        'p95', percentile_cont(0.95) within group (order by latency_ms),
        'p99', percentile_cont(0.99) within group (order by latency_ms)) as latency_ms,
      percentile_cont(0.95) within group (order by latency_ms) as p95
    from logs group by service),
  bounds as (
    select ordinality - 1 as bin, upper_ms
    from unnest(array[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000,
                      null]) with ordinality as bounds (upper_ms, ordinality)),
  binned as (
    select
      service,
      (select count(*) from bounds where upper_ms < latency_ms) as bin,
      count(*) as records
    from logs group by service, bin),
  histograms as (
    select service, json_agg(json_build_array(upper_ms, coalesce(binned.records, 0)) order by bin) as bins
    from (by_service cross join bounds) left join binned using (service, bin)
    group by service),
  by_dependency as (
    select
      service, dependency,
      count(*) as records,
      count(*) filter (where level = 'ERROR') as errors,
      count(*) filter (where level = 'ERROR')::float8 / count(*) as failure_rate,
      json_build_object(
        'mean', avg(latency_ms::float8),
        'p95', percentile_cont(0.95) within group (order by latency_ms)) as latency_ms
    from logs where dependency is not null group by service, dependency),
  patterns as (
    select service, dependency, error_code, count(*) as records
    from logs where level = 'ERROR' and dependency is not null
    group by service, dependency, error_code),
  codes as (
    select error_code, sum(records) as records, json_object_agg(service, records) as services
    from (
      select error_code, service, count(*) as records
      from logs where error_code is not null group by error_code, service) as each
    group by error_code),
  by_hour as (
    select
      to_char(date_trunc('hour', timestamp), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as start,
      service,
      count(*) as records,
      count(*) filter (where level = 'ERROR') as errors,
      count(*) filter (where level = 'ERROR')::float8 / count(*) as error_rate,
      json_build_object(
        'mean', avg(latency_ms::float8),
        'p95', percentile_cont(0.95) within group (order by latency_ms)) as latency_ms
    from logs group by 1, service),
  by_day as (
    select
      to_char(timestamp, 'YYYY-MM-DD') as date,
      count(*) as records,
      count(*) filter (where level = 'ERROR') as errors
    from logs group by 1),
  by_cause as (
    select cause, count(*) as records, count(*) filter (where level = 'ERROR') as errors
    from logs group by cause),
  by_period as (
    select
      to_char(date_trunc(:'each', timestamp), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as start,
      service,
      count(*) as records,
      count(*) filter (where level = 'ERROR') as errors,
      json_build_object(
        'sum', sum(latency_ms),
        'p95', percentile_cont(0.95) within group (order by latency_ms)) as latency_ms
    from logs group by 1, service)
select json_build_object(
  'records', (select count(*) from logs),
  'first_time', (select to_char(min(timestamp), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from logs),
  'last_time', (select to_char(max(timestamp), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from logs),
  'services', (
    select coalesce(json_object_agg(service, json_build_object(
      'records', records, 'info', info, 'warn', warn, 'error', error, 'error_rate', error_rate,
      'latency_ms', latency_ms, 'histogram', bins,
      'health', 100 * (1 - error_rate) * (1000 / greatest(p95, 1000::float8)))), '{}')
    from by_service join histograms using (service)),
  'dependencies', (
    select coalesce(json_agg(d order by service, dependency), '[]') from by_dependency as d),
  'failure_patterns', (
    select coalesce(json_agg(p order by records desc, service collate "C",
                             dependency collate "C", error_code collate "C"), '[]')
    from patterns as p),
  'error_codes', (
    select coalesce(json_agg(c order by records desc, error_code collate "C"), '[]')
    from codes as c),
  'hours', (select coalesce(json_agg(h order by start, service), '[]') from by_hour as h),
  'days', (select coalesce(json_agg(d order by date), '[]') from by_day as d),
  'alerts', (select count(*) from logs where level = 'ERROR'),
  'trace_ids', (select count(distinct trace_id) from logs),
  'causes', (
    select coalesce(json_agg(c order by records desc, cause collate "C" nulls first), '[]')
    from by_cause as c),
  'series', (select coalesce(json_agg(p order by start, service), '[]') from by_period as p));
