-- What a database holds, in a form that two databases, or one before and after, can be compared by: every row of every
-- table as jsonb, etags left out (a downgrade makes new ones), and the chunks of entities decoded, since JSON that was
-- in a jsonb column comes back with other white space.
create schema state;

create function state.decoded(value jsonb, name text) returns jsonb as $$
  declare
    bytes bytea := '';
    data text;
  begin
    for i in 0 .. (value ->> ('__bufchunks_' || name))::integer - 1 loop
      bytes := bytes || decode(value ->> format('__buf%s_%s', i, name), 'base64');
    end loop;
    begin
      data := convert_from(bytes, 'UTF8');
    exception when character_not_in_repertoire or untranslatable_character then
      return to_jsonb(md5(bytes));  -- encrypted
    end;
    if name in ('description', 'error') then
      return to_jsonb(data);
    end if;
    begin
      return data::jsonb;
    exception when invalid_text_representation or untranslatable_character then
      return to_jsonb(data);  -- JSON that jsonb cannot hold
    end;
  end
$$ language plpgsql;

create function state.entity(value jsonb) returns jsonb as $$
  select jsonb_object_agg(
    case when key like '\_\_bufchunks\_%' then 'decoded ' || substr(key, 13) else key end,
    case when key like '\_\_bufchunks\_%' then state.decoded(value, substr(key, 13)) else v end)
  from jsonb_each(value) as e (key, v)
  where key !~ '^__buf[0-9]+_'
$$ language sql;

create table state.rows (label text, part text, content text);

-- Every row of every table of public.
create procedure state.save_tables(label text) as $$
  declare
    t regclass;
  begin
    delete from state.rows r where r.label = save_tables.label;
    for t in
      select c.oid from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      order by c.relname
    loop
      execute format(
        'insert into state.rows
         select %L, %L, case when r ? ''partition_key'' and r ? ''value''
           then jsonb_set(r, ''{value}'', state.entity(r -> ''value'')) else r end::text
         from (select to_jsonb(t) - ''etag'' as r from %s t) x',
        label, t, t);
    end loop;
  end
$$ language plpgsql;

-- What the old functions of the entities tables answer, whatever the tables have become.
create procedure state.save_answers(label text) as $$
  declare
    f text;
  begin
    delete from state.rows r where r.label = save_answers.label;
    for f in
      select p.proname from pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.proname like '%\_entities\_scan'
      order by p.proname
    loop
      execute format(
        'insert into state.rows
         select %L, %L, jsonb_build_array(partition_key_out, row_key_out, version_out, state.entity(value_out))::text
         from %s(null, null, null, 1000000, 0)',
        label, f, f);
    end loop;
  end
$$ language plpgsql;

-- Parts whose rows differ, doubles counted, with an example of each side.
create function state.differences(one text, other text)
returns table (part text, rows_one bigint, rows_other bigint, only_one text, only_other text) as $$
  with a as (select r.part, r.content from state.rows r where r.label = one),
    b as (select r.part, r.content from state.rows r where r.label = other),
    gone as (select * from a except all select * from b),
    came as (select * from b except all select * from a)
  select p.part, (select count(*) from a where a.part = p.part), (select count(*) from b where b.part = p.part),
    (select min(content) from gone where gone.part = p.part), (select min(content) from came where came.part = p.part)
  from (select g.part from gone g union select c.part from came c) p
  order by p.part
$$ language sql;

-- One text for everything that a database holds.
create function state.fingerprint() returns text as $$
  begin
    call state.save_tables('fingerprint');
    return (select md5(string_agg(content, e'\n' order by part, content)) from state.rows where label = 'fingerprint');
  end
$$ language plpgsql;
