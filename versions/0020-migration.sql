-- Tasks, and what folds into them: tens of millions of rows, so this script only makes the new tables, and the rows
-- move while the services run.
--
-- Six tables of entities become three. A task group's member says nothing that its task does not say; its active set
-- becomes tasks.ever_resolved; a requirement becomes task_dependencies.satisfied.
--
-- The rules while rows move:
--  1. A task (task group, dependency) has one form at a time. A member and an active set's entry share the form of
--     their task, a requirement that of its dependency.
--  2. Whoever writes moves the row that is written first: lock the old form, copy, delete; then write the new form. The
--     lock on the old form of the task or dependency is the only one that counts, and it is taken first, by the
--     services' functions and by the batches alike. The old tables get no new rows, so that the work has an end.
--  3. Whoever reads reads both forms in one statement: a single snapshot shows a row once, before or after its move.
--  4. What has no task (dependency) is not kept: services write members, active sets and requirements before what
--     they belong to, which then implies them. Batches report what they drop.
--
-- It may run again over the remains of an online downgrade that was not finished, hence `if not exists`.
begin
  -- What such a downgrade leaves: the services' functions are defined anew after this script.
  drop table if exists tasks_downgrade;
  drop function if exists tasks_downgrade_take_over();

  if to_regtype('task_requires') is null then
    create type task_requires as enum ('all-completed', 'all-resolved');
    create type task_priority as enum (
      'highest', 'very-high', 'high', 'medium', 'low', 'very-low', 'lowest', 'normal');
    create type task_dependency_requires as enum ('completed', 'resolved');
  end if;

  create table if not exists tasks (
    task_id text not null,
    provisioner_id text not null,
    worker_type text not null,
    scheduler_id text not null,
    task_group_id text not null,
    dependencies jsonb not null,
    requires task_requires not null,
    routes jsonb not null,
    priority task_priority not null,
    retries integer not null,
    retries_left integer not null,
    created timestamptz not null,
    deadline timestamptz not null,
    expires timestamptz not null,
    scopes jsonb not null,
    payload jsonb not null,
    metadata jsonb not null,
    tags jsonb not null,
    extra jsonb not null,
    runs jsonb not null,
    taken_until timestamptz,
    ever_resolved boolean not null,
    etag uuid not null default gen_random_uuid(),
    primary key (task_id)
  );
  create index if not exists tasks_task_group_id_idx on tasks (task_group_id);
  create index if not exists tasks_task_group_id_unresolved_idx on tasks (task_group_id) where not ever_resolved;
  grant select, insert, update, delete on tasks to $db_user_prefix$_queue;

  create table if not exists task_groups (
    task_group_id text not null,
    scheduler_id text not null,
    expires timestamptz not null,
    etag uuid not null default gen_random_uuid(),
    primary key (task_group_id)
  );
  grant select, insert, update, delete on task_groups to $db_user_prefix$_queue;

  create table if not exists task_dependencies (
    dependent_task_id text not null,
    required_task_id text not null,
    requires task_dependency_requires not null,
    satisfied boolean not null default false,
    expires timestamptz not null,
    etag uuid not null default gen_random_uuid(),
    primary key (dependent_task_id, required_task_id)
  );
  create index if not exists task_dependencies_required_task_id_idx
    on task_dependencies (required_task_id, dependent_task_id);
  grant select, insert, update, delete on task_dependencies to $db_user_prefix$_queue;

  -- JSON that services have written as a column, and the column as JSON. What jsonb cannot hold (\u0000, half a
  -- surrogate pair) must neither stop the move nor be lost: it is kept as text, in a JSON string. So that a string always
  -- means that, JSON that is a string itself is kept so, too.
  create or replace function task_json_from_text(data text) returns jsonb
  language plpgsql immutable as $$
  declare
    found jsonb;
  begin
    if strpos(data, '\u') = 0 then
      found := data::jsonb;
    else
      begin
        found := data::jsonb;
      exception when untranslatable_character or invalid_text_representation then
        -- What is no JSON at all is still an error.
        perform data::json;
        return to_jsonb(data);
      end;
    end if;
    return case jsonb_typeof(found) when 'string' then to_jsonb(data) else found end;
  end
  $$;

  create or replace function task_json_as_text(data jsonb) returns text
  language sql immutable as $$
    select case jsonb_typeof(data) when 'string' then data #>> '{}' else data::text end
  $$;

  -- An entity as a row and a row as an entity: plain SQL, which the planner puts in place of the call, so that a load
  -- finds its row by index. An entity's value may lack nothing; keys are slugids and need no decoding.
  create or replace function tasks_from_entity(task_id text, properties jsonb, etag uuid, ever_resolved boolean)
  returns setof tasks
  language sql stable as $$
    select
      task_id,
      properties ->> 'provisionerId',
      properties ->> 'workerType',
      properties ->> 'schedulerId',
      uuid_to_slugid((properties ->> 'taskGroupId')::uuid),
      task_json_from_text(entity_buf_decode(properties, 'dependencies')),
      (properties ->> 'requires')::task_requires,
      task_json_from_text(entity_buf_decode(properties, 'routes')),
      (properties ->> 'priority')::task_priority,
      (properties ->> 'retries')::integer,
      (properties ->> 'retriesLeft')::integer,
      (properties ->> 'created')::timestamptz,
      (properties ->> 'deadline')::timestamptz,
      (properties ->> 'expires')::timestamptz,
      task_json_from_text(entity_buf_decode(properties, 'scopes')),
      task_json_from_text(entity_buf_decode(properties, 'payload')),
      task_json_from_text(entity_buf_decode(properties, 'metadata')),
      task_json_from_text(entity_buf_decode(properties, 'tags')),
      task_json_from_text(entity_buf_decode(properties, 'extra')),
      task_json_from_text(entity_buf_decode(properties, 'runs')),
      nullif((properties ->> 'takenUntil')::timestamptz, 'epoch'),
      ever_resolved,
      etag
  $$;

  create or replace function tasks_as_entity(t tasks)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select t.task_id, 'task'::text,
      jsonb_build_object(
        'PartitionKey', t.task_id,
        'RowKey', 'task',
        'taskId', slugid_to_uuid(t.task_id),
        'provisionerId', t.provisioner_id,
        'workerType', t.worker_type,
        'schedulerId', t.scheduler_id,
        'taskGroupId', slugid_to_uuid(t.task_group_id),
        'requires', t.requires,
        'priority', t.priority,
        'retries', t.retries,
        'retriesLeft', t.retries_left,
        'created', entity_date(t.created),
        'deadline', entity_date(t.deadline),
        'expires', entity_date(t.expires),
        'takenUntil', entity_date(coalesce(t.taken_until, 'epoch')))
        || entity_buf_encode('{}', 'dependencies', task_json_as_text(t.dependencies))
        || entity_buf_encode('{}', 'routes', task_json_as_text(t.routes))
        || entity_buf_encode('{}', 'scopes', task_json_as_text(t.scopes))
        || entity_buf_encode('{}', 'payload', task_json_as_text(t.payload))
        || entity_buf_encode('{}', 'metadata', task_json_as_text(t.metadata))
        || entity_buf_encode('{}', 'tags', task_json_as_text(t.tags))
        || entity_buf_encode('{}', 'extra', task_json_as_text(t.extra))
        || entity_buf_encode('{}', 'runs', task_json_as_text(t.runs)),
      1, t.etag
  $$;

  create or replace function task_groups_from_entity(task_group_id text, properties jsonb, etag uuid)
  returns setof task_groups
  language sql stable as $$
    select task_group_id, properties ->> 'schedulerId', (properties ->> 'expires')::timestamptz, etag
  $$;

  create or replace function task_groups_as_entity(g task_groups)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select g.task_group_id, 'task-group'::text,
      jsonb_build_object(
        'PartitionKey', g.task_group_id,
        'RowKey', 'task-group',
        'taskGroupId', slugid_to_uuid(g.task_group_id),
        'schedulerId', g.scheduler_id,
        'expires', entity_date(g.expires)),
      1, g.etag
  $$;

  -- A task is a member of its group because it says so, and of the group's active set until it was resolved once.
  create or replace function task_group_members_as_entity(t tasks)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select t.task_group_id, t.task_id,
      jsonb_build_object(
        'PartitionKey', t.task_group_id,
        'RowKey', t.task_id,
        'taskGroupId', slugid_to_uuid(t.task_group_id),
        'taskId', slugid_to_uuid(t.task_id),
        'expires', entity_date(t.expires)),
      1, t.etag
  $$;

  create or replace function task_dependencies_from_entity(
    required_task_id text, dependent_task_id text, properties jsonb, satisfied boolean, etag uuid)
  returns setof task_dependencies
  language sql stable as $$
    select
      dependent_task_id,
      required_task_id,
      (properties ->> 'require')::task_dependency_requires,
      satisfied,
      (properties ->> 'expires')::timestamptz,
      etag
  $$;

  create or replace function task_dependencies_as_entity(d task_dependencies)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select d.required_task_id, d.dependent_task_id,
      jsonb_build_object(
        'PartitionKey', d.required_task_id,
        'RowKey', d.dependent_task_id,
        'taskId', slugid_to_uuid(d.required_task_id),
        'dependentTaskId', slugid_to_uuid(d.dependent_task_id),
        'require', d.requires,
        'expires', entity_date(d.expires)),
      1, d.etag
  $$;

  -- A requirement is a dependency that is not satisfied yet, seen from the other side.
  create or replace function task_requirements_as_entity(d task_dependencies)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select d.dependent_task_id, d.required_task_id,
      jsonb_build_object(
        'PartitionKey', d.dependent_task_id,
        'RowKey', d.required_task_id,
        'taskId', slugid_to_uuid(d.dependent_task_id),
        'requiredTaskId', slugid_to_uuid(d.required_task_id),
        'expires', entity_date(d.expires)),
      1, d.etag
  $$;

  -- Each of these three functions moves the entities with these keys, as far as they are still there. First it locks
  -- them, in the order of their keys. What it then reads it reads in a later statement, whose snapshot is younger than
  -- the locks: what another transaction had changed while it was waited for is seen. Statistics of tables that are
  -- filled and emptied by the minute mislead the planner, hence the settings: by index, always.
  create or replace function move_task_entities(task_ids text[]) returns void
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

  create or replace function move_task_group_entities(task_group_ids text[]) returns void
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
  create or replace function move_task_dependency_entities(required_task_ids text[], dependent_task_ids text[])
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
  create or replace function move_tasks_back(task_ids text[]) returns void
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

  create or replace function move_task_groups_back(task_group_ids text[]) returns void
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
  create or replace function move_task_dependencies_back(dependent_task_ids text[], required_task_ids text[])
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

  -- A batch takes up to `batch_size_in` keys that follow the last one, from one table. The three last tables hold what
  -- has no task or no dependency: by then nothing else is left in them.
  create or replace function online_migration_v20_batch(batch_size_in integer, state_in jsonb)
  returns table (count integer, state jsonb)
  language plpgsql set enable_seqscan = off set jit = off as $$
  declare
    sources constant text[] := array[
      'queue_tasks_entities', 'queue_task_groups_entities', 'queue_task_dependencies_entities',
      'queue_task_group_members_entities', 'queue_task_group_active_sets_entities',
      'queue_task_requirements_entities'];
    position integer := coalesce(array_position(sources, state_in ->> 'table'), 1);
    last_partition_key text := coalesce(state_in ->> 'partition_key', '');
    last_row_key text := coalesce(state_in ->> 'row_key', '');
    partition_keys text[];
    row_keys text[];
    dropped integer;
  begin
    loop
      execute format(
        'select array_agg(k.partition_key), array_agg(k.row_key)
         from (
           select e.partition_key, e.row_key
           from %I e
           where (e.partition_key, e.row_key) > ($1, $2)
           order by e.partition_key, e.row_key
           limit $3
         ) k',
        sources[position])
        into partition_keys, row_keys
        using last_partition_key, last_row_key, batch_size_in;
      exit when partition_keys is not null or position = cardinality(sources);
      position := position + 1;
      last_partition_key := '';
      last_row_key := '';
    end loop;

    count := coalesce(cardinality(partition_keys), 0);
    if count > 0 then
      last_partition_key := partition_keys[count];
      last_row_key := row_keys[count];
    end if;
    state := jsonb_build_object(
      'table', sources[position], 'partition_key', last_partition_key, 'row_key', last_row_key);

    case sources[position]
      when 'queue_tasks_entities' then
        perform move_task_entities(partition_keys);
      when 'queue_task_groups_entities' then
        perform move_task_group_entities(partition_keys);
      when 'queue_task_dependencies_entities' then
        perform move_task_dependency_entities(partition_keys, row_keys);
      when 'queue_task_requirements_entities' then
        -- A late dependency, written by a function of version 19 that was still at work, takes its requirement along.
        perform move_task_dependency_entities(row_keys, partition_keys);
        delete from queue_task_requirements_entities r
        using unnest(partition_keys, row_keys) w (partition_key, row_key)
        where r.partition_key = w.partition_key and r.row_key = w.row_key;
        get diagnostics dropped = row_count;
      else
        perform move_task_entities(row_keys);
        execute format(
          'delete from %I e
           using unnest($1, $2) w (partition_key, row_key)
           where e.partition_key = w.partition_key and e.row_key = w.row_key',
          sources[position])
          using partition_keys, row_keys;
        get diagnostics dropped = row_count;
    end case;
    if dropped > 0 then
      raise notice '%: % rows belong to nothing and were dropped', sources[position], dropped;
    end if;
    return next;
  end
  $$;

  create or replace function online_migration_v20_is_complete() returns boolean
  language plpgsql as $$
  begin
    return not exists (select from queue_tasks_entities)
      and not exists (select from queue_task_groups_entities)
      and not exists (select from queue_task_dependencies_entities)
      and not exists (select from queue_task_group_members_entities)
      and not exists (select from queue_task_group_active_sets_entities)
      and not exists (select from queue_task_requirements_entities);
  end
  $$;
end
