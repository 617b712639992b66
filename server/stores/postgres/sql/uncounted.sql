-- Which of a site's spans are not counted, and of months those whose days are; in their order.
select span.starts_at, span.ends_at
from unnest($3::timestamptz[], $4::timestamptz[]) as span (starts_at, ends_at)
where not exists (
    select
    from counted_spans
    where counted_spans.site_id = $1
      and counted_spans.unit = $2
      and counted_spans.starts_at = span.starts_at
      and counted_spans.ends_at = span.ends_at
  )
  and (
    $2 = 'day'
    or span.ends_at - span.starts_at = (
      select sum(day.ends_at - day.starts_at)
      from counted_spans as day
      where day.site_id = $1
        and day.unit = 'day'
        and day.starts_at >= span.starts_at
        and day.ends_at <= span.ends_at
    )
  )
order by span.starts_at
