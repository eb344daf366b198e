#include "load/version_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "load/scalar.h"
#include "sql/parse.h"

namespace dbtool::load {

namespace {

const std::vector<std::string> version_keys{"version",         "description", "migrationScript",
                                            "downgradeScript", "methods",     "online",
                                            "transactional",   "verify",      "loses"};
const std::vector<std::string> verify_keys{"upgrade", "downgrade"};

void read_number(const Reader& reader, const Node& root, int number) {
  const Entry* entry = root.find("version");
  if (entry == nullptr) {
    reader.complain(root, fmt::format("`version` is missing; write `version: {}`", number));
    return;
  }
  const auto value = reader.integer(*entry, 1, std::numeric_limits<int>::max());
  if (value && *value != number) {
    reader.complain(entry->value, fmt::format("`version` is {}, but the file's name says {}; make them equal",
                                              *value, number));
  }
}

/// A position behind white space and comments.
std::size_t skip_space_and_comments(std::string_view sql) {
  std::size_t at = 0;
  while (at < sql.size()) {
    if (std::isspace(static_cast<unsigned char>(sql[at])) != 0) {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at, 2) == "/*") {
      int depth = 0;
      do {
        const std::string_view two = sql.substr(at, 2);
        depth += two == "/*" ? 1 : two == "*/" ? -1 : 0;
        at += two == "/*" || two == "*/" ? 2 : 1;
      } while (depth > 0 && at < sql.size());
    } else {
      break;
    }
  }
  return std::min(at, sql.size());
}

Place start_of(const SqlText& sql) {
  return sql.locate(skip_space_and_comments(sql.text));
}

void check_statement_outside(const sql::SplitStatement& statement, const SqlText& script,
                             const std::string& key, Complaints& complaints) {
  const sql::OutsideStatement outside = sql::outside_transaction(statement.text);
  const Place place = script.locate(statement.offset);
  if (outside.kind == sql::OutsideKind::other) {
    complaints.add(
        place, fmt::format("`{}`: this statement cannot run in a transaction and is none of those that may "
                           "run outside one; remove it from `{}`",
                           shorten(statement.text), key));
  } else if (outside.kind == sql::OutsideKind::create_index_concurrently && outside.name.empty()) {
    complaints.add(place,
                   "an index built concurrently needs a name, to be found again after a fault; name it");
  }
}

/// dbtool commits; a script that did would tear its version apart.
void check_transaction_commands(const SqlText& script, const std::string& key, bool transactional,
                                Complaints& complaints) {
  const std::string lower = to_lower(script.text);
  const bool possible = lower.find("commit") != std::string::npos ||
                        lower.find("rollback") != std::string::npos || !transactional;
  if (!possible) return;  // the parser costs more than everything else here
  const auto command = transactional ? sql::find_transaction_command(script.text)
                                     : sql::find_transaction_command_of_statements(script.text);
  if (!command) return;
  complaints.add({script.locate(command->offset),
                  fmt::format("`{}` runs `{}`, but dbtool begins and ends the transactions; remove it", key,
                              command->command),
                  true});
}

/// There is no client that could send rows, or take them.
void check_client_copy(const SqlText& script, const std::string& key, bool is_block, Complaints& complaints) {
  const auto copy =
      is_block ? sql::find_client_copy(script.text) : sql::find_client_copy_of_statements(script.text);
  if (!copy) return;
  complaints.add(script.locate(copy->offset),
                 fmt::format("`{}` copies from or to the client, and dbtool has no data to give; write "
                             "`insert`, or copy a file of the server",
                             key));
}

/// A script is a block where it runs in a transaction, and plain statements where not.
void check_script(const std::optional<SqlText>& script, const std::string& key, bool transactional,
                  Complaints& complaints) {
  if (!script) return;
  if (is_block(script->text) == transactional)
    check_transaction_commands(*script, key, transactional, complaints);
  check_client_copy(*script, key, is_block(script->text), complaints);
  if (transactional) {
    if (is_block(script->text)) return;
    complaints.add(
        start_of(*script),
        fmt::format("`{}` is not a PL/pgSQL block; write `begin … end` around its statements", key));
    return;
  }
  const std::string word = first_word(script->text);
  if (word.empty()) {
    complaints.add(script->place, fmt::format("`{}` holds no statement; write one", key));
  } else if (is_block(script->text)) {
    complaints.add(start_of(*script),
                   fmt::format("`{}` is a block, but with `transactional: false` scripts are plain "
                               "statements; remove `{}` and its `end`",
                               key, word));
  } else {
    for (const auto& statement : sql::split(script->text).statements) {
      if (!sql::find_transaction_command_of_statements(statement.text))  // said above
        check_statement_outside(statement, *script, key, complaints);
    }
  }
}

void read_scripts(const Reader& reader, const Node& root, const SideFiles& side_files, Version& version) {
  const Entry* migration = root.find("migrationScript");
  const Entry* downgrade = root.find("downgradeScript");
  if (migration != nullptr) version.migration_script = read_sql(reader, *migration, side_files);
  if (downgrade != nullptr) version.downgrade_script = read_sql(reader, *downgrade, side_files);
  if (migration != nullptr && downgrade == nullptr) {
    reader.complain(*migration,
                    "`migrationScript` without `downgradeScript`; write the script that restores what "
                    "this one changes");
  }
  if (downgrade != nullptr && migration == nullptr) {
    reader.complain(*downgrade, "`downgradeScript` without `migrationScript`; write both, or neither");
  }
  if (const Entry* entry = root.find("transactional")) {
    version.transactional = reader.boolean(*entry).value_or(true);
    if (!version.transactional && migration == nullptr && downgrade == nullptr) {
      reader.complain(*entry, "`transactional: false` is about scripts, and there are none; remove it");
    }
  }
  check_script(version.migration_script, "migrationScript", version.transactional, reader.complaints());
  check_script(version.downgrade_script, "downgradeScript", version.transactional, reader.complaints());
}

/// What is asked after the work must not be part of it: another tool, or a mended query, would leave it out.
void check_looks_only(const SqlText& query, const std::string& key, Complaints& complaints) {
  if (!sql::is_seen_to_change(query.text)) return;
  complaints.add(start_of(query),
                 fmt::format("`{}` changes the database, and is there to look at it; write a query that "
                             "changes nothing",
                             key));
}

std::vector<SqlText> read_queries(const Reader& reader, const Entry& entry) {
  std::vector<SqlText> queries;
  if (!reader.is_list(entry, "write each query as `- select …`")) return queries;
  if (entry.value.items.empty())
    reader.complain(entry, fmt::format("`{}` is empty; write a query, or remove it", entry.key));
  for (const Node& item : entry.value.items) {
    if (!reader.text(item, entry.key)) continue;
    SqlText query = reader.document().sql(item);
    if (first_word(query.text).empty())
      reader.complain(item, fmt::format("`{}` holds no query; write one", entry.key));
    const std::size_t before = reader.complaints().all().size();
    check_query(query, entry.key, reader.complaints());
    if (reader.complaints().all().size() == before) check_looks_only(query, entry.key, reader.complaints());
    queries.push_back(std::move(query));
  }
  return queries;
}

void read_verify(const Reader& reader, const Entry& entry, Version& version) {
  if (!reader.is_mapping(entry, "write `upgrade:` and `downgrade:`, each a list of queries")) return;
  reader.check_keys(entry.value, verify_keys, "`verify`");
  if (entry.value.entries.empty())
    reader.complain(entry, "`verify` is empty; write `upgrade:` or `downgrade:`, or remove it");
  if (const Entry* upgrade = entry.value.find("upgrade"))
    version.verify_upgrade = read_queries(reader, *upgrade);
  if (const Entry* downgrade = entry.value.find("downgrade"))
    version.verify_downgrade = read_queries(reader, *downgrade);
}

}  // namespace

