#include "test/database/cli/dbtool.h"

namespace dbtool::test {

void write_small_project(const ProjectFiles& files) {
  files.write("versions/0001.yml", R"(version: 1
description: a table of tasks
migrationScript: |-
  begin
    create table tasks (task_id text primary key, priority integer not null);
    grant select, insert, update, delete on tasks to $db_user_prefix$_queue;
  end
downgradeScript: |-
  begin
    drop table tasks;
  end
loses: all tasks
methods:
  get_task:
    description: one task
    mode: read
    serviceName: queue
    args: task_id_in text
    returns: table (task_id text, priority integer)
    body: |-
      begin
        return query select t.task_id, t.priority from tasks t where t.task_id = task_id_in;
      end
)");
  files.write("versions/0002.yml", R"(version: 2
description: tasks can be made
methods:
  put_task:
    description: make a task
    mode: write
    serviceName: queue
    args: task_id_in text, priority_in integer
    returns: void
    body: |-
      begin
        insert into tasks values (task_id_in, priority_in);
      end
)");
  files.write("schema/tables.yml", "tasks:\n  task_id: text not null\n  priority: integer not null\n");
  files.write("schema/access.yml", "queue:\n  tables:\n    tasks: write\n");
  files.write("schema/releases.yml", "v1.0.0: 1\nv2.0.0: 2\n");
}

SmallProject::SmallProject() {
  write_small_project(files);
  database.create_role("queue");
}

ProcessOutcome SmallProject::dbtool(const std::vector<std::string>& words) const {
  std::vector<std::string> all{
      "-C", files.path().string(), "--url", database.owner_url(), "--user-prefix", database.user_prefix()};
  all.insert(all.end(), words.begin(), words.end());
  return run_dbtool(all);
}

ProcessOutcome run_dbtool(const std::vector<std::string>& words) {
  std::vector<std::string> command{DBTOOL_BINARY};
  command.insert(command.end(), words.begin(), words.end());
  ProcessOptions options;
  for (const char* variable : {"DBTOOL_URL", "ADMIN_DB_URL", "DATABASE_URL", "PGSERVICE", "PGHOST",
                               "PGHOSTADDR", "PGDATABASE", "USERNAME_PREFIX", "DBTOOL_USER_PREFIX"})
    options.environment.emplace_back(variable, std::nullopt);
  return run_process(command, options);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace dbtool::test
