<<search>>
declare
  quoted text := '%' || replace(replace(pattern, '\', '\\'), '%', '\%') || '%';
begin
  return query
    select p.parcel_id, p.label, p.state, p.sizes
    from parcels p
    where p.label ilike search.quoted and p.state = any (states)
    limit page_size;
end
