#pragma once

#include <string>

#include "catalog/mend/kind.h"

namespace dbtool::catalog::mending {

/// The table or view that an index or a constraint stands on, as "table public.t".
std::string table_of(const Object& object);
/// The index, also of a key, with its schema.
std::string index_name(const Object& object);
/// Whether statements on the object's table have rows to read: it is there already.
bool stands_on_rows(const Object& object, const Context& context);
bool is_partitioned(const std::string& table, const Context& context);

/// What an index is besides its definition, set on a new one.
std::string index_settings(const Object& object, Context& context);
/// The same facts of one that is there.
void alter_index_settings(Alteration& change);

/// Where an index of a partition stands under the index of the whole, and neither the table's attaching nor
/// anything else sees to it: steps that attach it.
void attach_indexes(Context& context, const std::set<std::string>& tables_attached);

}  // namespace dbtool::catalog::mending
