declare
  entities text;
begin
  create table queue_tasks_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_tasks_entities to $db_user_prefix$_queue;
  create table queue_task_groups_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_task_groups_entities to $db_user_prefix$_queue;
  create table queue_task_group_members_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_task_group_members_entities to $db_user_prefix$_queue;
  create table queue_task_group_active_sets_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_task_group_active_sets_entities to $db_user_prefix$_queue;
  create table queue_task_requirements_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_task_requirements_entities to $db_user_prefix$_queue;
  create table queue_task_dependencies_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_task_dependencies_entities to $db_user_prefix$_queue;

  -- Every write of an old form writes the new one in the same transaction, and writes it whole. So a batch that comes
  -- later finds the row there and passes it over, and one that came before is overwritten; nothing depends on which of
  -- them it is. The lock on the old form of the task (task group, dependency) is taken first by all of them, so that of
  -- two transactions the later one reads what the other has written.
  create function queue_tasks_entities_copy() returns trigger
  language plpgsql as $$
  begin
    if tg_op = 'DELETE' or tg_op = 'UPDATE' and old.partition_key <> new.partition_key then
      delete from tasks t where t.task_id = old.partition_key;
    end if;
    if tg_op <> 'DELETE' then
      perform copy_task(new.partition_key);
    end if;
    return null;
  end
  $$;

  create function copy_task(id text) returns void
  language plpgsql as $$
  begin
    perform from queue_tasks_entities e where e.partition_key = id and e.row_key = 'task' for update;
    -- A statement of its own: its snapshot is younger than the lock.
    insert into tasks
    select t.*
    from queue_tasks_entities e
    left join queue_task_group_active_sets_entities a
      on a.partition_key = uuid_to_slugid((e.value ->> 'taskGroupId')::uuid) and a.row_key = e.partition_key,
      lateral tasks_from_entity(
        e.partition_key, e.value, coalesce(e.etag, gen_random_uuid()), a.row_key is null) t
    where e.partition_key = id and e.row_key = 'task'
    on conflict (task_id) do update
      set (
        provisioner_id, worker_type, scheduler_id, task_group_id, dependencies, requires, routes,
        priority, retries, retries_left, created, deadline, expires, scopes, payload, metadata, tags,
        extra, runs, taken_until, ever_resolved, etag
      ) = (
        excluded.provisioner_id, excluded.worker_type, excluded.scheduler_id, excluded.task_group_id,
        excluded.dependencies, excluded.requires, excluded.routes, excluded.priority, excluded.retries,
        excluded.retries_left, excluded.created, excluded.deadline, excluded.expires, excluded.scopes,
        excluded.payload, excluded.metadata, excluded.tags, excluded.extra, excluded.runs,
        excluded.taken_until, excluded.ever_resolved, excluded.etag
      );
  end
  $$;

  create function queue_task_group_active_sets_entities_copy() returns trigger
  language plpgsql as $$
  begin
    if tg_op <> 'INSERT' then
      perform copy_task(old.row_key);
    end if;
    if tg_op = 'INSERT' or tg_op = 'UPDATE' and old.row_key <> new.row_key then
      perform copy_task(new.row_key);
    end if;
    return null;
  end
  $$;

  create function queue_task_groups_entities_copy() returns trigger
  language plpgsql as $$
  begin
    if tg_op = 'DELETE' or tg_op = 'UPDATE' and old.partition_key <> new.partition_key then
      delete from task_groups g where g.task_group_id = old.partition_key;
    end if;
    if tg_op <> 'DELETE' then
      insert into task_groups
      select g.*
      from task_groups_from_entity(new.partition_key, new.value, coalesce(new.etag, gen_random_uuid())) g
      on conflict (task_group_id) do update
        set scheduler_id = excluded.scheduler_id, expires = excluded.expires, etag = excluded.etag;
    end if;
    return null;
  end
  $$;

  create function queue_task_dependencies_entities_copy() returns trigger
  language plpgsql as $$
  begin
    if tg_op = 'DELETE'
      or tg_op = 'UPDATE' and (old.partition_key, old.row_key) <> (new.partition_key, new.row_key) then
      delete from task_dependencies d
      where d.dependent_task_id = old.row_key and d.required_task_id = old.partition_key;
    end if;
    if tg_op <> 'DELETE' then
      perform copy_task_dependency(new.partition_key, new.row_key);
    end if;
    return null;
  end
  $$;

  create function copy_task_dependency(required text, dependent text) returns void
  language plpgsql as $$
  begin
    perform from queue_task_dependencies_entities e
    where e.partition_key = required and e.row_key = dependent for update;
    insert into task_dependencies
    select d.*
    from queue_task_dependencies_entities e
    left join queue_task_requirements_entities r on r.partition_key = e.row_key and r.row_key = e.partition_key,
      lateral task_dependencies_from_entity(
        e.partition_key, e.row_key, e.value, r.row_key is null, coalesce(e.etag, gen_random_uuid())) d
    where e.partition_key = required and e.row_key = dependent
    on conflict (dependent_task_id, required_task_id) do update
      set requires = excluded.requires, satisfied = excluded.satisfied, expires = excluded.expires,
        etag = excluded.etag;
  end
  $$;

  create function queue_task_requirements_entities_copy() returns trigger
  language plpgsql as $$
  begin
    if tg_op <> 'INSERT' then
      perform copy_task_dependency(old.row_key, old.partition_key);
    end if;
    if tg_op = 'INSERT'
      or tg_op = 'UPDATE' and (old.partition_key, old.row_key) <> (new.partition_key, new.row_key) then
      perform copy_task_dependency(new.row_key, new.partition_key);
    end if;
    return null;
  end
  $$;

  foreach entities in array array[
    'queue_tasks_entities', 'queue_task_groups_entities', 'queue_task_group_active_sets_entities',
    'queue_task_requirements_entities', 'queue_task_dependencies_entities']
  loop
    -- What a batch brings back from the new form (version 21's downgrade) need not be copied to it.
    execute format(
      'create trigger copy after insert or update or delete on %I
       for each row when (current_setting(''declared_20.way_back'', true) is distinct from ''on'')
       execute function %I()',
      entities, entities || '_copy');
  end loop;
end
