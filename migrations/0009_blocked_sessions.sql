-- Sessions that asked a pool for a number and got none: once an hour, however often they asked. Written a few times a
-- minute, not on the way of a visitor. By one index: it finds a pool's last days, and what is old enough to be deleted.

create table blocked_sessions (
  site_id uuid not null,
  tracker_id uuid not null,
  hour timestamptz not null,
  session_id uuid not null,
  primary key (tracker_id, hour, session_id)
);
