#include "run/step_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "pg/quote.h"
#include "sql/parse.h"

namespace dbtool::run {

namespace {

constexpr std::string_view prefix_mark = "$db_user_prefix$";

/// Builds a statement and remembers where the texts of the project stand in it.
class PieceBuilder {
 public:
  PieceBuilder(std::string name, const std::string& user_prefix) : user_prefix_(user_prefix) {
    piece_.name = std::move(name);
  }
  PieceBuilder& add(std::string_view sql) {
    piece_.statement.sql += sql;
    return *this;
  }
  PieceBuilder& add(const SqlText& text) {
    piece_.parts.push_back({&text, piece_.statement.sql.size(), text.text.size()});
    return add(text.text);
  }
  PieceBuilder& add_substituted(const SqlText& text) {
    const std::string content = substitute_prefix(text.text, user_prefix_);
    piece_.parts.push_back({&text, piece_.statement.sql.size(), content.size()});
    return add(content);
  }
  PieceBuilder& add_quoted(const SqlText& text, const std::string& content) {
    const std::string quoted = pg::dollar_quote(content);
    const std::size_t tag = quoted.find('$', 1) + 1;
    piece_.parts.push_back({&text, piece_.statement.sql.size() + tag, content.size()});
    return add(quoted);
  }
  PieceBuilder& add_block(const SqlText& text) {
    return add_quoted(text, substitute_prefix(text.text, user_prefix_));
  }
  Piece done() { return std::move(piece_); }

 private:
  const std::string& user_prefix_;
  Piece piece_;
};

/// An argument of a column's type (`tasks.task_id%type`) means nothing any more when the script has dropped
/// the table, though the function is still there.
bool is_known_before_script_only(const MethodChange& change) {
  if (change.kind != MethodChange::Kind::drop) return false;
  const auto arguments = sql::parse_arguments(change.method->args->text);
  return arguments && std::any_of(arguments->begin(), arguments->end(), [](const sql::Argument& argument) {
           return argument.type.find("%type") != std::string::npos;
         });
}

std::string found_setting(const Method& method) {
  return pg::quote_literal("dbtool.drop_" + method.name);
}

Piece drop_piece(const MethodChange& change, const std::string& user_prefix) {
  const Method& method = *change.method;
  PieceBuilder builder("drop of method " + method.name, user_prefix);
  if (!is_known_before_script_only(change)) {
    return builder
        .add(fmt::format("drop function if exists {}({})", pg::quote_identifier(method.name),
                         sql::drop_signature(method.args->text)))
        .done();
  }
  const std::string body = fmt::format(R"(
declare
  found oid := nullif(current_setting({}, true), '')::oid;
begin
  if exists (select from pg_proc where oid = found) then
    execute format('drop function %s', found::regprocedure);
  end if;
end
)",
                                       found_setting(method));
  return builder.add("do " + pg::dollar_quote(body)).done();
}

/// What follows a text that may end in a comment must not become a part of it.
const char* after_comment(const SqlText& text) {
  return text.text.find("--") == std::string::npos ? "" : "\n";
}

Piece method_piece(const MethodChange& change, const std::string& user_prefix) {
  if (change.kind == MethodChange::Kind::drop) return drop_piece(change, user_prefix);
  const Method& method = *change.method;
  const std::string name = pg::quote_identifier(method.name);
  PieceBuilder builder("method " + method.name, user_prefix);
  builder.add(fmt::format("create or replace function {}(", name))
      .add(*method.args)
      .add(after_comment(*method.args))
      .add(") returns ");
  builder.add(*method.returns)
      .add(after_comment(*method.returns))
      .add(" as ")
      .add_quoted(*method.body, method.body->text)
      .add(" language plpgsql");
  return builder.done();
}

std::size_t byte_offset(std::string_view text, std::size_t characters) {
  std::size_t offset = 0;
  while (offset < text.size() && characters > 0) {
    ++offset;
    while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U) ++offset;
    --characters;
  }
  return offset;
}

// Line of the outermost block that the error's context names, from 1; 0: none.
int line_of_block(const std::string& context) {
  static const std::regex pattern(R"(inline_code_block line (\d+))");
  int line = 0;
  for (std::sregex_iterator match(context.begin(), context.end(), pattern), end; match != end; ++match) {
    line = std::stoi((*match)[1]);
  }
  return line;
}

std::size_t line_start(std::string_view text, int line) {
  std::size_t offset = 0;
  for (int current = 1; current < line; ++current) {
    const std::size_t end = text.find('\n', offset);
    if (end == std::string_view::npos) return offset;
    offset = end + 1;
  }
  return offset;
}

}  // namespace

std::string substitute_prefix(std::string_view text, const std::string& user_prefix) {
  std::string result;
  for (std::size_t from = 0;;) {
    const std::size_t mark = text.find(prefix_mark, from);
    result += text.substr(from, mark - from);
    if (mark == std::string_view::npos) return result;
    result += user_prefix;
    from = mark + prefix_mark.size();
  }
}

std::size_t original_offset(std::string_view original, const std::string& user_prefix, std::size_t offset) {
  std::size_t at = 0;
  std::size_t substituted = 0;
  for (;;) {
    const std::size_t mark = original.find(prefix_mark, at);
    if (mark == std::string_view::npos || offset <= substituted + (mark - at)) break;
    substituted += mark - at;
    if (offset < substituted + user_prefix.size()) return mark;
    substituted += user_prefix.size();
    at = mark + prefix_mark.size();
  }
  return std::min(original.size(), at + (offset - substituted));
}

