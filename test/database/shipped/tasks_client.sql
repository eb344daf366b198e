-- What a queue service does with tasks through the functions of version 2, for tests that run while version 20 moves
-- the rows. Each function checks what it can see by itself; `attempt` does again what met the very moment at which a
-- function or table was exchanged, as services do.
create schema client;

create function client.task(i integer) returns text as $$
  select uuid_to_slugid(md5('task ' || i)::uuid)
$$ language sql;

create function client.task_group(i integer) returns text as $$
  select uuid_to_slugid(md5('group ' || i % 40)::uuid)
$$ language sql;

create function client.with_keys(pk text, rk text, properties jsonb) returns jsonb as $$
  select jsonb_build_object('PartitionKey', pk, 'RowKey', rk, 'expires', '2031-01-01T00:00:00.000Z') || properties
$$ language sql;

-- In the order of the service: group, member, active set, task, requirement, dependency.
create function client.create_task(i integer) returns void as $$
  declare
    t text := client.task(i);
    g text := client.task_group(i);
    first text := client.task(0);
    value jsonb := client.with_keys(t, 'task', jsonb_build_object(
      'taskId', slugid_to_uuid(t), 'provisionerId', 'aws', 'workerType', 'b-linux', 'schedulerId', 'gecko-level-1',
      'taskGroupId', slugid_to_uuid(g), 'requires', 'all-completed', 'priority', 'low', 'retries', 5, 'retriesLeft', 0,
      'created', '2030-01-01T00:00:00.000Z', 'deadline', '2030-01-02T00:00:00.000Z',
      'takenUntil', '1970-01-01T00:00:00.000Z'));
  begin
    select value || jsonb_object_agg('__bufchunks_' || p, 1) || jsonb_object_agg('__buf0_' || p, b) into value
    from (values ('dependencies', 'W10='), ('routes', 'W10='), ('scopes', 'W10='), ('payload', 'e30='),
      ('metadata', 'e30='), ('tags', 'e30='), ('extra', 'e30='), ('runs', 'W10=')) as buffers (p, b);
    perform queue_task_groups_entities_create(g, 'task-group', client.with_keys(g, 'task-group',
      jsonb_build_object('taskGroupId', slugid_to_uuid(g), 'schedulerId', 'gecko-level-1')), true, 1);
    perform queue_task_group_members_entities_create(g, t, client.with_keys(g, t,
      jsonb_build_object('taskGroupId', slugid_to_uuid(g), 'taskId', slugid_to_uuid(t))), true, 1);
    perform queue_task_group_active_sets_entities_create(g, t, client.with_keys(g, t,
      jsonb_build_object('taskGroupId', slugid_to_uuid(g), 'taskId', slugid_to_uuid(t))), true, 1);
    perform queue_tasks_entities_create(t, 'task', value, false, 1);
    begin
      perform queue_tasks_entities_create(t, 'task', value, false, 1);
      raise exception 'task % could be created twice', i;
    exception when unique_violation then
      null;
    end;
    perform queue_task_requirements_entities_create(t, first, client.with_keys(t, first,
      jsonb_build_object('taskId', slugid_to_uuid(t), 'requiredTaskId', slugid_to_uuid(first))), true, 1);
    perform queue_task_dependencies_entities_create(first, t, client.with_keys(first, t,
      jsonb_build_object('taskId', slugid_to_uuid(first), 'dependentTaskId', slugid_to_uuid(t), 'require', 'completed')),
      true, 1);
  end
$$ language plpgsql;

-- `retriesLeft` counts, by load and modify, as often as somebody else was faster.
create function client.count_up(i integer) returns void as $$
  declare
    found_rows integer;
    e record;
  begin
    loop
      select count(*) into found_rows from queue_tasks_entities_load(client.task(i), 'task');
      if found_rows <> 1 then
        raise exception 'there are % rows of task %', found_rows, i;
      end if;
      select * into e from queue_tasks_entities_load(client.task(i), 'task');
      begin
        perform queue_tasks_entities_modify(client.task(i), 'task',
          jsonb_set(e.value_out, '{retriesLeft}', to_jsonb((e.value_out ->> 'retriesLeft')::integer + 1)), 1, e.etag_out);
        return;
      exception when sqlstate 'P0004' then
        null;
      end;
    end loop;
  end
$$ language plpgsql;

create function client.resolve(i integer) returns void as $$
  begin
    perform queue_task_group_active_sets_entities_remove(client.task_group(i), client.task(i));
    if exists (select from queue_task_group_active_sets_entities_load(client.task_group(i), client.task(i))) then
      raise exception 'task % is active after it was resolved', i;
    end if;
  end
$$ language plpgsql;

create function client.satisfy(i integer) returns void as $$
  begin
    perform queue_task_requirements_entities_remove(client.task(i), client.task(0));
    if exists (select from queue_task_requirements_entities_scan(client.task(i), null, null, 10, 0)) then
      raise exception 'task % still waits', i;
    end if;
  end
$$ language plpgsql;

create function client.remove(i integer) returns void as $$
  begin
    if (select count(*) from queue_tasks_entities_remove(client.task(i), 'task')) <> 1 then
      raise exception 'task % was not there to be removed', i;
    end if;
    if exists (select from queue_tasks_entities_load(client.task(i), 'task')) then
      raise exception 'task % is there after it was removed', i;
    end if;
  end
$$ language plpgsql;

create procedure client.attempt(operation text, i integer) as $$
  begin
    for attempt in 1 .. 5 loop
      begin
        execute format('select client.%I($1)', operation) using i;
        return;
      exception when undefined_function or undefined_table or deadlock_detected then
        perform pg_sleep(0.01);
      end;
    end loop;
    raise exception '% of task % failed again and again', operation, i;
  end
$$ language plpgsql;

-- What is there in the end, from what the old functions answer.
create function client.tasks() returns table (
  task text, counted integer, member boolean, active boolean, depends boolean, waits boolean) as $$
  select t.partition_key_out, (t.value_out ->> 'retriesLeft')::integer, m.row_key_out is not null,
    a.row_key_out is not null, d.row_key_out is not null, r.row_key_out is not null
  from queue_tasks_entities_scan(null, null, null, 1000000, 0) t
  left join queue_task_group_members_entities_scan(null, null, null, 1000000, 0) m on m.row_key_out = t.partition_key_out
  left join queue_task_group_active_sets_entities_scan(null, null, null, 1000000, 0) a
    on a.row_key_out = t.partition_key_out
  left join queue_task_dependencies_entities_scan(null, null, null, 1000000, 0) d on d.row_key_out = t.partition_key_out
  left join queue_task_requirements_entities_scan(null, null, null, 1000000, 0) r
    on r.partition_key_out = t.partition_key_out
$$ language sql;

do $$
  begin
    execute (select string_agg(format('grant usage on schema client to %I', rolname), ';')
             from pg_roles where rolname = 'ci_queue');
  end
$$;
