#include "catalog/declared.h"

#include <algorithm>
#include <map>

#include "catalog/diff.h"
#include "pg/quote.h"
#include "sql/type.h"

namespace dbtool::catalog {
namespace {

/// A few spellings stand for thousands of columns.
class CanonicalTypes {
 public:
  explicit CanonicalTypes(Columns& columns) : columns_(columns) {}

  std::string_view of(std::string_view spelling) {
    auto known = known_.find(spelling);
    if (known == known_.end())
      known = known_.emplace(spelling, columns_.keep(sql::canonical_type(spelling))).first;
    return known->second;
  }

 private:
  Columns& columns_;
  std::map<std::string_view, std::string_view> known_;
};

}  // namespace

Schema declared_tables(const Project& project) {
  // Sorted table by table: tens of thousands of columns are then in order almost for nothing.
  std::vector<const DeclaredTable*> tables;
  for (const DeclaredTable& table : project.tables) tables.push_back(&table);
  std::sort(tables.begin(), tables.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  std::size_t count = 0;
  for (const DeclaredTable* table : tables) count += table->columns.size();
  Schema schema;
  std::vector<Column>& columns = schema.columns.list;
  columns.reserve(count);
  CanonicalTypes types(schema.columns);
  for (const DeclaredTable* table : tables) {
    schema.objects.push_back({"table", table->name, {}, table->place});
    const auto first = static_cast<std::ptrdiff_t>(columns.size());
    for (const DeclaredColumn& column : table->columns) {
      columns.push_back({table->name, column.name, types.of(column.type), column.not_null, table->place.file,
                         column.position});
    }
    std::sort(columns.begin() + first, columns.end(),
              [](const Column& a, const Column& b) { return a.name < b.name; });
  }
  return schema;
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
