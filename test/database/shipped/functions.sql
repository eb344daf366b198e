-- The functions of versions 24 to 30, each called as its service would, on empty tables. The first that does not do
-- what its description says ends the test; everything is rolled back at the end.
begin;

-- github
set local role ci_github;
do $test$
declare
  e uuid;
  r record;
begin
  e := create_github_build('o', 'r', 'sha', 'tg1', 'pending', '2020-01-01', '2020-01-02', 5, 'push', 'ev');
  begin
    perform create_github_build('o', 'r', 'sha', 'tg1', 'pending', '2020-01-01', '2020-01-02', 5, 'push', 'ev');
    raise exception 'no error';
  exception when unique_violation then null;
  end;
  select * into r from get_github_build('tg1');
  assert r.etag = e and r.installation_id = 5;
  assert (select count(*) from get_github_builds('o', null, null, null, null)) = 1;
  assert (select count(*) from get_github_builds('o', 'x', null, 5, 0)) = 0;
  assert (select count(*) from get_pending_github_builds('o', 'r', 'sha', null, null)) = 1;
  assert set_github_build_state('tg1', 'success');
  assert not set_github_build_state('tg2', 'success');
  assert (select count(*) from get_pending_github_builds('o', 'r', null, null, null)) = 0;
  perform create_github_check('tg1', 't1', 's', 'c');
  perform create_github_check('tg1', 't1', 's', 'c2');
  assert (select check_run_id from get_github_check_by_task('tg1', 't1')) = 'c2';
  assert (select task_id from get_github_check_by_run('s', 'c2')) = 't1';
  assert (select count(*) from get_github_checks('tg1', null, null)) = 1;
  perform delete_github_build('tg1');
  assert not exists (select from get_github_checks('tg1', null, null));
end
$test$;
reset role;

-- index
set local role ci_index;
do $test$
begin
  assert (select rank from upsert_indexed_task('a.b', 'c', 5, 't1', '{"x":1}', '3000-01-01')) = 5;
  assert (select (rank, task_id) = (5, 't1') from upsert_indexed_task('a.b', 'c', 4, 't2', '{}', '3000-01-01'));
  assert (select (rank, task_id) = (5, 't3') from upsert_indexed_task('a.b', 'c', 5, 't3', '{}', '3000-01-01'));
  perform upsert_indexed_task('', 'top', 0, 't4', '{}', '3000-01-01');
  perform upsert_indexed_task('a.b', 'old', 0, 't5', '{}', '2000-01-01');
  assert (select task_id from get_indexed_task('a.b', 'c')) = 't3';
  assert (select count(*) from get_indexed_tasks('a.b', null, null)) = 1;
  assert (select string_agg(path || '=' || task_id, ', ')
    from get_indexed_tasks_by_path(array['x.y', 'top', 'a.b.c', 'a.b.old'])) = 'top=t4, a.b.c=t3';
  assert (select count(*) from get_index_paths_of_task('t3')) = 1;
  assert expire_indexed_tasks(now()) = 1;
  perform delete_indexed_task('a.b', 'c');
  assert not exists (select from get_indexed_task('a.b', 'c'));
  assert upsert_index_namespace('a', 'b', '3000-01-01') = '3000-01-01';
  assert upsert_index_namespace('a', 'b', '2000-01-01') = '3000-01-01';
  assert (select name from get_index_namespace('a', 'b')) = 'b';
  assert (select count(*) from get_index_namespaces('a', 10, 0)) = 1;
  assert expire_index_namespaces('3500-01-01') = 1;
end
$test$;
reset role;

-- auth
set local role ci_auth;
do $test$
declare
  e uuid;
  r record;
