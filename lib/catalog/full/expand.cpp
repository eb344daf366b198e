#include "catalog/full/expand.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/error.h"
#include "pg/quote.h"

namespace dbtool::catalog::full {
namespace {

class Expander {
 public:
  explicit Expander(const Expansion& expansion) : expansion_(expansion) {}

  std::string expand(std::string_view sql) const {
    std::string text;
    for (;;) {
      const std::size_t open = sql.find("{{");
      text += sql.substr(0, open);
      if (open == std::string_view::npos) return text;
      const std::size_t close = end_of(sql, open);
      text += replacement(sql.substr(open + 2, close - open - 2));
      sql.remove_prefix(close + 2);
    }
  }

 private:
  /// Where the "}}" that belongs to the "{{" at `open` stands.
  static std::size_t end_of(std::string_view sql, std::size_t open) {
    int depth = 0;
    for (std::size_t at = open; at + 1 < sql.size(); ++at) {
      const std::string_view two = sql.substr(at, 2);
      if (two == "{{") {
        ++depth;
        ++at;
      } else if (two == "}}") {
        if (--depth == 0) return at;
        ++at;
      }
    }
    throw Error(ExitCode::failed, "a query of the catalog has an open {{");
  }

  std::string replacement(std::string_view text) const {
    const auto starts = [&](std::string_view word) { return text.starts_with(word); };
    if (starts("from ")) return when(text.substr(5), true);
    if (starts("below ")) return when(text.substr(6), false);
    if (starts("is service ")) return is_service(std::string(text.substr(11)));
    if (text == "version schema") return pg::quote_literal(expansion_.version_schema);
    if (text == "version table") return pg::quote_literal(expansion_.version_table);
    std::vector<std::string> words = split(text);
    if (words[0] == "role") return role(words.at(1));
    if (words[0] == "owner") {
      return "case when " + words.at(1) + " <> " + owner() + " then " + role(words[1]) + " end as owner";
    }
    if (words[0] == "options") return options(words.at(1));
    if (words[0] == "list") return list(words.at(1));
    if (words[0] == "extensions") return extensions(words.at(1), words.at(2));
    if (words[0] == "comment") return comment(words.at(1), words.at(2));
    if (words[0] == "members") return members(words.at(1));
    if (words[0] == "own") return own(words.at(1), words.at(2), words.at(3));
    if (words[0] == "name")
      return "quote_ident(" + words.at(1) + ".nspname) || '.' || quote_ident(" + words.at(2) + ")";
    if (words[0] == "relations") return relations({words.begin() + 1, words.end()});
    if (words[0] == "most") return most(words.at(1));
    if (words[0] == "least") return least(words.at(1));
    throw Error(ExitCode::failed, "a query of the catalog has an unknown {{" + std::string(text) + "}}");
  }

  static std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      words.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
  }

  std::string when(std::string_view text, bool from) const {
    int major = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), major);
    if (error != std::errc() || *rest != ':')
      throw Error(ExitCode::failed, "a query of the catalog names no version");
    if ((expansion_.server_version / 10000 >= major) != from) return "";
    return expand(text.substr(static_cast<std::size_t>(rest - text.data()) + 1));
  }

  std::string owner() const {
    return "(select to_regrole(" + pg::quote_literal(pg::quote_identifier(expansion_.owner)) + ")::oid)";
  }

  std::string is_service(const std::string& oid) const {
    if (expansion_.user_prefix.empty()) return "false";
    return "starts_with(pg_get_userbyid(" + oid + ")::text, " +
           pg::quote_literal(expansion_.user_prefix + "_") + ")";
  }

  std::string role(const std::string& oid) const {
    const std::string name = "pg_get_userbyid(" + oid + ")";
    std::string named = "quote_ident(" + name + ")";
    if (!expansion_.user_prefix.empty()) {
      named = "case when " + is_service(oid) + " then '$db_user_prefix$' || substr(" + name + "::text, " +
              std::to_string(expansion_.user_prefix.size() + 1) + ") else " + named + " end";
    }
    return "case " + oid + " when 0 then 'PUBLIC' when " + owner() + " then '$owner$' else " + named + " end";
  }

  static std::string comment(const std::string& catalog, const std::string& oid) {
    return "(select description from pg_description where objoid = " + oid + " and classoid = '" + catalog +
           "'::regclass and objsubid = 0)";
  }

  static std::string options(const std::string& array) {
    return "(select string_agg(quote_ident(split_part(o, '=', 1)) || ' ' || quote_literal(substr(o, "
           "strpos(o, "
           "'=') + 1)), ', ' order by o collate \"C\") from unnest(" +
           array + ") o)";
  }

  /// Of texts, whose order means nothing.
  static std::string list(const std::string& array) {
    return "case when " + array +
           " is not null then (select string_agg(o, ', ' order by o collate \"C\") from unnest(" + array +
           ") o) end";
  }

  /// Those that take it with them when they are dropped, without being what it came from.
  static std::string extensions(const std::string& catalog, const std::string& oid) {
    return "(select string_agg(quote_ident(e.extname), ', ' order by e.extname) from pg_depend de join "
           "pg_extension e on "
           "e.oid = de.refobjid where de.classid = '" +
           catalog + "'::regclass and de.objid = " + oid +
           " and de.refclassid = 'pg_extension'::regclass and de.deptype = 'x')";
  }

  static std::string members(const std::string& catalog) {
    return "(select e.objid from pg_depend e where e.classid = '" + catalog +
           "'::regclass and e.refclassid = 'pg_extension'::regclass and e.deptype = 'e')";
  }

  static std::string of_project(const std::string& name_space) {
    return name_space + ".nspname not in ('information_schema', 'dbtool') and left(" + name_space +
           ".nspname, 3) <> 'pg_'";
  }

  /// What the server is born with has OIDs below 16384, but for schema public: an index range is all that a
  /// small database needs.
  static std::string own(const std::string& catalog, const std::string& oid, const std::string& name_space) {
    return (catalog == "pg_namespace" ? "" : oid + " >= 16384 and ") + of_project(name_space) + " and " +
           oid + " not in " + members(catalog);
  }

  /// `offset 0` has the names made once a relation, not once a row of what is joined to it.
  std::string relations(const std::vector<std::string>& kinds) const {
    std::string list;
    for (const std::string& kind : kinds) list += (list.empty() ? "'" : ", '") + kind + "'";
    return "(select c.*, quote_ident(s.nspname) || '.' || quote_ident(c.relname) as name, case c.relkind "
           "when 'v' "
           "then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then "
           "'sequence' "
           "when 'c' then 'composite type' else 'table' end as kind from pg_class c join pg_namespace s on "
           "s.oid = "
           "c.relnamespace where c.relkind in (" +
           list + ") and " + own("pg_class", "c.oid", "s") +
           " and not (s.nspname = " + pg::quote_literal(expansion_.version_schema) +
           " and c.relname = " + pg::quote_literal(expansion_.version_table) + ") offset 0)";
  }

  static std::string most(const std::string& s) {
    return "case " + s + ".seqtypid when 21 then 32767 when 23 then 2147483647 else 9223372036854775807 end";
  }
  static std::string least(const std::string& s) {
    return "case " + s +
           ".seqtypid when 21 then -32768 when 23 then -2147483648 else -9223372036854775808 end";
  }

  const Expansion& expansion_;
};

}  // namespace

std::string expand(std::string_view sql, const Expansion& expansion) {
  return Expander(expansion).expand(sql);
}

}  // namespace dbtool::catalog::full
