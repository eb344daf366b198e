#pragma once

#include <string>
#include <string_view>

namespace dbtool::catalog {

/// One name in place of another.
struct NameChange {
  std::string from;
  std::string to;
};

/// A text as the server writes it, with a qualified name (`public.t`, `public.t.a`) changed wherever it
/// stands. Not in literals, but for `'public.s'::regclass`. The alias that the server gives a table that was
/// renamed under a view (`public.new old`) goes when it is the table's name.
std::string with_qualified(std::string_view text, const NameChange& change);

/// A query, in which the server calls a table that has no alias by its own name (`t.a`): that name changed.
std::string with_table_of_columns(std::string_view text, const NameChange& change);

/// A definition of something that stands in one table, with the name of a column of it changed: of an index,
/// a check, a trigger. Where a word may mean something else (a type, a function, an alias, anything of a
/// query) it is left alone.
std::string with_column(std::string_view text, const NameChange& change);

/// The same of a foreign key, whose two lists may be of different tables.
std::string with_key_column(std::string_view text, const NameChange& change, bool in_own, bool in_referenced);

}  // namespace dbtool::catalog
