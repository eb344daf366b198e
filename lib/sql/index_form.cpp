#include "sql/index_form.h"

#include <algorithm>
#include <vector>

#include "sql/token.h"

namespace dbtool::sql {

std::string unnamed_index_on(std::string_view create_index, std::string_view table) {
  const std::vector<Token> tokens = tokenize(create_index);
  // `on` is reserved: an index of that name is quoted, which no word is.
  const auto on =
      std::find_if(tokens.begin(), tokens.end(), [](const Token& token) { return token.is("on"); });
  if (on == tokens.end()) return {};
  auto name = on + 1;
  if (name != tokens.end() && name->is("only")) ++name;
  if (name == tokens.end()) return {};
  while (tokens.end() - name > 2 && (name + 1)->is(".")) name += 2;
  const bool is_unique = tokens.size() > 1 && tokens[1].is("unique");
  return std::string(is_unique ? "create unique index on " : "create index on ") + std::string(table) +
         std::string(create_index.substr(name->end()));
}

}  // namespace dbtool::sql
