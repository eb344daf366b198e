begin
  revoke select on parcels from $db_user_prefix$_billing, $db_user_prefix$_search;
  comment on table parcels is null;
  alter table parcels alter column weight type numeric(10,3);
  alter table parcels drop column sizes;
  alter table parcels drop column state;
  -- the method returns rows of the type, so that it must go first
  drop function parcel_search(text, parcel_state[], integer);
  drop type parcel_summary; drop domain weight_kg; drop type dimensions; drop type parcel_state;
end;
