-- What people say of a lead, in the words they have for calls. null: nothing yet.
alter table leads
  add column value numeric(14, 2),
  add column lead_status text check (lead_status in ('good_lead', 'not_a_lead', 'not_scored'));

-- The list of all sites, as calls_by_time; that of one site reads leads_by_site.
create index leads_by_time on leads (created_at, id);
