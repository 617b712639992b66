-- Trackers with the numbers in use; a where clause follows.
select
  trackers.*,
  array(
    select numbers.number
    from numbers
    where numbers.tracker_id = trackers.id
      and numbers.retired_at is null
    order by numbers.number
  ) as numbers
from trackers
