#include "catalog/declared.h"

#include <algorithm>
#include <map>

#include "catalog/diff.h"
#include "pg/quote.h"
#include "sql/type.h"

namespace dbtool::catalog {
namespace {

/// A few spellings stand for thousands of columns.
const std::string& canonical(const std::string& type, std::map<std::string, std::string>& known) {
  const auto found = known.find(type);
  return found != known.end() ? found->second : known.emplace(type, sql::canonical_type(type)).first->second;
}

}  // namespace

Catalog declared_tables(const Project& project) {
  // Sorted table by table: thousands of columns are then in order almost for nothing.
  std::vector<const DeclaredTable*> tables;
  for (const DeclaredTable& table : project.tables) tables.push_back(&table);
  std::sort(tables.begin(), tables.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  std::size_t count = tables.size();
  for (const DeclaredTable* table : tables) count += table->columns.size();
  Catalog objects;
  objects.reserve(count);
  std::map<std::string, std::string> types;
  std::vector<const DeclaredColumn*> columns;
  for (const DeclaredTable* table : tables) {
    columns.clear();
    for (const DeclaredColumn& column : table->columns) columns.push_back(&column);
    std::sort(columns.begin(), columns.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    for (const DeclaredColumn* column : columns) {
      Object& object = objects.emplace_back();
      object.kind = "column";
      object.identity.append(table->name).append(".").append(column->name);
      object.facts.reserve(2);
      object.facts.emplace("null", column->not_null ? "not null" : "nullable");
      object.facts.emplace("type", canonical(column->type, types));
      object.place = column->place;
    }
  }
  for (const DeclaredTable* table : tables) objects.push_back({"table", table->name, {}, table->place});
  sort(objects);
  return objects;
}

Catalog declared_grants(const Project& project) {
  Catalog objects;
  for (const ServiceAccess& service : project.access) {
    const std::string user = service_user(project.settings.user_prefix, service.service);
    for (const TableAccess& access : service.tables) {
      const bool read = access.mode == MethodMode::read;
      objects.push_back({"grant",
                         user + " on " + access.table,
                         {{"privileges", read ? "select" : "select, insert, update, delete"}},
                         access.place});
    }
  }
  sort(objects);
  return objects;
}

Catalog declared_users(const Project& project, int at) {
  Catalog objects;
  const std::string& version_table = project.settings.version_table;
  for (const ServiceAccess& service : project.access) {
    Object user{"user",
                service_user(project.settings.user_prefix, service.service),
                {{"superuser", "no"},
                 {"createrole", "no"},
                 {"createdb", "no"},
                 {"replication", "no"},
                 {"bypassrls", "no"},
                 {"member of", ""}},
                service.place};
    if (at > 0) {
      user.facts.emplace("usage on schema public", "yes");
      user.facts.emplace("usage on schema " + pg::split_qualified(version_table).first, "yes");
      user.facts.emplace("select on " + version_table, "yes");
    }
    objects.push_back(std::move(user));
  }
  sort(objects);
  return objects;
}

}  // namespace dbtool::catalog