begin
  e := create_client('c1', 'd', '{"kid":"azure", "v":0}', '2020-01-01',
    false, '["a"]', '{"deleteOnExpiration":true, "created":"x"}');
  e := create_client('c2', 'd', '{}', '3020-01-01', false, '["a"]', '{}');
  assert (select count(*) from get_clients('c', null, null)) = 2;
  assert (select count(*) from get_clients(null, 1, 1)) = 1;
  assert (select count(*) from get_clients('x%', null, null)) = 0;
  assert update_client('c2', null, null, null, true, null, '{"lastDateUsed":"now"}') <> e;
  select * into r from get_client('c2');
  assert r.disabled and r.description = 'd' and r.details = '{"lastDateUsed":"now"}';
  begin
    perform update_client('nope', null, null, null, null, null, null);
    raise exception 'no error';
  exception when no_data_found then null;
  end;
  assert (select array_agg(x) from expire_clients(now()) x) = array['c1'];
  assert delete_client('c2');
  assert not delete_client('c2');
  e := create_role('r1', '["s"]', 'd');
  assert update_role('r1', '["s2"]', 'd2', e) <> e;
  begin
    perform update_role('r1', '[]', '', e);
    raise exception 'no error';
  exception when sqlstate 'P0004' then null;
  end;
  assert (select scopes from get_role('r1')) = '["s2"]';
  assert (select count(*) from get_roles(null, null)) = 1;
  assert delete_role('r1');
end
$test$;
reset role;

-- hooks
set local role ci_hooks;
do $test$
declare
  e uuid;
begin
  e := create_hook('g', 'h', '{}', '{}', '[]', '[]', '{}', '{}', '2020-01-01', '{}');
  assert update_hook('g', 'h', null, '{"t":1}', null, null, null, null, '2021-01-01', null) <> e;
  assert (select task from get_hook('g', 'h')) = '{"t":1}';
  assert (select count(*) from get_hooks('g', now(), null, null)) = 1;
  assert (select count(*) from get_hooks(null, '2020-06-01', null, null)) = 0;
  assert (select hooks from get_hook_groups()) = 1;
  perform upsert_hooks_queue('g', 'h', 'q', '[]');
  perform upsert_hooks_queue('g', 'h', 'q2', '[]');
  assert (select queue_name from get_hooks_queues(5, 0)) = 'q2';
  perform create_last_fire('g', 'h', 'me', 't'||i, '2020-01-01'::timestamptz + i * interval '1 day', 'success', '')
    from generate_series(1, 5) i;
  assert (select array_agg(task_id) from get_last_fires('g', 'h', 2, 0)) = array['t5', 't4'];
  assert delete_last_fires('g', 'h', 2) = 3;
  assert delete_hook('g', 'h');
  assert not exists (select from get_last_fires('g', 'h', null, null));
  assert not exists (select from get_hooks_queues(null, null));
  perform delete_hooks_queue('g', 'h');
end
$test$;
reset role;

-- worker manager
set local role ci_worker_manager;
do $test$
declare
  e uuid;
begin
  e := create_worker('p', 'g', 'w', 'aws', now(), '3000-01-01', 'running', '{}', 2, now(), now(), null);
  e := update_worker('p', 'g', 'w', null, 'stopping', '{"a":1}', 3, null, '{}', e);
  assert (select (state, capacity, provider_data) = ('stopping', 3, '{"a":1}'::jsonb) from get_worker('p', 'g', 'w'));
  begin
    perform update_worker('p', 'g', 'w', null, null, null, null, null, null, gen_random_uuid());
    raise exception 'no error';
  exception when sqlstate 'P0004' then null;
  end;
  assert (select count(*) from get_workers('p', null, 'aws', 'stopping', null, null)) = 1;
  assert get_worker_pool_capacity('p') = 3;
  assert get_worker_pool_capacity('none') = 0;
  assert expire_workers(now()) = 0;
  perform delete_worker('p', 'g', 'w');
  assert not exists (select from get_worker('p', 'g', 'w'));
  e := create_worker_pool('p', 'aws', 'me', 'd', true, '{}', '{}', '[]');
  perform update_worker_pool('p', 'gcp', null, null, null, null, null);
  assert (select previous_provider_ids from get_worker_pool('p')) = '["aws"]';
  perform update_worker_pool('p', null, 'you', null, null, null, null);
  assert (select (previous_provider_ids, owner) = ('["aws"]'::jsonb, 'you') from get_worker_pool('p'));
  perform update_worker_pool('p', 'aws', null, null, null, null, null);
  assert (select previous_provider_ids from get_worker_pool('p')) = '["gcp"]';
  perform remove_worker_pool_previous_provider_id('p', 'gcp');
  assert (select previous_provider_ids from get_worker_pools(1, 0)) = '[]';
  perform delete_worker_pool('p');
  perform create_worker_pool_error('p', 'e1', '2020-01-01', 'k', 't', 'd', '{}');
  assert (select count(*) from get_worker_pool_errors('p', null, null, null)) = 1;
  assert expire_worker_pool_errors(now()) = 1;
