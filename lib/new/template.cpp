#include "new/template.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dbtool {

namespace {

// In the templates, @V is the version's number, @W the next one's, @D the description, @T the object's name,
// @S the service and @U its database user behind the prefix.

constexpr std::string_view table_template = R"yaml(version: @V
description: @D
# Runs as one PL/pgSQL block, in one transaction with the methods below. Locks on existing tables are taken with care;
# still, do here only what is quick. Declare the table in tables.yml, and who uses it in access.yml:
#   @T:
#     id: text not null
#     data: jsonb not null
#     created: timestamp with time zone not null
#     expires: timestamp with time zone not null
migrationScript: |-
  begin
    create table @T (
      id text not null,
      data jsonb not null,
      created timestamptz not null,
      expires timestamptz not null
    );
    alter table @T add primary key (id);
    create index @T_expires_idx on @T (expires);
    grant select, insert, update, delete on @T to $db_user_prefix$_@U;
  end
# Must lead to the very schema that was there before.
downgradeScript: |-
  begin
    drop table @T;
  end
# Said to the person who is about to downgrade.
loses: the rows of @T
# Functions are forever: mode, serviceName, args and returns can never change, only the body can.
methods:
  @T_get:
    description: The row of @T with this id, if there is one.
    mode: read
    serviceName: @S
    args: id_in text
    returns: table (id text, data jsonb, created timestamptz, expires timestamptz)
    body: |-
      begin
        return query
          select t.id, t.data, t.created, t.expires
          from @T t
          where t.id = id_in;
      end
  @T_expire:
    description: Delete the rows of @T that expired before this time; returns how many.
    mode: write
    serviceName: @S
    args: now_in timestamptz
    returns: integer
    body: |-
      declare
        deleted integer;
      begin
        delete from @T where expires < now_in;
        get diagnostics deleted = row_count;
        return deleted;
      end
)yaml";

constexpr std::string_view methods_template = R"yaml(version: @V
description: @D
# Functions are forever: mode, serviceName, args and returns can never change once a release has called the function. To
# change them write a new function, and mark the old one here:
#   old_function:
#     deprecated: true
methods:
  @T:
    description: @D
    # A read function is called in a read-only transaction.
    mode: read
    serviceName: @S
    # Names that end in _in cannot be mistaken for columns.
    args: id_in text
    returns: table (id text)
    body: |-
      begin
        return query select id_in;
      end
)yaml";

constexpr std::string_view online_functions_template = R"yaml(version: @V
description: @D
# The script changes the schema and returns at once. The rows are moved afterwards by the two functions that it creates, in
# many short transactions, while the services go on. Here: a new column of the table @T (key: id) is filled.
migrationScript: |-
  begin
    -- Without a default and `not null`, this takes no time however large the table is.
    alter table @T add column new_value text;

    -- Called again and again until it returns count 0, each time with the state that the last call returned, {} at first.
    -- The state must lead it past what is done: a batch that searches from the start gets slower with each call.
    create function online_migration_v@V_batch(batch_size_in integer, state_in jsonb)
      returns table (count integer, state jsonb) as $$
    begin
      return query
        with batch as (
          select t.id
          from @T t
          where t.id > coalesce(state_in ->> 'last_id', '')
          order by t.id
          limit batch_size_in
          for update
        ), moved as (
          update @T t
          set new_value = t.id
          from batch b
          where t.id = b.id
          returning t.id
        )
        select count(*)::integer, jsonb_build_object('last_id', coalesce(max(m.id), state_in ->> 'last_id'))
        from moved m;
    end
    $$ language plpgsql;

    -- Asked first, and after each pass over the table.
    create function online_migration_v@V_is_complete() returns boolean as $$
    begin
      return not exists (select from @T t where t.new_value is null);
    end
    $$ language plpgsql;
  end
# Must also accept a table that is moved in part. Where the way back has to move rows too, it creates
# online_downgrade_v@V_batch and online_downgrade_v@V_is_complete in the same way.
downgradeScript: |-
  begin
    alter table @T drop column new_value;
  end
loses: what is in the column new_value alone
# Redefine here the functions that read and write the table, so that they serve rows of both forms.
methods: {}
)yaml";

constexpr std::string_view two_step_first_template = R"yaml(version: @V
description: @D, first step
# The first of two steps: the table @T_entities becomes @T, and the old functions keep working on the new table,
# because services of the release before go on calling them. The second step is version @W.
migrationScript: |-
  begin
    create table @T (
      id text not null,
      data jsonb not null,
      etag uuid not null default gen_random_uuid()
    );
    insert into @T (id, data, etag)
      select e.row_key, e.value, e.etag
      from @T_entities e;
    alter table @T add primary key (id);
    grant select, insert, update, delete on @T to $db_user_prefix$_@U;
    drop table @T_entities;
  end
# Brings every row back.
downgradeScript: |-
  begin
    create table @T_entities (
      partition_key text,
      row_key text,
      value jsonb not null,
      version integer not null,
      etag uuid default gen_random_uuid()
    );
    insert into @T_entities (partition_key, row_key, value, version, etag)
      select t.id, t.id, t.data, 1, t.etag
      from @T t;
    alter table @T_entities add primary key (partition_key, row_key);
    grant select, insert, update, delete on @T_entities to $db_user_prefix$_@U;
    drop table @T;
  end
