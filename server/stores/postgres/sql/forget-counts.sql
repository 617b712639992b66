-- Takes back what was counted of a site by other settings than it has now, and what was written into since. Hours from
-- $5 on stay noted.
with late as (
  delete from late_hours
  where site_id = $1
    and hour < $5
  returning hour
),
wrong as (
  delete from counted_spans
  where site_id = $1
    and (
      (zone, min_confidence, qualified_seconds) is distinct from ($2, $3, $4)
      or exists (
        select
        from late
        where late.hour > counted_spans.starts_at - interval '1 hour'
          and late.hour < counted_spans.ends_at
      )
    )
  returning unit, starts_at
),
sessions_gone as (
  delete from session_counts
  using wrong
  where session_counts.site_id = $1
    and session_counts.unit = wrong.unit
    and session_counts.starts_at = wrong.starts_at
)
delete from call_counts
using wrong
where call_counts.site_id = $1
  and call_counts.unit = wrong.unit
  and call_counts.starts_at = wrong.starts_at
