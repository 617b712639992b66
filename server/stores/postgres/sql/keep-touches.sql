-- Keeps with a call the touches of the visitor whom it names: those before the call that its tracker's attribution window
-- covers, the newest 200, and the first of all. $1 call. Nothing where some are kept already.
-- Each branch is limited and in the order of touches_by_visitor, so that a visitor's many touches are not all read.
insert into call_touches (
  call_id, site_id, position, visitor_id, call_started_at, touch_id, session_id, touched_at, source, medium, campaign,
  term, content, click_ids, landing_page_url, referring_url, channel, in_window, is_first, is_last, is_last_not_direct
)
select
  call.id, call.site_id, touch.position, call.visitor_id, call.started_at, touch.id, touch.session_id, touch.touched_at,
  touch.source, touch.medium, touch.campaign, touch.term, touch.content, touch.click_ids, touch.landing_page_url,
  touch.referring_url, touch.channel, touch.in_window, touch.position = 1, touch.position = touch.last, touch.position = touch.last_not_direct
from (
  select
    calls.id,
    calls.site_id,
    calls.visitor_id,
    calls.started_at,
    calls.started_at - make_interval(days => trackers.attribution_days) as window_start
  from calls
  join trackers on trackers.id = calls.tracker_id
  where calls.id = $1
    and not exists (select from call_touches where call_id = $1)
) as call
cross join lateral (
  select
    ranked.*,
    max(position) over () as last,
    coalesce(max(position) filter (where in_window and source <> '(direct)') over (), 0) as last_not_direct
  from (
    select
      kept.*,
      row_number() over (order by kept.touched_at, kept.id) as position,
      kept.touched_at >= call.window_start as in_window
    from (
      (
        select *
        from touches
        where touches.visitor_id = call.visitor_id
          and touches.site_id = call.site_id
          and touches.touched_at <= call.started_at
        order by touches.touched_at, touches.id
        limit 1
      )
      union
      (
        select *
        from touches
        where touches.visitor_id = call.visitor_id
          and touches.site_id = call.site_id
          and touches.touched_at <= call.started_at
          and touches.touched_at >= call.window_start
        order by touches.touched_at desc, touches.id desc
        limit 200
      )
    ) as kept
  ) as ranked
) as touch