# No row may get lost on the way; a query that does not return true takes everything back.
verify:
  upgrade:
    - select count(*) = count(data) from @T
methods:
  @T_entities_load:
    description: The entity with this key, as before.
    mode: read
    serviceName: @S
    args: partition_key text, row_key text
    returns: table (partition_key_out text, row_key_out text, value_out jsonb, version_out integer, etag_out uuid)
    body: |-
      begin
        return query
          select t.id, t.id, t.data, 1, t.etag
          from @T t
          where t.id = @T_entities_load.row_key;
      end
)yaml";

constexpr std::string_view two_step_second_template = R"yaml(version: @V
description: @D, second step
# The second of two steps: functions that know the new table's columns. The old ones stay in the database as they stand,
# for services of the release before; no new caller may use them.
methods:
  @T_get:
    description: The row of @T with this id, if there is one.
    mode: read
    serviceName: @S
    args: id_in text
    returns: table (id text, data jsonb, etag uuid)
    body: |-
      begin
        return query
          select t.id, t.data, t.etag
          from @T t
          where t.id = id_in;
      end
  @T_entities_load:
    deprecated: true
)yaml";

constexpr std::string_view concurrent_index_template = R"yaml(version: @V
description: @D
# The scripts are plain statements, each run alone: an index that is built concurrently lets the services write, and cannot
# be built in a transaction. A build that is cut off is found, dropped and done again by the next run.
transactional: false
migrationScript: |-
  create index concurrently @T_created_idx on @T (created);
# With `if exists`, because it is also the way back from a migration that was cut off before its end.
downgradeScript: |-
  drop index concurrently if exists @T_created_idx;
methods: {}
)yaml";

/// A title as a YAML value on one line.
std::string quote(std::string_view title) {
  std::string quoted = "'";
  for (const char c : trim(title)) {
    if (c == '\'') quoted += '\'';
    quoted += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return quoted + "'";
}

std::string fill(std::string_view text, const TemplateValues& values, int number) {
  const std::string service = values.service.empty() ? "my-service" : values.service;
  std::string user = service;
  std::replace(user.begin(), user.end(), '-', '_');
  std::string filled;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '@') {
      filled += text[at];
      continue;
    }
    switch (text[++at]) {
      case 'V':
        filled += std::to_string(number);
        break;
      case 'W':
        filled += std::to_string(number + 1);
        break;
      case 'T':
        filled += object_name(values.title);
        break;
      case 'S':
        filled += service;
        break;
      case 'U':
        filled += user;
        break;
      default: {  // 'D'
        // What stands behind it on its line belongs into the quotes.
        const std::size_t end = text.find('\n', at);
        filled += quote(values.title + std::string(text.substr(at + 1, end - at - 1)));
        at = end - 1;
      }
    }
  }
  return filled;
}

std::vector<std::string> fill_online(const TemplateValues& values) {
  if (values.pattern == OnlinePattern::functions)
    return {fill(online_functions_template, values, values.number)};
  OnlineValues online;
  online.number = values.number;
  online.description = quote(values.title);
  online.description.pop_back();  // more follows
  online.service = values.service;
  online.source = values.source ? *values.source : example_table(object_name(values.title));
  for (const SourceUser& user : online.source.users) {
    if (online.service.empty() && user.writes) online.service = user.service;
  }
  if (online.service.empty()) online.service = "my-service";
  online.copy = values.copy;
  if (online.copy.empty() && values.pattern == OnlinePattern::column) online.copy = "new_value";
  if (online.copy.empty())
    online.copy = values.source ? object_name(values.title) : online.source.name + "_copy";
  return fill_online_template(values.pattern, online);
}

}  // namespace

const std::vector<std::string>& version_kind_names() {
  static const std::vector<std::string> names{"table", "methods", "online", "two-step", "concurrent-index"};
  return names;
}

std::optional<VersionKind> parse_version_kind(std::string_view text) {
  const auto& names = version_kind_names();
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<VersionKind>(found - names.begin());
}

std::vector<std::string> fill_template(VersionKind kind, const TemplateValues& values) {
  switch (kind) {
    case VersionKind::table:
      return {fill(table_template, values, values.number)};
    case VersionKind::methods:
      return {fill(methods_template, values, values.number)};
    case VersionKind::online:
      return fill_online(values);
    case VersionKind::two_step:
      return {fill(two_step_first_template, values, values.number),
              fill(two_step_second_template, values, values.number + 1)};
    case VersionKind::concurrent_index:
      break;
  }
  return {fill(concurrent_index_template, values, values.number)};
}

std::string object_name(std::string_view title) {
  constexpr std::size_t longest = 40;  // leaves room for what is put behind it
  std::string name;
  for (const char c : to_lower(title)) {
    if (name.size() >= longest) break;
    const bool letter = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    if (letter || (digit && !name.empty())) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) name.pop_back();
  return name.empty() ? "my_table" : name;
}

}  // namespace dbtool
