#include "catalog/full/known_functions.h"

#include <algorithm>
#include <utility>

namespace dbtool::catalog {
namespace {

// Fingerprints of sets of row versions: what is inserted, updated or deleted changes them. pg_roles is a view
// and has no xmin: the names themselves are taken.
constexpr const char* surroundings = R"(
select pg_catalog.concat_ws(' ',
         (select coalesce(bit_xor(hashint8extended(oid::bigint << 32 | xmin::text::bigint, 0)), 0)
          from pg_catalog.pg_namespace),
         (select coalesce(bit_xor(hashint8extended(oid::bigint << 32 | xmin::text::bigint, 0)), 0)
          from pg_catalog.pg_language),
         (select coalesce(bit_xor(hashtextextended(rolname, oid::bigint)), 0) from pg_catalog.pg_roles),
         (select coalesce(bit_xor(hashint8extended(objoid::bigint << 32 | xmin::text::bigint, 0)), 0)
          from pg_catalog.pg_description
          where classoid = 'pg_catalog.pg_proc'::regclass and objoid >= 16384),
         (select coalesce(bit_xor(hashint8extended(objid::bigint << 32 | xmin::text::bigint, refobjid::bigint)), 0)
          from pg_catalog.pg_depend
          where classid = 'pg_catalog.pg_proc'::regclass and objid >= 16384 and deptype in ('e', 'i', 'x')),
         (select bit_xor(hashint8extended(oid::bigint << 32 | xmin::text::bigint, 0))
          from pg_catalog.pg_type where oid < 16384)))";

constexpr const char* type_versions = "select oid, xmin from pg_catalog.pg_type where oid >= 16384";

constexpr const char* function_versions = R"(
select oid, xmin, proargdefaults is null and prosqlbody is null and prosupport = 0 as is_plain
from pg_catalog.pg_proc
where oid >= 16384 and prokind in ('f', 'w'))";

}  // namespace

std::vector<pg::Statement> KnownFunctions::look() const {
  return {pg::repeated(surroundings), pg::repeated(type_versions), pg::repeated(function_versions)};
}

bool KnownFunctions::has_changed(const Versions& types) const {
  return std::any_of(types.begin(), types.end(), [&](const auto& type) {
    const auto known = types_.find(type.first);
    return known != types_.end() && known->second != type.second;
  });
}

void KnownFunctions::take_over(const pg::Result& seen, const pg::Result& types, const pg::Result& rows) {
  Versions seen_types;
  for (int row = 0; row < types.rows(); ++row) seen_types.emplace(types.text(row, 0), types.text(row, 1));
  if (!is_complete_ || seen.text(0, 0) != surroundings_ || has_changed(seen_types)) functions_.clear();
  is_complete_ = false;
  std::map<std::string, Function> present;
  to_read_ = "{";
  for (int row = 0; row < rows.rows(); ++row) {
    std::string oid(rows.text(row, 0));
    Function function{std::string(rows.text(row, 1)), rows.boolean(row, 2), std::nullopt};
    const auto known = functions_.find(oid);
    if (known != functions_.end() && known->second.version == function.version && function.is_plain) {
      function.object = std::move(known->second.object);
    } else {
      to_read_ += (to_read_.size() > 1 ? "," : "") + oid;
    }
    present.emplace(std::move(oid), std::move(function));
  }
  to_read_ += "}";
  functions_ = std::move(present);
  surroundings_ = seen.text(0, 0);
  types_ = std::move(seen_types);
}

std::vector<Object> KnownFunctions::complete(const std::vector<std::string>& oids, std::vector<Object> read) {
  for (std::size_t i = 0; i < read.size(); ++i) functions_.at(oids[i]).object = std::move(read[i]);
  is_complete_ = true;
  std::vector<const Object*> order;
  for (const auto& [oid, function] : functions_)
    if (function.object) order.push_back(&*function.object);
  std::sort(order.begin(), order.end(), [](const Object* a, const Object* b) { return *a < *b; });
  std::vector<Object> objects;
  objects.reserve(order.size());
  for (const Object* object : order) objects.push_back(*object);
  return objects;
}

}  // namespace dbtool::catalog
