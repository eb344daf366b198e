-- The rows go back while the services run, too, by the same rules with the arrow turned: whoever writes moves the row
-- back first, the new tables get no new rows, whoever reads reads both forms.
--
-- The services have no functions for that: with this script the methods of version 20 become those of version 19,
-- which know only entities, and tens of millions of tasks would be out of sight until they are back. So functions for
-- both forms are put into a table here, and when the transaction commits, with the methods of version 19 in place, a
-- deferred trigger exchanges them: version 19's are kept in that table until the last row is back. Until then
-- `dbtool check` finds those thirty functions changed, which they are.
declare
  entities text;
  move_back text;
  implied text;
begin
  -- By key from the last one, table after table, like the way up. When nothing is left, a batch gives the services
  -- version 19's functions, and the next one, when calls of the others have ended, drops the new tables.
  create or replace function online_downgrade_v20_batch(batch_size_in integer, state_in jsonb)
  returns table (count integer, state jsonb)
  language plpgsql set enable_seqscan = off set jit = off as $$
  declare
    step text := coalesce(state_in ->> 'step', 'tasks');
    last_key text := coalesce(state_in ->> 'key', '');
    last_required text := coalesce(state_in ->> 'required', '');
    keys text[];
    required_keys text[];
    kept record;
  begin
    if to_regclass('tasks') is null then
      return query select 0, state_in;
      return;
    end if;

    if step = 'tasks' then
      select array_agg(k.task_id) into keys
      from (select t.task_id from tasks t where t.task_id > last_key order by t.task_id limit batch_size_in) k;
      if keys is not null then
        perform move_tasks_back(keys);
        return query select cardinality(keys), jsonb_build_object('step', step, 'key', keys[cardinality(keys)]);
        return;
      end if;
      step := 'task_groups';
      last_key := '';
    end if;

    if step = 'task_groups' then
      select array_agg(k.task_group_id) into keys
      from (
        select g.task_group_id from task_groups g
        where g.task_group_id > last_key order by g.task_group_id limit batch_size_in
      ) k;
      if keys is not null then
        perform move_task_groups_back(keys);
        return query select cardinality(keys), jsonb_build_object('step', step, 'key', keys[cardinality(keys)]);
        return;
      end if;
      step := 'task_dependencies';
      last_key := '';
    end if;

    if step = 'task_dependencies' then
      select array_agg(k.dependent_task_id), array_agg(k.required_task_id) into keys, required_keys
      from (
        select d.dependent_task_id, d.required_task_id from task_dependencies d
        where (d.dependent_task_id, d.required_task_id) > (last_key, last_required)
        order by d.dependent_task_id, d.required_task_id limit batch_size_in
      ) k;
      if keys is not null then
        perform move_task_dependencies_back(keys, required_keys);
        return query select cardinality(keys), jsonb_build_object(
          'step', step, 'key', keys[cardinality(keys)], 'required', required_keys[cardinality(keys)]);
        return;
      end if;
      step := 'functions';
    end if;

    if step = 'functions' then
      -- lint: allow online-batch-scans: a row for each function that is to be made again
      for kept in select f.afterwards from tasks_downgrade f loop
        execute kept.afterwards;
      end loop;
      -- lint: allow online-batch-scans: a row for each function that is to be made again
      delete from tasks_downgrade;
      return query select 1, jsonb_build_object('step', 'tables');
      return;
    end if;

    -- A call that had begun under version 20 may have left a last row.
    -- The services must not wait behind a lock that does not come: then this batch is run again.
    set local lock_timeout = '300ms';
    lock table tasks, task_groups, task_dependencies in access exclusive mode;
    -- lint: allow online-batch-scans: moved but for what came late
    perform move_tasks_back(array(select t.task_id from tasks t));
    -- lint: allow online-batch-scans: moved but for what came late
    perform move_task_groups_back(array(select g.task_group_id from task_groups g));
    -- lint: allow online-batch-scans: moved but for what came late
    perform move_task_dependencies_back(array_agg(d.dependent_task_id), array_agg(d.required_task_id))
    from task_dependencies d;
    drop table if exists tasks_downgrade;
    drop function if exists tasks_downgrade_take_over();
    drop function move_task_dependencies_back(text[], text[]);
    drop function move_task_groups_back(text[]);
    drop function move_tasks_back(text[]);
    drop function move_task_dependency_entities(text[], text[]);
    drop function move_task_group_entities(text[]);
    drop function move_task_entities(text[]);
    drop function task_requirements_as_entity(task_dependencies);
    drop function task_dependencies_as_entity(task_dependencies);
    drop function task_dependencies_from_entity(text, text, jsonb, boolean, uuid);
    drop function task_group_members_as_entity(tasks);
    drop function task_groups_as_entity(task_groups);
    drop function task_groups_from_entity(text, jsonb, uuid);
    drop function tasks_as_entity(tasks);
    drop function tasks_from_entity(text, jsonb, uuid, boolean);
    drop function task_json_as_text(jsonb);
    drop function task_json_from_text(text);
    drop table task_dependencies;
    drop table task_groups;
    drop table tasks;
    drop type task_dependency_requires;
    drop type task_priority;
    drop type task_requires;
    return query select 0, jsonb_build_object('step', 'tables');
  end
  $$;

  create or replace function online_downgrade_v20_is_complete() returns boolean
  language plpgsql as $$
  begin
    return to_regclass('tasks') is null;
  end
  $$;

  -- What services call meanwhile, and what they are to call afterwards. A definition is exchanged in place, under the
  -- same name and oid, so that a statement that is being executed finds its function.
  create table tasks_downgrade (
    function_name text not null,
    meanwhile text not null,
    afterwards text,
    primary key (function_name)
  );
  create function tasks_downgrade_take_over() returns trigger
  language plpgsql as $take_over$
  begin
    update tasks_downgrade f
    set afterwards = pg_get_functiondef(new.function_name::regproc)
    where f.function_name = new.function_name;
    execute new.meanwhile;
    return null;
  end
  $take_over$;
  create constraint trigger take_over after insert on tasks_downgrade deferrable initially deferred
    for each row execute function tasks_downgrade_take_over();

  foreach entities in array array[
    'queue_tasks_entities', 'queue_task_groups_entities', 'queue_task_group_members_entities',
    'queue_task_group_active_sets_entities', 'queue_task_requirements_entities',
    'queue_task_dependencies_entities']
  loop
    insert into tasks_downgrade
    select f, pg_get_functiondef(f::regproc) from unnest(array[entities || '_load', entities || '_scan']) f;

    move_back := case entities
      when 'queue_task_groups_entities' then 'move_task_groups_back(array[$1])'
      when 'queue_tasks_entities' then 'move_tasks_back(array[$1])'
      when 'queue_task_dependencies_entities' then 'move_task_dependencies_back(array[$2], array[$1])'
      when 'queue_task_requirements_entities' then 'move_task_dependencies_back(array[$1], array[$2])'
      else 'move_tasks_back(array[$2])' end;

    -- Under version 20 a task implies its member and its entry in the active set, a dependency its requirement. A
    -- service that has relied on that when it began to create a task must find them in the end.
    implied := case entities
      when 'queue_tasks_entities' then $implied$
            insert into queue_task_group_members_entities
            select e.*
            from tasks_from_entity($1, $3, new_etag, false) t, lateral task_group_members_as_entity(t) e
            on conflict do nothing;
            insert into queue_task_group_active_sets_entities
            select e.*
            from tasks_from_entity($1, $3, new_etag, false) t, lateral task_group_members_as_entity(t) e
            on conflict do nothing; $implied$
      when 'queue_task_dependencies_entities' then $implied$
            insert into queue_task_requirements_entities
            select e.*
            from task_dependencies_from_entity($1, $2, $3, false, new_etag) d, lateral task_requirements_as_entity(d) e
            on conflict do nothing; $implied$
      else 'null;' end;

    insert into tasks_downgrade values (entities || '_create', format(
      $function$
        create or replace function %2$I(pk text, rk text, properties jsonb, overwrite boolean, version integer)
        returns uuid language plpgsql as $$
        declare
          new_etag uuid := gen_random_uuid();
        begin
          perform %3$s;
          if not exists (select from %1$I e where e.partition_key = $1 and e.row_key = $2) then
            %4$s
          end if;
          if overwrite then
            insert into %1$I values ($1, $2, $3, $5, new_etag)
            on conflict (partition_key, row_key) do update
              set value = excluded.value, version = excluded.version, etag = excluded.etag;
          else
            insert into %1$I values ($1, $2, $3, $5, new_etag);
          end if;
          return new_etag;
        end
        $$
      $function$, entities, entities || '_create', move_back, implied));
    insert into tasks_downgrade values (entities || '_remove', format(
      $function$
        create or replace function %2$I(partition_key text, row_key text)
        returns table (etag uuid) language plpgsql as $$
        begin
          perform %3$s;
          return query delete from %1$I e where e.partition_key = $1 and e.row_key = $2 returning e.etag;
        end
        $$
      $function$, entities, entities || '_remove', move_back));
    insert into tasks_downgrade values (entities || '_modify', format(
      $function$
        create or replace function %2$I(
          partition_key text, row_key text, properties jsonb, version integer, old_etag uuid)
        returns table (etag uuid) language plpgsql as $$
        begin
          perform %3$s;
          return query
            update %1$I e
            set value = $3, version = $4, etag = gen_random_uuid()
            where e.partition_key = $1 and e.row_key = $2 and e.etag = $5
            returning e.etag;
          if not found then
            raise exception 'unsuccessful update' using errcode = 'P0004';
          end if;
        end
        $$
      $function$, entities, entities || '_modify', move_back));
  end loop;
end
