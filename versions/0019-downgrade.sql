-- Every row goes back into an entities table, with its etag, as version 1 of its form.
declare
  moved bigint;
begin
  -- Nothing may write these between the copy and the drop.
  lock table clients, roles, hooks, hooks_queues, hooks_last_fires, workers, worker_pools,
    worker_pool_errors, queue_workers, queue_worker_types, queue_provisioners;

  -- clients
  create table clients_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on clients_entities to $db_user_prefix$_auth;
  insert into clients_entities
  select e.*
  from clients r, lateral clients_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'clients_entities: % rows moved back', moved;
  drop function clients_as_entity(clients);
  drop function clients_from_entity(text, text, jsonb, uuid);
  drop table clients;

  -- roles
  create table roles_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on roles_entities to $db_user_prefix$_auth;
  insert into roles_entities
  select e.*
  from roles r, lateral roles_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'roles_entities: % rows moved back', moved;
  drop function roles_as_entity(roles);
  drop function roles_from_entity(text, text, jsonb, uuid);
  drop table roles;

  -- hooks
  create table hooks_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on hooks_entities to $db_user_prefix$_hooks;
  insert into hooks_entities
  select e.*
  from hooks r, lateral hooks_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'hooks_entities: % rows moved back', moved;
  drop function hooks_as_entity(hooks);
  drop function hooks_from_entity(text, text, jsonb, uuid);
  drop table hooks;

  -- hooks_queues
  create table hooks_queues_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on hooks_queues_entities to $db_user_prefix$_hooks;
  insert into hooks_queues_entities
  select e.*
  from hooks_queues r, lateral hooks_queues_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'hooks_queues_entities: % rows moved back', moved;
  drop function hooks_queues_as_entity(hooks_queues);
  drop function hooks_queues_from_entity(text, text, jsonb, uuid);
  drop table hooks_queues;

  -- hooks_last_fires
  create table hooks_last_fires_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on hooks_last_fires_entities to $db_user_prefix$_hooks;
  insert into hooks_last_fires_entities
  select e.*
  from hooks_last_fires r, lateral hooks_last_fires_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'hooks_last_fires_entities: % rows moved back', moved;
  drop function hooks_last_fires_as_entity(hooks_last_fires);
  drop function hooks_last_fires_from_entity(text, text, jsonb, uuid);
  drop table hooks_last_fires;

  -- workers
  create table wmworkers_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on wmworkers_entities to $db_user_prefix$_worker_manager;
  insert into wmworkers_entities
  select e.*
  from workers r, lateral workers_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'wmworkers_entities: % rows moved back', moved;
  drop function workers_as_entity(workers);
  drop function workers_from_entity(text, text, jsonb, uuid);
  drop table workers;

  -- worker_pools
  create table wmworker_pools_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on wmworker_pools_entities to $db_user_prefix$_worker_manager;
  insert into wmworker_pools_entities
  select e.*
  from worker_pools r, lateral worker_pools_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'wmworker_pools_entities: % rows moved back', moved;
  drop function worker_pools_as_entity(worker_pools);
  drop function worker_pools_from_entity(text, text, jsonb, uuid);
  drop table worker_pools;

  -- worker_pool_errors
  create table wmworker_pool_errors_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on wmworker_pool_errors_entities to $db_user_prefix$_worker_manager;
  insert into wmworker_pool_errors_entities
  select e.*
  from worker_pool_errors r, lateral worker_pool_errors_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'wmworker_pool_errors_entities: % rows moved back', moved;
  drop function worker_pool_errors_as_entity(worker_pool_errors);
  drop function worker_pool_errors_from_entity(text, text, jsonb, uuid);
  drop table worker_pool_errors;

  -- queue_workers
  create table queue_workers_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_workers_entities to $db_user_prefix$_queue;
  insert into queue_workers_entities
  select e.*
  from queue_workers r, lateral queue_workers_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'queue_workers_entities: % rows moved back', moved;
  drop function queue_workers_as_entity(queue_workers);
  drop function queue_workers_from_entity(text, text, jsonb, uuid);
  drop table queue_workers;

  -- queue_worker_types
  create table queue_worker_types_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_worker_types_entities to $db_user_prefix$_queue;
  insert into queue_worker_types_entities
  select e.*
  from queue_worker_types r, lateral queue_worker_types_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'queue_worker_types_entities: % rows moved back', moved;
  drop function queue_worker_types_as_entity(queue_worker_types);
  drop function queue_worker_types_from_entity(text, text, jsonb, uuid);
  drop table queue_worker_types;

  -- queue_provisioners
  create table queue_provisioners_entities (
    partition_key text,
    row_key text,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on queue_provisioners_entities to $db_user_prefix$_queue;
  insert into queue_provisioners_entities
  select e.*
  from queue_provisioners r, lateral queue_provisioners_as_entity(r) e;
  get diagnostics moved = row_count;
  raise notice 'queue_provisioners_entities: % rows moved back', moved;
  drop function queue_provisioners_as_entity(queue_provisioners);
  drop function queue_provisioners_from_entity(text, text, jsonb, uuid);
  drop table queue_provisioners;

  drop function refuse_unknown_properties(regclass, text[]);
end
