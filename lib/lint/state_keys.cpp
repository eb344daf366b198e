#include "lint/state_keys.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "sql/token.h"

namespace dbtool::lint {
namespace {

using sql::Token;
using sql::TokenKind;

class StateReader {
 public:
  StateReader(std::string_view body, const std::string& argument)
      : body_(body), tokens_(sql::tokenize(body)), names_{argument} {}

  StateKeys run() {
    find_copies();
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.kind == TokenKind::string) read_constant(token);
      if (is_state(i)) read_use(i);
      if ((token.is("jsonb_build_object") || token.is("json_build_object")) && is(i + 1, "("))
        read_object(i + 2);
      if (is_opaque(token) && is(i + 1, "(")) keys_.unknown = true;
      if (token.is("execute") && i >= 1 && tokens_[i - 1].is("query")) keys_.unknown = true;
      if (token.is("state") && (is(i + 1, ":=") || is_assignment(i) || is_into(i)))
        keys_.state_assigned = true;
      if (token.is("return") && is(i + 1, "next")) keys_.returns_next = true;
    }
    return std::move(keys_);
  }

 private:
  bool is(std::size_t i, std::string_view what) const { return i < tokens_.size() && tokens_[i].is(what); }
  bool is_string(std::size_t i) const { return i < tokens_.size() && tokens_[i].kind == TokenKind::string; }
  bool is_state(std::size_t i) const {
    return tokens_[i].kind == TokenKind::word && names_.contains(tokens_[i].lower);
  }

  static bool is_opaque(const Token& token) {
    for (const char* name :
         {"to_jsonb", "to_json", "row_to_json", "jsonb_object", "json_object", "jsonb_object_agg",
          "json_object_agg", "jsonb_agg", "hstore_to_jsonb", "jsonb_insert"}) {
      if (token.is(name)) return true;
    }
    return false;
  }

  /// `state = …` as a statement.
  bool is_assignment(std::size_t i) const {
    return is(i + 1, "=") && i > 0 &&
           (tokens_[i - 1].is(";") || tokens_[i - 1].is("begin") || tokens_[i - 1].is("then") ||
            tokens_[i - 1].is("else") || tokens_[i - 1].is("loop"));
  }

  /// Among the targets of `into a, state`.
  bool is_into(std::size_t i) const {
    while (i >= 2 && tokens_[i - 1].is(",")) i -= 2;
    return i >= 1 && (tokens_[i - 1].is("into") || (tokens_[i - 1].is("strict") && i >= 2));
  }

  /// Variables that are the state under another name: `s jsonb := coalesce(state_in, '{}')`.
  void find_copies() {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].is(";") || tokens_[i].is("declare") || tokens_[i].is("begin")) begin = i + 1;
      if (!tokens_[i].is(":=")) continue;
      std::size_t value = i + 1;
      if (is(value, "coalesce") && is(value + 1, "(")) value += 2;
      const bool whole = value < tokens_.size() && is_state(value) &&
                         (is(value + 1, ";") || is(value + 1, ",") || is(value + 1, ")"));
      if (whole && begin < i) names_.insert(tokens_[begin].lower);
    }
  }

  void add_read(std::size_t at) {
    const std::string key = sql::string_value(body_, tokens_[at]);
    keys_.read.emplace(key, tokens_[at].offset);
  }

  /// The token that holds the key which is read from the state at token i: behind `->`, `->>` and `?`, in
  /// `['key']` and in `jsonb_extract_path(state, 'key')`. The number of tokens: none.
  std::size_t key_read(std::size_t i) const {
    const std::size_t next = i + 1;
    const bool arrow = is(next, "-") && (is(next + 1, ">") || is(next + 1, ">>"));
    const bool path = is(next, ",") && i >= 2 && is(i - 1, "(") &&
                      tokens_[i - 2].lower.find("extract_path") != std::string::npos;
    const std::size_t key = next + (arrow ? 2 : 1);
    const bool reads = arrow || path || is(next, "?") || is(next, "[");
    return reads && is_string(key) ? key : tokens_.size();
  }

  void read_use(std::size_t i) {
    const std::size_t next = i + 1;
    if (const std::size_t key = key_read(i); key < tokens_.size()) return add_read(key);
    if (is(next, "#")) keys_.unknown = true;
    const bool handed_on = is(i - 1, "(") || is(i - 1, ",");
    const bool coalesced = handed_on && i >= 2 && is(i - 2, "coalesce");
    keys_.read_whole = true;
    if (handed_on && !coalesced && (is(next, ",") || is(next, ")"))) keys_.unknown = true;
  }

  /// Every second argument is a key.
  void read_object(std::size_t i) {
    int parentheses = 0;
    bool key = true;
    bool begins = true;
    for (; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (parentheses == 0 && token.is(")")) return;
      if (token.is("(") || token.is("[")) ++parentheses;
      if (token.is(")") || token.is("]")) --parentheses;
      if (parentheses == 0 && token.is(",")) {
        key = !key;
        begins = true;
        continue;
      }
      if (begins && key) {
        if (token.kind == TokenKind::string && (is(i + 1, ",") || is(i + 1, ":") || is(i + 1, "::")))
          keys_.set.insert(sql::string_value(body_, token));
        else
          keys_.unknown = true;
      }
      begins = false;
    }
  }

  /// `'{"key": 1}'` and the path `'{key}'` of jsonb_set.
  void read_constant(const Token& token) {
    const std::string value = sql::string_value(body_, token);
    if (value.empty() || value.front() != '{') return;
    const auto object = nlohmann::json::parse(value, nullptr, false);
    if (object.is_object()) {
      for (const auto& [key, inner] : object.items()) keys_.set.insert(key);
    } else if (value.find(':') != std::string::npos) {
      keys_.unknown = true;
    } else {
      keys_.set.insert(value.substr(1, value.find_first_of(",}") - 1));
    }
  }

  std::string_view body_;
  std::vector<Token> tokens_;
  std::set<std::string, std::less<>> names_;
  StateKeys keys_;
};

}  // namespace

StateKeys read_state_keys(std::string_view body, const std::string& argument) {
  return StateReader(body, argument).run();
}

}  // namespace dbtool::lint
