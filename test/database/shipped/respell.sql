-- Spells the JSON in the chunks of all entities as the server prints jsonb. The services spell it otherwise, and a
-- version that takes entities apart and back keeps what it says, not how it is spelt; so that contents can be
-- compared byte by byte. Values of several chunks go: a part of them is no JSON.
create function pg_temp.respelt(chunk text) returns text language plpgsql as $$
begin
  return replace(encode(convert_to(convert_from(decode(chunk, 'base64'), 'utf8')::jsonb::text, 'utf8'), 'base64'), e'\n', '');
exception when others then
  return chunk;  -- a text, or ciphertext
end
$$;

do $$
declare
  entities text;
begin
  for entities in
    select c.relname from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname like '%\_entities'
  loop
    execute format($delete$
      delete from %I where exists (select from jsonb_object_keys(value) key where key like '\_\_buf1\_%%')
    $delete$, entities);
    execute format($update$
      update %I e
      set value = (
        select jsonb_object_agg(p.key, case when p.key like '\_\_buf0\_%%' then to_jsonb(pg_temp.respelt(p.value #>> '{}'))
                                            else p.value end)
        from jsonb_each(e.value) p)
      where exists (select from jsonb_each(e.value) p where p.key like '\_\_buf0\_%%')
    $update$, entities);
  end loop;
end
$$;
