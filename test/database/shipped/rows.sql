-- Rows of the three tables that were never entities, put in at version 3.
insert into sessions (hashed_session_id, encrypted_session_id, data, expires)
select md5(i::text), jsonb_build_object('kid', 'azure', 'v', 0, '__bufchunks_val', 1, '__buf0_val', 'c2VjcmV0'),
  jsonb_build_object('user', i, 'name', 'it''s "me"'), timestamptz '2030-01-01' + i * interval '1 hour'
from generate_series(1, 20) i;

insert into azure_queue_messages (message_id, queue_name, message_text, inserted, visible, expires)
select md5(i::text)::uuid, 'queue' || i % 3, '{"task": ' || i || '}', timestamptz '2020-01-01' + i * interval '1 s',
  timestamptz '2020-01-01', timestamptz '2030-01-01'
from generate_series(1, 20) i;

insert into github_integrations (owner, installation_id) select 'owner' || i, 1000 + i from generate_series(1, 20) i;
