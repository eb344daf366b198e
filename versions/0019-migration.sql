-- The small and medium tables: real columns in place of one JSON value.
--
-- For each table: <table>_from_entity makes a row of an entity, <table>_as_entity an entity of a row. Both are plain
-- SQL and inlined by the planner, so a table moves in one set-based statement and a load finds its row by primary key.
-- The keys of a row are decoded from the keys of the entity. Properties that entities of an older form lack are null;
-- any other missing property, and one that has no column, stops the migration: nothing is lost silently.
declare
  moved bigint;
begin
  -- Nothing may write these between the copy and the drop.
  lock table clients_entities, roles_entities, hooks_entities, hooks_queues_entities,
    hooks_last_fires_entities, wmworkers_entities, wmworker_pools_entities,
    wmworker_pool_errors_entities, queue_workers_entities, queue_worker_types_entities,
    queue_provisioners_entities;

  create function refuse_unknown_properties(entities regclass, known text[]) returns void
  language plpgsql as $$
  declare
    stray record;
  begin
    execute format(
      'select e.partition_key, e.row_key, k.name
       from %s e, lateral jsonb_object_keys(e.value) k (name)
       where not (k.name = any ($1) or regexp_replace(k.name, ''^__buf(chunks|[0-9]+)_'', '''') = any ($1))
       limit 1',
      entities)
      into stray using known || array['PartitionKey', 'RowKey'];
    if stray.name is not null then
      raise exception '%: property "%" has no column', entities, stray.name
        using detail = format('It is in the entity with the keys (%s, %s).', stray.partition_key, stray.row_key),
          hint = 'Give it a column in this version, or remove it from the entity.';
    end if;
  end
  $$;

  -- clients
  create table clients (
    client_id text not null,
    description text not null,
    access_token jsonb not null,
    expires timestamptz not null,
    disabled boolean not null,
    scopes jsonb not null,
    details jsonb not null,
    etag uuid not null default gen_random_uuid(),
    primary key (client_id)
  );
  grant select, insert, update, delete on clients to $db_user_prefix$_auth;

  create function clients_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof clients
  language sql stable as $$
    select
      decode_string_key(pk),
      entity_buf_decode(properties, 'description'),
      entity_to_crypto_container(properties, 'accessToken'),
      (properties ->> 'expires')::timestamptz,
      (properties ->> 'disabled')::boolean,
      entity_buf_decode(properties, 'scopes')::jsonb,
      entity_buf_decode(properties, 'details')::jsonb,
      etag
  $$;

  create function clients_as_entity(c clients)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'clientId', c.client_id,
        'expires', entity_date(c.expires),
        'disabled', c.disabled)
        || entity_buf_encode('{}', 'description', c.description)
        || crypto_container_to_entity(c.access_token, 'accessToken')
        || entity_buf_encode('{}', 'scopes', c.scopes::text)
        || entity_buf_encode('{}', 'details', c.details::text),
      1, c.etag
    from (select encode_string_key(c.client_id) as partition_key, 'client'::text as row_key) k
  $$;

  perform refuse_unknown_properties('clients_entities', array[
    'clientId', 'description', 'accessToken', 'expires', 'disabled', 'scopes', 'details']);
  insert into clients
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from clients_entities
  ) e, lateral clients_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'clients: % rows moved', moved;
  drop table clients_entities;

  -- roles
  create table roles (
    role_id text not null,
    scopes jsonb not null,
    description text not null,
    created timestamptz not null,
    last_modified timestamptz not null,
    etag uuid not null default gen_random_uuid(),
    primary key (role_id)
  );
  grant select, insert, update, delete on roles to $db_user_prefix$_auth;

  create function roles_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof roles
  language sql stable as $$
    select
      decode_string_key(pk),
      entity_buf_decode(properties, 'scopes')::jsonb,
      entity_buf_decode(properties, 'description'),
      (properties ->> 'created')::timestamptz,
      (properties ->> 'lastModified')::timestamptz,
      etag
  $$;

  create function roles_as_entity(r roles)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'roleId', r.role_id,
        'created', entity_date(r.created),
        'lastModified', entity_date(r.last_modified))
        || entity_buf_encode('{}', 'scopes', r.scopes::text)
        || entity_buf_encode('{}', 'description', r.description),
      1, r.etag
    from (select encode_string_key(r.role_id) as partition_key, 'role'::text as row_key) k
  $$;

  perform refuse_unknown_properties('roles_entities', array[
    'roleId', 'scopes', 'description', 'created', 'lastModified']);
  insert into roles
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from roles_entities
  ) e, lateral roles_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'roles: % rows moved', moved;
  drop table roles_entities;

  -- hooks
  create table hooks (
    hook_group_id text not null,
    hook_id text not null,
    metadata jsonb not null,
    task jsonb not null,
    bindings jsonb,
    schedule jsonb not null,
    trigger_token jsonb not null,
    next_task_id jsonb not null,
    next_scheduled_date timestamptz not null,
    trigger_schema jsonb,
    etag uuid not null default gen_random_uuid(),
    primary key (hook_group_id, hook_id)
  );
  create index hooks_next_scheduled_date_idx on hooks (next_scheduled_date);
  grant select, insert, update, delete on hooks to $db_user_prefix$_hooks;

  create function hooks_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof hooks
  language sql stable as $$
    select
      decode_string_key(pk),
      decode_string_key(rk),
      entity_buf_decode(properties, 'metadata')::jsonb,
      entity_buf_decode(properties, 'task')::jsonb,
      entity_buf_decode(properties, 'bindings')::jsonb,
      entity_buf_decode(properties, 'schedule')::jsonb,
      entity_to_crypto_container(properties, 'triggerToken'),
      entity_to_crypto_container(properties, 'nextTaskId'),
      (properties ->> 'nextScheduledDate')::timestamptz,
      entity_buf_decode(properties, 'triggerSchema')::jsonb,
      etag
  $$;

  create function hooks_as_entity(h hooks)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'hookGroupId', h.hook_group_id,
        'hookId', h.hook_id,
        'nextScheduledDate', entity_date(h.next_scheduled_date))
        || entity_buf_encode('{}', 'metadata', h.metadata::text)
        || entity_buf_encode('{}', 'task', h.task::text)
        || entity_buf_encode('{}', 'bindings', h.bindings::text)
        || entity_buf_encode('{}', 'schedule', h.schedule::text)
        || crypto_container_to_entity(h.trigger_token, 'triggerToken')
        || crypto_container_to_entity(h.next_task_id, 'nextTaskId')
        || entity_buf_encode('{}', 'triggerSchema', h.trigger_schema::text),
      1, h.etag
    from (
      select
        encode_string_key(h.hook_group_id) as partition_key,
        encode_string_key(h.hook_id) as row_key
    ) k
  $$;

  perform refuse_unknown_properties('hooks_entities', array[
    'hookGroupId', 'hookId', 'metadata', 'task', 'bindings', 'schedule', 'triggerToken',
    'nextTaskId', 'nextScheduledDate', 'triggerSchema']);
  insert into hooks
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from hooks_entities
  ) e, lateral hooks_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'hooks: % rows moved', moved;
  drop table hooks_entities;

  -- hooks_queues
  create table hooks_queues (
    hook_group_id text not null,
    hook_id text not null,
    queue_name text not null,
    bindings jsonb not null,
    etag uuid not null default gen_random_uuid(),
    primary key (hook_group_id, hook_id)
  );
  grant select, insert, update, delete on hooks_queues to $db_user_prefix$_hooks;

  create function hooks_queues_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof hooks_queues
  language sql stable as $$
    select
      decode_string_key(pk),
      decode_string_key(rk),
      properties ->> 'queueName',
      entity_buf_decode(properties, 'bindings')::jsonb,
      etag
  $$;

  create function hooks_queues_as_entity(q hooks_queues)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'hookGroupId', q.hook_group_id,
        'hookId', q.hook_id,
        'queueName', q.queue_name)
        || entity_buf_encode('{}', 'bindings', q.bindings::text),
      1, q.etag
    from (
      select
        encode_string_key(q.hook_group_id) as partition_key,
        encode_string_key(q.hook_id) as row_key
    ) k
  $$;

  perform refuse_unknown_properties('hooks_queues_entities', array[
    'hookGroupId', 'hookId', 'queueName', 'bindings']);
  insert into hooks_queues
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from hooks_queues_entities
  ) e, lateral hooks_queues_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'hooks_queues: % rows moved', moved;
  drop table hooks_queues_entities;

  -- hooks_last_fires
  create table hooks_last_fires (
    hook_group_id text not null,
    hook_id text not null,
    fired_by text not null,
    task_id text not null,
    task_create_time timestamptz,
    result text not null,
    error text not null,
    etag uuid not null default gen_random_uuid(),
    primary key (hook_group_id, hook_id, task_id)
  );
  create index hooks_last_fires_task_create_time_idx
    on hooks_last_fires (hook_group_id, hook_id, task_create_time desc);
  grant select, insert, update, delete on hooks_last_fires to $db_user_prefix$_hooks;

  create function hooks_last_fires_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof hooks_last_fires
  language sql stable as $$
    select
      (decode_composite_key(pk))[1],
      (decode_composite_key(pk))[2],
      properties ->> 'firedBy',
      decode_string_key(rk),
      (properties ->> 'taskCreateTime')::timestamptz,
      properties ->> 'result',
      entity_buf_decode(properties, 'error'),
      etag
  $$;

  create function hooks_last_fires_as_entity(f hooks_last_fires)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_strip_nulls(jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'hookGroupId', f.hook_group_id,
        'hookId', f.hook_id,
        'firedBy', f.fired_by,
        'taskId', f.task_id,
        'taskCreateTime', entity_date(f.task_create_time),
        'result', f.result))
        || entity_buf_encode('{}', 'error', f.error),
      1, f.etag
    from (
      select
        encode_composite_key(f.hook_group_id, f.hook_id) as partition_key,
        encode_string_key(f.task_id) as row_key
    ) k
  $$;

  perform refuse_unknown_properties('hooks_last_fires_entities', array[
    'hookGroupId', 'hookId', 'firedBy', 'taskId', 'taskCreateTime', 'result', 'error']);
  insert into hooks_last_fires
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from hooks_last_fires_entities
  ) e, lateral hooks_last_fires_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'hooks_last_fires: % rows moved', moved;
  drop table hooks_last_fires_entities;

  -- workers
  create table workers (
    worker_pool_id text not null,
    worker_group text not null,
    worker_id text not null,
    provider_id text not null,
    created timestamptz not null,
    expires timestamptz not null,
    state text not null,
    provider_data jsonb not null,
    capacity integer not null,
    last_modified timestamptz,
    last_checked timestamptz,
    secret jsonb,
    etag uuid not null default gen_random_uuid(),
    primary key (worker_pool_id, worker_group, worker_id)
  );
  create index workers_expires_idx on workers (expires);
  grant select, insert, update, delete on workers to $db_user_prefix$_worker_manager;

  create function workers_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof workers
  language sql stable as $$
    select
      (decode_composite_key(pk))[1],
      (decode_composite_key(pk))[2],
      decode_string_key(rk),
      properties ->> 'providerId',
      (properties ->> 'created')::timestamptz,
      (properties ->> 'expires')::timestamptz,
      properties ->> 'state',
      entity_buf_decode(properties, 'providerData')::jsonb,
      (properties ->> 'capacity')::integer,
      (properties ->> 'lastModified')::timestamptz,
      (properties ->> 'lastChecked')::timestamptz,
      entity_to_crypto_container(properties, 'secret'),
      etag
  $$;

  create function workers_as_entity(w workers)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_strip_nulls(jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'workerPoolId', w.worker_pool_id,
        'workerGroup', w.worker_group,
        'workerId', w.worker_id,
        'providerId', w.provider_id,
        'created', entity_date(w.created),
        'expires', entity_date(w.expires),
        'state', w.state,
        'capacity', w.capacity,
        'lastModified', entity_date(w.last_modified),
        'lastChecked', entity_date(w.last_checked)))
        || entity_buf_encode('{}', 'providerData', w.provider_data::text)
        || coalesce(crypto_container_to_entity(w.secret, 'secret'), '{}'),
      1, w.etag
    from (
      select
        encode_composite_key(w.worker_pool_id, w.worker_group) as partition_key,
        encode_string_key(w.worker_id) as row_key
    ) k
  $$;

  perform refuse_unknown_properties('wmworkers_entities', array[
    'workerPoolId', 'workerGroup', 'workerId', 'providerId', 'created', 'expires', 'state',
    'providerData', 'capacity', 'lastModified', 'lastChecked', 'secret']);
  insert into workers
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from wmworkers_entities
  ) e, lateral workers_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'workers: % rows moved', moved;
  drop table wmworkers_entities;

  -- worker_pools
  create table worker_pools (
    worker_pool_id text not null,
    provider_id text not null,
    owner text not null,
    description text not null,
    email_on_error boolean not null,
    created timestamptz not null,
    last_modified timestamptz not null,
    config jsonb not null,
    provider_data jsonb not null,
    previous_provider_ids jsonb not null,
    etag uuid not null default gen_random_uuid(),
    primary key (worker_pool_id)
  );
  grant select, insert, update, delete on worker_pools to $db_user_prefix$_worker_manager;

  create function worker_pools_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof worker_pools
  language sql stable as $$
    select
      decode_string_key(pk),
      properties ->> 'providerId',
      properties ->> 'owner',
      entity_buf_decode(properties, 'description'),
      (properties ->> 'emailOnError')::boolean,
      (properties ->> 'created')::timestamptz,
      (properties ->> 'lastModified')::timestamptz,
      entity_buf_decode(properties, 'config')::jsonb,
      entity_buf_decode(properties, 'providerData')::jsonb,
      entity_buf_decode(properties, 'previousProviderIds')::jsonb,
      etag
  $$;

  create function worker_pools_as_entity(p worker_pools)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'workerPoolId', p.worker_pool_id,
        'providerId', p.provider_id,
        'owner', p.owner,
        'emailOnError', p.email_on_error,
        'created', entity_date(p.created),
        'lastModified', entity_date(p.last_modified))
        || entity_buf_encode('{}', 'description', p.description)
        || entity_buf_encode('{}', 'config', p.config::text)
        || entity_buf_encode('{}', 'providerData', p.provider_data::text)
        || entity_buf_encode('{}', 'previousProviderIds', p.previous_provider_ids::text),
      1, p.etag
    from (select encode_string_key(p.worker_pool_id) as partition_key, 'pool'::text as row_key) k
  $$;

  perform refuse_unknown_properties('wmworker_pools_entities', array[
    'workerPoolId', 'providerId', 'owner', 'description', 'emailOnError', 'created',
    'lastModified', 'config', 'providerData', 'previousProviderIds']);
  insert into worker_pools
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from wmworker_pools_entities
  ) e, lateral worker_pools_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'worker_pools: % rows moved', moved;
  drop table wmworker_pools_entities;

  -- worker_pool_errors
  create table worker_pool_errors (
    worker_pool_id text not null,
    error_id text not null,
    reported timestamptz not null,
    kind text not null,
    title text not null,
    description text not null,
    extra jsonb not null,
    etag uuid not null default gen_random_uuid(),
    primary key (worker_pool_id, error_id)
  );
  create index worker_pool_errors_reported_idx on worker_pool_errors (reported);
  grant select, insert, update, delete on worker_pool_errors to $db_user_prefix$_worker_manager;

  create function worker_pool_errors_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof worker_pool_errors
  language sql stable as $$
    select
      decode_string_key(pk),
      decode_string_key(rk),
      (properties ->> 'reported')::timestamptz,
      properties ->> 'kind',
      properties ->> 'title',
      entity_buf_decode(properties, 'description'),
      entity_buf_decode(properties, 'extra')::jsonb,
      etag
  $$;

  create function worker_pool_errors_as_entity(x worker_pool_errors)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'workerPoolId', x.worker_pool_id,
        'errorId', x.error_id,
        'reported', entity_date(x.reported),
        'kind', x.kind,
        'title', x.title)
        || entity_buf_encode('{}', 'description', x.description)
        || entity_buf_encode('{}', 'extra', x.extra::text),
      1, x.etag
    from (
      select
        encode_string_key(x.worker_pool_id) as partition_key,
        encode_string_key(x.error_id) as row_key
    ) k
  $$;

  perform refuse_unknown_properties('wmworker_pool_errors_entities', array[
    'workerPoolId', 'errorId', 'reported', 'kind', 'title', 'description', 'extra']);
  insert into worker_pool_errors
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from wmworker_pool_errors_entities
  ) e, lateral worker_pool_errors_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'worker_pool_errors: % rows moved', moved;
  drop table wmworker_pool_errors_entities;

  -- queue_workers
  create table queue_workers (
    provisioner_id text not null,
    worker_type text not null,
    worker_group text not null,
    worker_id text not null,
    recent_tasks jsonb not null,
    quarantine_until timestamptz not null,
    expires timestamptz not null,
    first_claim timestamptz not null,
    etag uuid not null default gen_random_uuid(),
    primary key (provisioner_id, worker_type, worker_group, worker_id)
  );
  create index queue_workers_expires_idx on queue_workers (expires);
  grant select, insert, update, delete on queue_workers to $db_user_prefix$_queue;

  create function queue_workers_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof queue_workers
  language sql stable as $$
    select
      (decode_composite_key(pk))[1],
      (decode_composite_key(pk))[2],
      (decode_composite_key(rk))[1],
      (decode_composite_key(rk))[2],
      entity_buf_decode(properties, 'recentTasks')::jsonb,
      (properties ->> 'quarantineUntil')::timestamptz,
      (properties ->> 'expires')::timestamptz,
      (properties ->> 'firstClaim')::timestamptz,
      etag
  $$;

  create function queue_workers_as_entity(w queue_workers)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'provisionerId', w.provisioner_id,
        'workerType', w.worker_type,
        'workerGroup', w.worker_group,
        'workerId', w.worker_id,
        'quarantineUntil', entity_date(w.quarantine_until),
        'expires', entity_date(w.expires),
        'firstClaim', entity_date(w.first_claim))
        || entity_buf_encode('{}', 'recentTasks', w.recent_tasks::text),
      1, w.etag
    from (
      select
        encode_composite_key(w.provisioner_id, w.worker_type) as partition_key,
        encode_composite_key(w.worker_group, w.worker_id) as row_key
    ) k
  $$;

  perform refuse_unknown_properties('queue_workers_entities', array[
    'provisionerId', 'workerType', 'workerGroup', 'workerId', 'recentTasks', 'quarantineUntil',
    'expires', 'firstClaim']);
  insert into queue_workers
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from queue_workers_entities
  ) e, lateral queue_workers_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'queue_workers: % rows moved', moved;
  drop table queue_workers_entities;

  -- queue_worker_types
  create table queue_worker_types (
    provisioner_id text not null,
    worker_type text not null,
    expires timestamptz not null,
    last_date_active timestamptz not null,
    description text not null,
    stability text not null,
    etag uuid not null default gen_random_uuid(),
    primary key (provisioner_id, worker_type)
  );
  grant select, insert, update, delete on queue_worker_types to $db_user_prefix$_queue;

  create function queue_worker_types_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof queue_worker_types
  language sql stable as $$
    select
      decode_string_key(pk),
      decode_string_key(rk),
      (properties ->> 'expires')::timestamptz,
      (properties ->> 'lastDateActive')::timestamptz,
      entity_buf_decode(properties, 'description'),
      properties ->> 'stability',
      etag
  $$;

  create function queue_worker_types_as_entity(t queue_worker_types)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'provisionerId', t.provisioner_id,
        'workerType', t.worker_type,
        'expires', entity_date(t.expires),
        'lastDateActive', entity_date(t.last_date_active),
        'stability', t.stability)
        || entity_buf_encode('{}', 'description', t.description),
      1, t.etag
    from (
      select
        encode_string_key(t.provisioner_id) as partition_key,
        encode_string_key(t.worker_type) as row_key
    ) k
  $$;

  perform refuse_unknown_properties('queue_worker_types_entities', array[
    'provisionerId', 'workerType', 'expires', 'lastDateActive', 'description', 'stability']);
  insert into queue_worker_types
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from queue_worker_types_entities
  ) e, lateral queue_worker_types_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'queue_worker_types: % rows moved', moved;
  drop table queue_worker_types_entities;

  -- queue_provisioners
  create table queue_provisioners (
    provisioner_id text not null,
    expires timestamptz not null,
    last_date_active timestamptz not null,
    description text not null,
    stability text not null,
    actions jsonb not null,
    etag uuid not null default gen_random_uuid(),
    primary key (provisioner_id)
  );
  grant select, insert, update, delete on queue_provisioners to $db_user_prefix$_queue;

  create function queue_provisioners_from_entity(pk text, rk text, properties jsonb, etag uuid)
  returns setof queue_provisioners
  language sql stable as $$
    select
      decode_string_key(pk),
      (properties ->> 'expires')::timestamptz,
      (properties ->> 'lastDateActive')::timestamptz,
      entity_buf_decode(properties, 'description'),
      properties ->> 'stability',
      entity_buf_decode(properties, 'actions')::jsonb,
      etag
  $$;

  create function queue_provisioners_as_entity(p queue_provisioners)
  returns table (partition_key text, row_key text, value jsonb, version integer, etag uuid)
  language sql stable as $$
    select k.partition_key, k.row_key,
      jsonb_build_object(
        'PartitionKey', k.partition_key,
        'RowKey', k.row_key,
        'provisionerId', p.provisioner_id,
        'expires', entity_date(p.expires),
        'lastDateActive', entity_date(p.last_date_active),
        'stability', p.stability)
        || entity_buf_encode('{}', 'description', p.description)
        || entity_buf_encode('{}', 'actions', p.actions::text),
      1, p.etag
    from (select encode_string_key(p.provisioner_id) as partition_key, 'provisioner'::text as row_key) k
  $$;

  perform refuse_unknown_properties('queue_provisioners_entities', array[
    'provisionerId', 'expires', 'lastDateActive', 'description', 'stability', 'actions']);
  insert into queue_provisioners
  select r.*
  from (
    select partition_key, row_key, value, coalesce(etag, gen_random_uuid()) as etag
    from queue_provisioners_entities
  ) e, lateral queue_provisioners_from_entity(e.partition_key, e.row_key, e.value, e.etag) r;
  get diagnostics moved = row_count;
  raise notice 'queue_provisioners: % rows moved', moved;
  drop table queue_provisioners_entities;
end
