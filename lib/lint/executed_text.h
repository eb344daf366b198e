#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/token.h"

namespace dbtool::lint {

/// A PL/pgSQL body, and which of its function's arguments may hold any text.
struct DynamicBody {
  std::string_view text{};
  std::set<std::string> arguments{};
  std::string function{};
};

/// Types whose values as text are harmless in SQL.
bool is_harmless_in_sql(const std::string& type);

/// Looks at each `execute` of a body: which argument becomes a part of the SQL as it is, written there or by
/// way of a variable.
class ExecuteReader {
 public:
  explicit ExecuteReader(const DynamicBody& body) : body_(body), tokens_(sql::tokenize(body.text)) {}

  struct Found {
    std::size_t offset = 0;  ///< of `execute` in the body
    std::string argument{};
    bool of_format = false;
  };

  std::vector<Found> run();

 private:
  bool is(std::size_t i, std::string_view what) const { return i < tokens_.size() && tokens_[i].is(what); }
  std::size_t closing(std::size_t open, std::size_t end) const;
  std::size_t behind_statement(std::size_t begin) const;
  std::string argument_at(std::size_t i) const;
  bool is_cast(std::size_t i) const;
  std::size_t read_format(std::size_t open, std::size_t end, std::vector<Found>& found) const;
  std::vector<Found> read_text(std::size_t begin, std::size_t end) const;
  void read(std::size_t execute);

  void follow_variables();
  void follow(std::size_t variable, std::size_t begin, std::size_t end);
  void follow_declarations(std::size_t declare);
  void follow_select(std::size_t select);
  std::string carried(std::size_t begin, std::size_t end) const;

  const DynamicBody& body_;
  std::vector<sql::Token> tokens_;
  std::set<std::string> harmless_{};               ///< variables that are no text
  std::map<std::string, std::string> carriers_{};  ///< variables, and the argument that is a part of them
  std::vector<Found> found_{};
};

}  // namespace dbtool::lint
