#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/object.h"

namespace dbtool::catalog::mending {

/// All names that stand in a text, also inside literals (`'public.s'::regclass`): of `public.t.a` also
/// `public.t` and `public`. As the server writes them, with quotes where they need some.
std::set<std::string> names_in(std::string_view text);

/// The items of a list as the server writes it; what is in quotes or parentheses is not split.
std::vector<std::string> split_list(std::string_view list, std::string_view separator = ", ");

/// Where `word` stands outside quotes and parentheses, from `start` on; npos when nowhere.
std::size_t find_outside(std::string_view text, std::string_view word, std::size_t start = 0);

/// "kind identity", as in `Object::part_of`.
std::string key(const Object& object);

/// What an object that stands in another calls its whole: "table public.t". "" when it stands in none.
std::string_view whole(const Object& object);
/// The whole without its kind: "public.t".
std::string_view whole_name(const Object& object);
/// Of an object in a whole, its own name; of others, the name behind the schema.
std::string_view own_name(const Object& object);
/// A name as it is, without the quotes that SQL needs.
std::string bare_name(std::string_view name);
/// The schema of a qualified name, quoted as there; "" when it has none.
std::string_view schema_of(std::string_view qualified);

/// The names by which other texts call what this object makes: of a key also that of its index.
std::vector<std::string> called(const Object& object);

/// As comments, drops and changes of owner write it: "table public.t", "trigger x on public.t".
std::string noun(const Object& object);

/// All facts that are no prose, for names in them.
std::string all_text(const Object& object);

}  // namespace dbtool::catalog::mending