end
$test$;
reset role;

-- queue
set local role ci_queue;
do $test$
declare
  r record;
begin
  perform queue_provisioner_seen('pr', '3000-01-01', null, null, null);
  perform queue_provisioner_seen('pr', '2500-01-01', 'dd', 'stable', '[1]');
  assert (select (expires, description, stability, actions) = ('3000-01-01'::timestamptz, 'dd', 'stable', '[1]'::jsonb)
    from get_queue_provisioner('pr'));
  assert (select count(*) from get_queue_provisioners(1, 0)) = 1;
  assert expire_queue_provisioners('3500-01-01') = 1;
  perform queue_worker_type_seen('pr', 'wt', '3000-01-01', null, null);
  perform queue_worker_type_seen('pr', 'wt', '3000-01-01', 'x', null);
  assert (select (description, stability) = ('x', 'experimental') from get_queue_worker_types(null, 'wt', null, null));
  assert expire_queue_worker_types('3500-01-01') = 1;
  perform queue_worker_seen('pr', 'wt', 'g', 'w', '3000-01-01');
  perform queue_worker_seen('pr', 'wt', 'g', 'w', '2999-01-01');
  perform queue_worker_task_claimed('pr', 'wt', 'g', 'w', jsonb_build_object('taskId', 't', 'runId', i))
    from generate_series(1, 25) i;
  select * into r from get_queue_worker('pr', 'wt', 'g', 'w');
  assert jsonb_array_length(r.recent_tasks) = 20
    and r.recent_tasks -> 19 ->> 'runId' = '25' and r.recent_tasks -> 0 ->> 'runId' = '6', r.recent_tasks;
  assert r.quarantine_until = to_timestamp(0);
  assert (select count(*) from get_queue_workers('pr', null, false, null, null)) = 1;
  assert (select quarantine_until from quarantine_queue_worker('pr', 'wt', 'g', 'w', '2900-01-01')) = '2900-01-01';
  assert (select count(*) from get_queue_workers(null, null, true, null, null)) = 1;
  assert (select count(*) from get_quarantined_queue_workers(now())) = 1;
  assert expire_queue_workers('3500-01-01') = 1;
end
$test$;
reset role;

-- audit
set local role ci_auth;
do $test$
begin
  assert insert_audit_entry('client', 'c1', 'created', 'me') is not null;
  perform insert_audit_entry('client', 'c1', 'deleted', 'me');
  begin
    perform insert_audit_entry('x', 'c1', 'deleted', 'me');
    raise exception 'no error';
  exception when invalid_text_representation then null;
  end;
  assert (select array_agg(action) from get_entity_audit_history('client', 'c1', null, null)) = array['deleted', 'created'];
  assert (select count(*) from get_client_audit_history('me', 1, 0)) = 1;
  assert (select client_id from get_deleted_entities('client', now() - interval '1 day')) = 'me';
  assert expire_audit_history(now() + interval '1 s') = 2;
end
$test$;
reset role;

rollback;
