#include "base/overloaded.h"
#include "pg/quote.h"
#include "run/question.h"
#include "run/step_sql.h"
#include "sql/parse.h"

namespace dbtool::run {

namespace {

std::string quoted(const std::string& schema, const std::string& table) {
  return schema.empty() ? pg::quote_identifier(table)
                        : pg::quote_identifier(schema) + "." + pg::quote_identifier(table);
}

void add_locks(const std::vector<sql::StrongLock>& locks, Touched& touched) {
  for (const sql::StrongLock& lock : locks) touched.locked.insert(quoted(lock.schema, lock.table));
}

void add(const std::vector<std::string>& names, std::set<std::string>& set) {
  set.insert(names.begin(), names.end());
}

void add_transaction(const TransactionStep& step, const std::string& prefix, Touched& touched) {
  if (step.script != nullptr) {
    const std::string block = substitute_prefix(step.script->text, prefix);
    add_locks(sql::strong_locks_of_block(block), touched);
    add(sql::written_tables_of_block(block), touched.written);
    add(sql::granted_relations_of_block(block), touched.granted);
  }
  for (const MethodChange& change : step.methods) touched.functions.insert(change.method->name);
}

void add_statements(const StatementsStep& step, const std::string& prefix, Touched& touched) {
  if (step.script != nullptr) {
    const std::string script = substitute_prefix(step.script->text, prefix);
    add_locks(sql::strong_locks_of_statements(script), touched);
    add(sql::written_tables_of_statements(script), touched.written);
    add(sql::granted_relations_of_statements(script), touched.granted);
  }
  add_transaction(step.last, prefix, touched);
}

}  // namespace

Touched touched_by(const Plan& plan, const std::string& user_prefix) {
  Touched touched;
  for (const Step& step : plan.steps) {
    std::visit(Overloaded{[&](const TransactionStep& it) { add_transaction(it, user_prefix, touched); },
                          [&](const StatementsStep& it) { add_statements(it, user_prefix, touched); },
                          [](const OnlineStep&) {}},
               step);
  }
  return touched;
}

}  // namespace dbtool::run
