-- What was spent on advertising, as the owner's tools tell it: of a day, a source, a medium, a campaign and a keyword one
-- row, '' for none. Reports set it against sessions and calls of the same names.
create table costs (
  site_id uuid not null,
  day date not null,
  source text not null,
  medium text not null,
  campaign text not null,
  keyword text not null,
  -- In the site's currency; ad networks bill fractions of a cent.
  cost numeric(16, 4) not null,
  currency text not null,
  -- null: not told.
  clicks bigint,
  impressions bigint,
  updated_at timestamptz not null,
  primary key (site_id, day, source, medium, campaign, keyword)
);

-- Of costs and values alike, ISO 4217.
alter table sites add column currency text not null default 'USD';
