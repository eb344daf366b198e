-- Services that write rows of `notes` through functions, with hardly a pause, while an online migration is under way, and a
-- journal of what they have committed. Each client has rows of its own; those of owner 'all' are everybody's.
create schema client;

-- What must be there. Written in the transaction of the write itself, so that it knows of all that was committed.
create table client.journal (owner text, number integer, body text not null, state text, primary key (owner, number));

-- Each client counts its turns; one that heeds the pause says so.
create table client.clients (
  client text primary key, turns integer not null default 0, repeated integer not null default 0,
  rests boolean not null default false);
create table client.orders (pause boolean not null, stop boolean not null);
insert into client.orders values (false, false);

create function client.write(owner_in text, number_in integer, body_in text, state_in text) returns void
language plpgsql as $$
begin
  perform papers_put(owner_in, number_in, body_in, state_in);
  insert into client.journal values (owner_in, number_in, body_in, state_in)
  on conflict (owner, number) do update set body = excluded.body, state = excluded.state;
end
$$;

create function client.remove(owner_in text, number_in integer) returns void
language plpgsql as $$
declare
  there boolean;
  wanted boolean;
begin
  there := papers_remove(owner_in, number_in);
  delete from client.journal j where j.owner = owner_in and j.number = number_in;
  wanted := found;
  if there <> wanted then
    raise exception 'row (%, %) was% there to be removed, but is%in the journal', owner_in, number_in,
      case when there then '' else ' not' end, case when wanted then ' ' else ' not ' end;
  end if;
end
$$;

-- Nobody else writes it: what was committed must be what is read, at every moment.
create function client.read(owner_in text, number_in integer) returns void
language plpgsql as $$
declare
  found_rows text;
  wanted_rows text;
begin
  select string_agg(p::text, '; ') into found_rows from papers_get(owner_in, number_in) p;
  select string_agg(j::text, '; ') into wanted_rows
  from client.journal j where j.owner = owner_in and j.number = number_in;
  if found_rows is distinct from wanted_rows then
    raise exception 'read % where % was written', found_rows, wanted_rows;
  end if;
end
$$;

-- One thing that services do, with one of the first `numbers` rows.
create function client.act(client_in text, numbers integer, turn integer) returns void
language plpgsql as $$
declare
  chance double precision := random();
  owner_in text := case when random() < 0.1 then 'all' else client_in end;
  number_in integer := 1 + floor(random() * case owner_in when 'all' then 20 else numbers end);
  body_in text := format('%s %s', client_in, turn);
  state_in text := case when turn % 3 = 0 then null else 'state ' || turn end;
begin
  if owner_in = 'all' then
    -- Its journal must be in the order of the writes.
    perform pg_advisory_xact_lock(number_in);
  end if;
  if chance < 0.45 then
    perform client.write(owner_in, number_in, body_in, state_in);
  elsif chance < 0.7 then
    perform client.remove(owner_in, number_in);
  elsif chance < 0.8 and owner_in <> 'all' then
    -- A key that changes, to one that may be far behind or ahead of the walk.
    perform client.remove(owner_in, number_in);
    perform client.write(owner_in, numbers + 1 - number_in, body_in, state_in);
  else
    perform client.read(owner_in, number_in);
  end if;
end
$$;

create procedure client.work(client_in text, numbers integer)
language plpgsql as $$
declare
  turn integer := 0;
  again integer := 0;
  order_now client.orders;
begin
  insert into client.clients values (client_in);
  loop
    select * into order_now from client.orders;
    exit when order_now.stop;
    update client.clients c
    set turns = turn, repeated = again, rests = order_now.pause
    where c.client = client_in;
    commit;
    if order_now.pause then
      perform pg_sleep(0.005);
      continue;
    end if;
    begin
      perform client.act(client_in, numbers, turn);
      turn := turn + 1;
    exception when undefined_table or undefined_column or undefined_function or deadlock_detected then
      -- The call met the moment at which a table or a function was exchanged: nothing of it was done.
      again := again + 1;
    end;
    commit;
    -- Without it three clients would take the processors from those whom they are to disturb.
    perform pg_sleep(0.001);
  end loop;
  update client.clients c set turns = turn, repeated = again, rests = true where c.client = client_in;
end
$$;
