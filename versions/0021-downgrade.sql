begin
  -- Version 20 as it is when every row has moved: the old tables, empty, and what its functions move rows with.
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

  -- Each of these three functions moves the entities with these keys, as far as they are still there. First it locks
  -- them, in the order of their keys. What it then reads it reads in a later statement, whose snapshot is younger than
  -- the locks: what another transaction had changed while it was waited for is seen. Statistics of tables that are
  -- filled and emptied by the minute mislead the planner, hence the settings: by index, always.
  create function move_task_entities(task_ids text[]) returns void
  language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
  declare
    large constant text[] := array['dependencies', 'routes', 'scopes', 'payload', 'metadata', 'tags', 'extra', 'runs'];
    known constant text[] := array[
      'PartitionKey', 'RowKey', 'taskId', 'provisionerId', 'workerType', 'schedulerId', 'taskGroupId', 'requires',
      'priority', 'retries', 'retriesLeft', 'created', 'deadline', 'expires', 'takenUntil']
      || array(select '__bufchunks_' || l from unnest(large) l) || array(select '__buf0_' || l from unnest(large) l);
    locked text[];
    stray text;
  begin
    select array_agg(k.partition_key) into locked
    from (
      select e.partition_key
      from queue_tasks_entities e
      where e.partition_key = any (task_ids)
      order by e.partition_key
      for update
    ) k;
    if locked is null then
      return;
    end if;

    select e.partition_key || ': ' || p.name into stray
    from queue_tasks_entities e, lateral jsonb_object_keys(e.value - known) p (name)
    where e.partition_key = any (locked)
      and not (p.name ~ '^__buf[0-9]+_' and regexp_replace(p.name, '^__buf[0-9]+_', '') = any (large))
    limit 1;
    if stray is not null then
      raise exception 'a property of a task has no column: %', stray;
    end if;

    -- A function of version 19 may still be at work on an entry of the active set, and knows of no other lock.
    perform
    from queue_tasks_entities e
    join queue_task_group_active_sets_entities a
      on a.partition_key = uuid_to_slugid((e.value ->> 'taskGroupId')::uuid) and a.row_key = e.partition_key
    where e.partition_key = any (locked)
    order by a.partition_key, a.row_key
    for update of a;

    insert into tasks
    select t.*
    from (
      select e.partition_key, e.value, coalesce(e.etag, gen_random_uuid()) as etag, a.row_key is null as ever_resolved
      from queue_tasks_entities e
      -- No `exists`: the planner may hash all of the active sets for that, in every batch.
      left join queue_task_group_active_sets_entities a
        on a.partition_key = uuid_to_slugid((e.value ->> 'taskGroupId')::uuid) and a.row_key = e.partition_key
      where e.partition_key = any (locked)
    ) e, lateral tasks_from_entity(e.partition_key, e.value, e.etag, e.ever_resolved) t
    -- A task has one form at a time. Should both be there after all, the services have been told of the new one.
    on conflict (task_id) do nothing;

    with moved as (
      delete from queue_tasks_entities e
      where e.partition_key = any (locked)
      returning uuid_to_slugid((e.value ->> 'taskGroupId')::uuid) as task_group_id, e.partition_key as task_id
    ), members as (
      delete from queue_task_group_members_entities m
      using moved
      where m.partition_key = moved.task_group_id and m.row_key = moved.task_id
    )
    delete from queue_task_group_active_sets_entities a
    using moved
    where a.partition_key = moved.task_group_id and a.row_key = moved.task_id;
  end
  $$;

  create function move_task_group_entities(task_group_ids text[]) returns void
  language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
  declare
    locked text[];
    stray text;
  begin
    select array_agg(k.partition_key) into locked
    from (
      select e.partition_key
      from queue_task_groups_entities e
      where e.partition_key = any (task_group_ids)
      order by e.partition_key
      for update
    ) k;
    if locked is null then
      return;
    end if;

    select e.partition_key || ': ' || p.name into stray
    from queue_task_groups_entities e,
      lateral jsonb_object_keys(e.value - array[
        'PartitionKey', 'RowKey', 'taskGroupId', 'schedulerId', 'expires']) p (name)
    where e.partition_key = any (locked)
    limit 1;
    if stray is not null then
      raise exception 'a property of a task group has no column: %', stray;
    end if;

    with moved as (
      delete from queue_task_groups_entities e
      where e.partition_key = any (locked)
      returning e.partition_key, e.value, coalesce(e.etag, gen_random_uuid()) as etag
    )
    insert into task_groups
    select g.*
    from moved e, lateral task_groups_from_entity(e.partition_key, e.value, e.etag) g
    on conflict (task_group_id) do nothing;
  end
  $$;

  -- Keys in pairs: required_task_ids[i], dependent_task_ids[i].
  create function move_task_dependency_entities(required_task_ids text[], dependent_task_ids text[])
  returns void
  language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
  declare
    locked_required text[];
    locked_dependent text[];
    stray text;
  begin
    select array_agg(k.partition_key), array_agg(k.row_key) into locked_required, locked_dependent
    from (
      select e.partition_key, e.row_key
      from unnest(required_task_ids, dependent_task_ids) w (required, dependent)
      join queue_task_dependencies_entities e on e.partition_key = w.required and e.row_key = w.dependent
      order by e.partition_key, e.row_key
      for update of e
    ) k;
    if locked_required is null then
      return;
    end if;

    select e.partition_key || ', ' || e.row_key || ': ' || p.name into stray
    from unnest(locked_required, locked_dependent) w (required, dependent)
    join queue_task_dependencies_entities e on e.partition_key = w.required and e.row_key = w.dependent,
      lateral jsonb_object_keys(e.value - array[
        'PartitionKey', 'RowKey', 'taskId', 'dependentTaskId', 'require', 'expires']) p (name)
    limit 1;
    if stray is not null then
      raise exception 'a property of a task dependency has no column: %', stray;
    end if;

    perform
    from unnest(locked_required, locked_dependent) w (required, dependent)
    join queue_task_requirements_entities r on r.partition_key = w.dependent and r.row_key = w.required
    order by r.partition_key, r.row_key
    for update of r;

    insert into task_dependencies
    select d.*
    from (
      select e.partition_key, e.row_key, e.value, coalesce(e.etag, gen_random_uuid()) as etag,
        r.row_key is null as satisfied
      from unnest(locked_required, locked_dependent) w (required, dependent)
      join queue_task_dependencies_entities e on e.partition_key = w.required and e.row_key = w.dependent
      left join queue_task_requirements_entities r on r.partition_key = w.dependent and r.row_key = w.required
    ) e, lateral task_dependencies_from_entity(e.partition_key, e.row_key, e.value, e.satisfied, e.etag) d
    on conflict (dependent_task_id, required_task_id) do nothing;

    with moved as (
      delete from queue_task_dependencies_entities e
      using unnest(locked_required, locked_dependent) w (required, dependent)
      where e.partition_key = w.required and e.row_key = w.dependent
      returning e.partition_key as required_task_id, e.row_key as dependent_task_id
    )
    delete from queue_task_requirements_entities r
    using moved
    where r.partition_key = moved.dependent_task_id and r.row_key = moved.required_task_id;
  end
  $$;

  -- And back again, for the online downgrade.
  create function move_tasks_back(task_ids text[]) returns void
  language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
  declare
    locked text[];
  begin
    select array_agg(k.task_id) into locked
    from (
      select t.task_id from tasks t where t.task_id = any (task_ids) order by t.task_id for update
    ) k;
    if locked is null then
      return;
    end if;
    -- An entry that is there already is from before version 20, and says the same.
    insert into queue_task_group_members_entities
    select e.*
    from tasks t, lateral task_group_members_as_entity(t) e
    where t.task_id = any (locked)
    on conflict (partition_key, row_key) do nothing;
    insert into queue_task_group_active_sets_entities
    select e.*
    from tasks t, lateral task_group_members_as_entity(t) e
    where t.task_id = any (locked) and not t.ever_resolved
    on conflict (partition_key, row_key) do nothing;
    insert into queue_tasks_entities
    select e.*
    from tasks t, lateral tasks_as_entity(t) e
    where t.task_id = any (locked)
    on conflict (partition_key, row_key) do nothing;
    delete from tasks t where t.task_id = any (locked);
  end
  $$;

  create function move_task_groups_back(task_group_ids text[]) returns void
  language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
  declare
    locked text[];
  begin
    select array_agg(k.task_group_id) into locked
    from (
      select g.task_group_id
      from task_groups g
      where g.task_group_id = any (task_group_ids)
      order by g.task_group_id
      for update
    ) k;
    if locked is null then
      return;
    end if;
    insert into queue_task_groups_entities
    select e.*
    from task_groups g, lateral task_groups_as_entity(g) e
    where g.task_group_id = any (locked)
    on conflict (partition_key, row_key) do nothing;
    delete from task_groups g where g.task_group_id = any (locked);
  end
  $$;

  -- Keys in pairs: dependent_task_ids[i], required_task_ids[i].
  create function move_task_dependencies_back(dependent_task_ids text[], required_task_ids text[])
  returns void
  language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
  declare
    locked_dependent text[];
    locked_required text[];
  begin
    select array_agg(k.dependent_task_id), array_agg(k.required_task_id) into locked_dependent, locked_required
    from (
      select d.dependent_task_id, d.required_task_id
      from unnest(dependent_task_ids, required_task_ids) w (dependent, required)
      join task_dependencies d on d.dependent_task_id = w.dependent and d.required_task_id = w.required
      order by d.dependent_task_id, d.required_task_id
      for update of d
    ) k;
    if locked_dependent is null then
      return;
    end if;
    insert into queue_task_requirements_entities
    select e.*
    from unnest(locked_dependent, locked_required) w (dependent, required)
    join task_dependencies d on d.dependent_task_id = w.dependent and d.required_task_id = w.required,
      lateral task_requirements_as_entity(d) e
    where not d.satisfied
    on conflict (partition_key, row_key) do nothing;
    insert into queue_task_dependencies_entities
    select e.*
    from unnest(locked_dependent, locked_required) w (dependent, required)
    join task_dependencies d on d.dependent_task_id = w.dependent and d.required_task_id = w.required,
      lateral task_dependencies_as_entity(d) e
    on conflict (partition_key, row_key) do nothing;
    delete from task_dependencies d
    using unnest(locked_dependent, locked_required) w (dependent, required)
    where d.dependent_task_id = w.dependent and d.required_task_id = w.required;
  end
  $$;
end
