-- What pages reported. $1 [{site_id, host, swaps, is_checked, found, printed: [{number, visitor_id}]}], each host once.
-- A visitor's own number is no proof that it is printed: a browser may have kept the page as it was. Returns the hosts of
-- which a page is to be asked to look for printed numbers, at most once an hour and by whoever reports first.
with report as (
  select r.*, clock_timestamp() as seen_at
  from jsonb_to_recordset($1::jsonb) as r(
    site_id uuid, host text, swaps bigint, is_checked boolean, found text[], printed jsonb
  )
),
hosts as (
  insert into installs (site_id, host, last_seen_at, swaps, checked_at, check_asked_at)
  select site_id, host, seen_at, swaps, case when is_checked then seen_at end, seen_at
  from report
  order by site_id, host
  on conflict (site_id, host) do update
  set last_seen_at = excluded.last_seen_at,
    swaps = installs.swaps + excluded.swaps,
    checked_at = coalesce(excluded.checked_at, installs.checked_at),
    check_asked_at = case
      when installs.check_asked_at > excluded.check_asked_at - interval '1 hour' then installs.check_asked_at
      else excluded.check_asked_at
    end
  returning site_id, host, check_asked_at = last_seen_at as is_due
),
found as (
  insert into installs_found (site_id, host, number, last_seen_at)
  select report.site_id, report.host, found.number, report.seen_at
  from report
  cross join unnest(report.found) as found(number)
  order by report.site_id, report.host, found.number
  on conflict (site_id, host, number) do update
  set last_seen_at = excluded.last_seen_at
),
printed as (
  insert into installs_printed (site_id, host, number, last_seen_at)
  select distinct report.site_id, report.host, printed.number, report.seen_at
  from report
  cross join jsonb_to_recordset(report.printed) as printed(number text, visitor_id uuid)
  where not exists (
    select
    from leases
    where leases.number = printed.number
      and leases.visitor_id = printed.visitor_id
      and leases.site_id = report.site_id
  )
  order by report.site_id, report.host, printed.number
  on conflict (site_id, host, number) do update
  set last_seen_at = excluded.last_seen_at
)
select site_id, host
from hosts
where is_due
