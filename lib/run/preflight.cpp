#include "run/preflight.h"

#include <iterator>

#include "run/question.h"

namespace dbtool::run {

Preflight preflight(pg::Connection& connection, const Project& project, const Plan& plan) {
  const Inquiry inquiry{project, plan, touched_by(plan)};
  std::vector<Question> questions;
  for (const auto ask : {ask_rights, ask_users, ask_owners, ask_grants, ask_obstacles}) {
    std::vector<Question> more = ask(inquiry);
    std::move(more.begin(), more.end(), std::back_inserter(questions));
  }
  // All in one round trip.
  std::vector<pg::Statement> statements;
  for (const Question& question : questions) statements.push_back(question.statement);
  const std::vector<pg::Result> results = connection.batch(statements);
  Preflight found;
  for (std::size_t index = 0; index < questions.size(); ++index)
    questions[index].judge(results[index], found);
  return found;
}

}  // namespace dbtool::run