std::string first_word(std::string_view sql) {
  sql.remove_prefix(skip_space_and_comments(sql));
  if (sql.starts_with("<<")) return "<<";
  if (sql.starts_with('#')) return "#";
  std::size_t end = 0;
  while (end < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[end])) != 0 || sql[end] == '_'))
    ++end;
  if (end == 0 && !sql.empty()) end = 1;
  return to_lower(sql.substr(0, end));
}

void check_query(const SqlText& query, const std::string& key, Complaints& complaints) {
  constexpr std::array<std::string_view, 9> commands{"abort",   "begin",    "commit",    "end",  "prepare",
                                                     "release", "rollback", "savepoint", "start"};
  const std::string word = first_word(query.text);
  if (word == "copy" && sql::copies_with_client(query.text)) {
    complaints.add(
        start_of(query),
        fmt::format("`{}` copies from or to the client, and dbtool has no data to give; write a query", key));
  }
  if (std::find(commands.begin(), commands.end(), word) == commands.end()) return;
  complaints.add(
      start_of(query),
      fmt::format("`{}` runs `{}`, but dbtool begins and ends the transactions; write a query", key, word));
}

bool is_block(std::string_view sql) {
  const std::string word = first_word(sql);
  if (word == "begin") {  // `begin;` is SQL's, which begins a transaction
    sql.remove_prefix(skip_space_and_comments(sql));
    sql.remove_prefix(word.size());
    sql.remove_prefix(skip_space_and_comments(sql));
    return !sql.starts_with(';');
  }
  return word == "declare" || word == "<<" || word == "#";
}

std::optional<SqlText> read_sql(const Reader& reader, const Entry& entry, const SideFiles& side_files) {
  if (!reader.text(entry)) return std::nullopt;
  return side_files.resolve(reader.document().sql(entry.value), entry.key, reader.complaints());
}

Version read_version(const Reader& reader, int number, const SideFiles& side_files) {
  const Node& root = reader.document().root;
  Version version;
  version.number = number;
  version.place = reader.place(root);
  if (root.kind != Node::Kind::mapping) {
    reader.complain(
        root, fmt::format("a version file must be a mapping, not {}; write `version: {}` and its other keys",
                          describe(root), number));
    return version;
  }
  reader.check_keys(root, version_keys, "a version file");
  read_number(reader, root, number);
  if (const Entry* entry = root.find("description")) version.description = reader.text(*entry).value_or("");
  if (const Entry* entry = root.find("loses")) version.loses = reader.text(*entry).value_or("");
  read_scripts(reader, root, side_files, version);
  if (const Entry* entry = root.find("methods")) {
    version.methods = read_methods(reader, *entry, side_files);
  } else {
    reader.complain(root, "`methods` is missing; write `methods: {}` when there are none");
  }
  if (const Entry* entry = root.find("online")) read_online(reader, *entry, side_files, version);
  if (const Entry* entry = root.find("verify")) read_verify(reader, *entry, version);
  return version;
}

}  // namespace dbtool::load
