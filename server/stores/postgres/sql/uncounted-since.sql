-- Since when spans of a site are not counted: since its first row, or the end of the first span that no other follows.
select
  case
    when counted.first <= there.first then counted.followed_until
    else there.first
  end as since
from (
  select
    min(starts_at) as first,
    min(ends_at) filter (where next is distinct from ends_at) as followed_until
  from (
    select starts_at, ends_at, lead(starts_at) over (order by starts_at) as next
    from counted_spans
    where site_id = $1
      and unit = $2
  ) as span
) as counted
cross join (
  select least(
    (select min(started_at) from sessions where site_id = $1),
    (select min(started_at) from calls where site_id = $1)
  ) as first
) as there
