-- types first
declare
  t text;
begin
  create type parcel_state as enum ('new', 'on its way', 'lost', 'don''t know');
  create type dimensions as (width integer, height integer, "größe" text);
  create domain weight_kg as numeric(10, 3) check (value >= 0);
  create type parcel_summary as (parcel_id uuid, label text, state parcel_state, sizes dimensions[]);
  alter table parcels add column state parcel_state not null default 'new';
  alter table parcels add column sizes dimensions[] not null default '{}';
  alter table parcels alter column weight type weight_kg;
  comment on table parcels is 'Everything that people send; "it''s" all here: 100 % of it \o/';
  foreach t in array array['billing', 'search'] loop
    execute format('grant select on %I to %I', 'parcels', '$db_user_prefix$_' || t);
  end loop;
end
