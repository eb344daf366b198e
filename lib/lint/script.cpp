#include "lint/script.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "lint/declared_batch.h"
#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

constexpr int deepest_body = 4;  ///< functions made by functions made by …

/// A text that holds statements, and where it stands.
struct Body {
  const SqlText* source = nullptr;
  std::string_view text;
  std::size_t offset = 0;  ///< of text[0] in source->text
  bool exact = true;       ///< false: quotes are doubled in it, every place is that of its begin
  Part part = Part::script;
  std::string function{};
  const Method* method = nullptr;
  int depth = 0;
  bool of_do = false;
};

/// A string constant inside a statement: the body of a function or `do`.
struct InnerBody {
  std::string text;
  std::size_t offset = 0;  ///< in the statement
  bool exact = false;
  std::string language;
  std::string function;
};

class ScriptReader {
 public:
  explicit ScriptReader(std::vector<Statement>& statements) : statements_(statements) {}

  void read_block(const Body& body) {
    for (sql::BlockStatement& part : sql::read_block(body.text)) {
      const bool built = part.run_as != sql::RunAs::statement && part.run_as != sql::RunAs::perform &&
                         part.run_as != sql::RunAs::loop_query && part.run_as != sql::RunAs::cursor_query;
      read(body, std::move(part), built);
    }
  }

  void read_statements(const Body& body) {
    for (sql::SplitStatement& statement : sql::split(body.text).statements)
      read(body, {std::move(statement), sql::RunAs::statement, 0, 0, 0, false}, false);
  }

 private:
  /// PL/pgSQL's own statements touch no table.
  static bool is_sql(std::string_view text) {
    static const std::set<std::string, std::less<>> own = {"raise",    "return", "get",    "open",
                                                           "fetch",    "close",  "move",   "exit",
                                                           "continue", "null",   "assert", "pragma"};
    const std::size_t end = std::min(text.find_first_of(" \n\t;("), text.size());
    return !own.contains(to_lower(text.substr(0, end)));
  }

  void read(const Body& body, sql::BlockStatement part, bool built) {
    if (!is_sql(part.statement.text)) return;
    Statement statement;
    statement.source = body.source;
    statement.offset = body.exact ? body.offset + part.statement.offset : body.offset;
    statement.place = body.source->locate(statement.offset);
    const std::size_t length = built || !body.exact ? 0 : part.statement.text.size();
    statement.last_line = body.source->locate(statement.offset + length).line;
    statement.text = std::move(part.statement.text);
    statement.part = body.part;
    statement.function = body.function;
    statement.method = body.method;
    statement.run_as = part.run_as;
    statement.loops = part.loops;
    statement.row_loops = part.row_loops;
    statement.conditions = part.conditions;
    statement.heads_loop = part.heads_loop;
    statement.in_do = body.of_do;
    parse(statement);
    const bool exact = body.exact && !built;
    const std::vector<InnerBody> inner =
        body.depth < deepest_body ? inner_bodies(statement) : std::vector<InnerBody>{};
    const std::size_t at = statement.offset;
    const bool is_do = statement.parsed && statement.tree->contains("DoStmt");
    statements_.push_back(std::move(statement));
    for (const InnerBody& one : inner) {
      Body next;
      next.source = body.source;
      next.text = one.text;
      next.exact = exact && one.exact;
      next.offset = exact ? at + one.offset : at;
      next.part = is_do ? body.part : Part::function;
      next.function = is_do ? body.function : one.function;
      next.method = body.method;
      next.depth = body.depth + 1;
      next.of_do = is_do || body.of_do;
      if (one.language == "plpgsql") read_block(next);
      if (one.language == "sql") read_statements(next);
    }
  }

  static void parse(Statement& statement) {
    if (statement.run_as == sql::RunAs::unknown) return;
    json tree = sql::parse_tree(statement.text);
    if (tree.size() != 1 || !tree.at(0).contains("stmt") || !tree.at(0).at("stmt").is_object() ||
        tree.at(0).at("stmt").empty()) {
      return;
    }
    statement.parsed = true;
    statement.tree = std::make_shared<const json>(std::move(tree.at(0).at("stmt")));
    statement.actions = sql::read_actions(*statement.tree, statement.text);
  }

