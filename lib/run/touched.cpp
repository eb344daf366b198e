#include "base/overloaded.h"
#include "pg/quote.h"
#include "run/question.h"

namespace dbtool::run {

namespace {

// Scripts find what they name in schema public; who asks about it may have another search path.
std::string quoted(const std::string& schema, const std::string& table) {
  return pg::quote_identifier(schema.empty() ? "public" : schema) + "." + pg::quote_identifier(table);
}

void add_locks(const std::vector<sql::StrongLock>& locks, Touched& touched) {
  for (const sql::StrongLock& lock : locks) touched.locked.insert(quoted(lock.schema, lock.table));
}

void add(const std::vector<std::string>& names, std::set<std::string>& set) {
  for (const std::string& name : names) set.insert(pg::quote_qualified(name));
}

void add(const sql::ScriptEffects& effects, Touched& touched) {
  add_locks(effects.locks, touched);
  add(effects.written, touched.written);
  add(effects.granted, touched.granted);
  add(effects.read, touched.read);
}

void add(const TransactionStep& step, Touched& touched) {
  add(step.effects, touched);
  for (const MethodChange& change : step.methods) touched.functions.insert(change.method->name);
}

void add(const OnlineStep& step, Touched& touched) {
  const auto& declared = step.version->online(step.direction);
  if (declared) touched.walked.insert(pg::quote_qualified(declared->table));
}

}  // namespace

Touched touched_by(const Plan& plan) {
  Touched touched;
  for (const Step& step : plan.steps) {
    std::visit(Overloaded{[&](const TransactionStep& it) { add(it, touched); },
                          [&](const StatementsStep& it) {
                            add(it.effects, touched);
                            add(it.last, touched);
                          },
                          [&](const OnlineStep& it) { add(it, touched); }},
               step);
  }
  return touched;
}

}  // namespace dbtool::run
