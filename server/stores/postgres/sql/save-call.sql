-- What the events of a call add up to. What people wrote on the call stays as it is.
insert into calls (
  id, site_id, tracker_id, provider, provider_call_id, tracking_number, business_number, caller_number, caller_name,
  caller_city, caller_state, caller_country, started_at, ended_at, status, duration, talk_time, recording_url, keypad,
  method, confidence, first_call, prior_calls, tags, spam, created_at, updated_at
)
values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  'unknown', 0, false, 0, '{}', false, clock_timestamp(), clock_timestamp()
)
on conflict (site_id, provider, provider_call_id) do update
set caller_number = excluded.caller_number,
  caller_name = excluded.caller_name,
  caller_city = excluded.caller_city,
  caller_state = excluded.caller_state,
  caller_country = excluded.caller_country,
  started_at = excluded.started_at,
  ended_at = excluded.ended_at,
  status = excluded.status,
  duration = excluded.duration,
  talk_time = excluded.talk_time,
  recording_url = excluded.recording_url,
  keypad = excluded.keypad,
  updated_at = excluded.updated_at