  static std::vector<InnerBody> inner_bodies(const Statement& statement) {
    if (!statement.parsed) return {};
    try {
      if (statement.tree->contains("DoStmt"))
        return of_options(statement, statement.tree->at("DoStmt"), "args");
      if (statement.tree->contains("CreateFunctionStmt"))
        return of_options(statement, statement.tree->at("CreateFunctionStmt"), "options");
    } catch (const json::exception&) {
      // A form that is not known here has no body that could be read.
    }
    return {};
  }

  static std::vector<InnerBody> of_options(const Statement& statement, const json& node, const char* list) {
    InnerBody body;
    body.language = std::string(list) == "args" ? "plpgsql" : "";
    if (!statement.actions.empty()) body.function = statement.actions.front().other.name;
    bool found = false;
    if (!node.contains(list)) return {};
    for (const json& option : node.at(list)) {
      const json& element = option.at("DefElem");
      const std::string name = sql::member(element, "defname");
      if (name == "language") body.language = element.at("arg").at("String").value("sval", "");
      if (name != "as") continue;
      const json& argument = element.at("arg");
      const json& value = argument.contains("List") ? argument.at("List").at("items").at(0) : argument;
      body.text = value.at("String").value("sval", "");
      found = place_of(statement.text, static_cast<std::size_t>(element.value("location", 0)), body);
    }
    if (!found) return {};
    return {body};
  }

  /// The string token behind `location`; a dollar quote holds the body as it is.
  static bool place_of(std::string_view text, std::size_t location, InnerBody& body) {
    for (const sql::Token& token : sql::tokenize(text.substr(std::min(location, text.size())))) {
      if (token.kind != sql::TokenKind::string) continue;
      const std::size_t begin = location + token.offset;
      body.offset = begin;
      const std::size_t at = text.substr(begin, token.length).find(body.text);
      body.exact = at != std::string_view::npos && !body.text.empty();
      if (body.exact) body.offset += at;
      return true;
    }
    return false;
  }

  std::vector<Statement>& statements_;
};

Body body_of(const SqlText& source, std::string_view text, Part part) {
  Body body;
  body.source = &source;
  body.text = text;
  body.part = part;
  return body;
}

void read_online(const OnlineDeclaration& online, ScriptReader& reader) {
  const std::string batch = without_ranges(online.batch.text);
  reader.read_statements(body_of(online.batch, batch, Part::batch));
}

/// From the script's own statements on to what they call.
void find_calls(Script& script) {
  std::multimap<std::string, const Statement*, std::less<>> bodies;
  std::vector<const Statement*> open;
  for (const Statement& statement : script.statements) {
    if (statement.part == Part::script) open.push_back(&statement);
    if (statement.part == Part::function) bodies.emplace(statement.function, &statement);
  }
  if (bodies.empty()) return;
  while (!open.empty()) {
    const Statement& statement = *open.back();
    open.pop_back();
    if (!statement.parsed) continue;
    for (const std::string& function : sql::called_functions(*statement.tree)) {
      const auto [begin, end] = bodies.equal_range(function);
      if (begin == end || !script.calls.insert(function).second) continue;
      for (auto body = begin; body != end; ++body) open.push_back(body->second);
    }
  }
}

}  // namespace

Script read_script(const Version& version, Direction direction, bool whole) {
  Script script;
  script.version = &version;
  script.direction = direction;
  script.transactional = version.transactional;
  const bool up = direction == Direction::upgrade;
  ScriptReader reader(script.statements);
  const auto& source = up ? version.migration_script : version.downgrade_script;
  if (source) {
    const std::string text = sql::without_prefix_variable(source->text);
    const Body body = body_of(*source, text, Part::script);
    if (version.transactional)
      reader.read_block(body);
    else
      reader.read_statements(body);
  }
  find_calls(script);
  if (!whole) return script;
  const auto& online = up ? version.online_migration : version.online_downgrade;
  if (online) read_online(*online, reader);
  for (const SqlText& query : up ? version.verify_upgrade : version.verify_downgrade)
    reader.read_statements(body_of(query, query.text, Part::verify));
  if (!up) return script;
  for (const Method& method : version.methods) {
    if (!method.body) continue;
    Body body = body_of(*method.body, method.body->text, Part::method);
    body.function = method.name;
    body.method = &method;
    reader.read_block(body);
  }
  return script;
}

}  // namespace dbtool::lint