std::vector<Piece> pieces_of(const TransactionStep& step, const std::string& user_prefix) {
  std::vector<Piece> pieces;
  if (step.script != nullptr) {
    const char* name = step.direction == Direction::upgrade ? "migration script" : "downgrade script";
    pieces.push_back(PieceBuilder(name, user_prefix).add("do ").add_block(*step.script).done());
  }
  for (const MethodChange& change : step.methods) pieces.push_back(method_piece(change, user_prefix));
  int number = 0;
  for (const SqlText& query : *step.verify) {
    pieces.push_back(PieceBuilder(fmt::format("verify query {}", ++number), user_prefix).add(query).done());
    pieces.back().is_verify = true;
  }
  return pieces;
}

std::vector<pg::Statement> lookup_statements(const TransactionStep& step) {
  std::vector<pg::Statement> statements;
  for (const MethodChange& change : step.methods) {
    if (!is_known_before_script_only(change)) continue;
    const Method& method = *change.method;
    const auto arguments = sql::parse_arguments(method.args->text);
    const auto inputs = std::count_if(arguments->begin(), arguments->end(),
                                      [](const sql::Argument& argument) { return argument.mode != "out"; });
    // An overload that a script made has another number of arguments, or nothing is dropped.
    statements.push_back({fmt::format(R"(
select set_config({}, case when count(*) = 1 then min(oid::bigint)::text else '' end, true)
  from pg_proc
 where pronamespace = 'public'::regnamespace and proname = {} and pronargs = {})",
                                      found_setting(method), pg::quote_literal(method.name), inputs),
                          {}});
  }
  return statements;
}

Piece piece_of(const StatementsStep& step, std::size_t index, const std::string& user_prefix) {
  const sql::SplitStatement& statement = step.statements[index];
  Piece piece;
  piece.name = fmt::format("statement {} of {}", index + 1, step.statements.size());
  piece.statement.sql = substitute_prefix(statement.text, user_prefix);
  return piece;
}

std::vector<pg::Statement> lock_statements(const TransactionStep& step,
                                           std::chrono::milliseconds lock_timeout) {
  const std::vector<sql::StrongLock>& locks = step.effects.locks;
  if (locks.empty()) return {};
  // While the next lock is waited for, the services wait for those already held: the limit is for all
  // together.
  std::string wanted;
  for (const sql::StrongLock& lock : locks) {
    const std::string table =
        lock.schema.empty() ? pg::quote_identifier(lock.table)
                            : pg::quote_identifier(lock.schema) + "." + pg::quote_identifier(lock.table);
    wanted += fmt::format("{}    [{}, {}]", wanted.empty() ? "" : ",\n", pg::quote_literal(table),
                          pg::quote_literal(lock.mode));
  }
  const std::string body = fmt::format(R"(
declare
  began timestamptz := clock_timestamp();
  wanted text[];
  target regclass;
begin
  foreach wanted slice 1 in array array[
{0}
  ] loop
    -- An index is changed under the lock of its table; what is not there yet is not locked.
    target := (select coalesce(i.indrelid, c.oid) from pg_class c left join pg_index i on i.indexrelid = c.oid
                where c.oid = to_regclass(wanted[1]) and (c.relkind in ('r', 'p', 'v') or i.indrelid is not null));
    continue when target is null;
    perform set_config('lock_timeout',
      greatest(1, {1} - (extract(epoch from clock_timestamp() - began) * 1000)::integer)::text, true);
    execute format('lock table %s in %s mode', target, wanted[2]);
  end loop;
  perform set_config('lock_timeout', '{1}', true);
end
)",
                                       wanted, lock_timeout.count());
  return {{"do " + pg::dollar_quote(body), {}}};
}

Location location_in(const SqlText& text, std::size_t offset) {
  return {text.locate(offset), text.line_at(offset)};
}

Location locate(const Piece& piece, const pg::ErrorFields& error, const std::string& user_prefix) {
  if (piece.parts.empty()) return {};
  if (error.position > 0) {
    const std::size_t offset = byte_offset(piece.statement.sql, static_cast<std::size_t>(error.position - 1));
    for (const Piece::Part& part : piece.parts) {
      if (offset < part.offset || offset > part.offset + part.size) continue;
      const bool verbatim = part.size == part.text->text.size();
      return location_in(*part.text,
                         verbatim ? offset - part.offset
                                  : original_offset(part.text->text, user_prefix, offset - part.offset));
    }
  }
  const Piece::Part& part = piece.parts.back();
  const std::string_view body = std::string_view(piece.statement.sql).substr(part.offset, part.size);
  const int line = line_of_block(error.context);
  if (line == 0) return {piece.parts.front().text->place, {}};
  std::size_t offset = line_start(body, line);
  const std::size_t query =
      error.internal_query.empty() ? std::string_view::npos : body.find(error.internal_query, offset);
  if (query != std::string_view::npos) {
    const int position = std::max(error.internal_position, 1);
    offset = query + byte_offset(error.internal_query, static_cast<std::size_t>(position - 1));
  } else {
    const std::size_t first = body.find_first_not_of(" \t", offset);
    if (first != std::string_view::npos) offset = first;
  }
  return location_in(*part.text, original_offset(part.text->text, user_prefix, offset));
}

}  // namespace dbtool::run
