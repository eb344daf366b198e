#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "model/project.h"
#include "pg/connection.h"
#include "run/plan.h"
#include "run/preflight.h"

namespace dbtool::run {

/// What the scripts and methods of a plan touch, as far as their text tells.
struct Touched {
  std::set<std::string> locked;     ///< relations, quoted and qualified
  std::set<std::string> written;    ///< the same
  std::set<std::string> read;       ///< the same
  std::set<std::string> walked;     ///< by declared online parts, the same
  std::set<std::string> granted;    ///< relations on which a script grants or revokes, the same
  std::set<std::string> functions;  ///< names
};

Touched touched_by(const Plan& plan);

/// What the questions of a preflight are about.
struct Inquiry {
  const Project& project;
  const Plan& plan;
  Touched touched;

  const Settings& settings() const { return project.settings; }
};

/// One query of a preflight, and what its answer means.
struct Question {
  pg::Statement statement;
  std::function<void(const pg::Result&, Preflight&)> judge;
};

/// Who works, as SQL: the role of the settings in $1, or else the connected user.
inline constexpr const char* worker_name = "coalesce(nullif($1, ''), current_user)::name";
inline constexpr const char* worker_role = "to_regrole(quote_ident(coalesce(nullif($1, ''), current_user)))";

// One function a subject, each in a file of its name.
std::vector<Question> ask_rights(const Inquiry& inquiry);
std::vector<Question> ask_owners(const Inquiry& inquiry);
std::vector<Question> ask_grants(const Inquiry& inquiry);
std::vector<Question> ask_users(const Inquiry& inquiry);
std::vector<Question> ask_obstacles(const Inquiry& inquiry);

}  // namespace dbtool::run
