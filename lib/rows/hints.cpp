#include "rows/hints.h"

#include <nlohmann/json.hpp>

#include "sql/tree.h"

namespace dbtool::rows {
namespace {

using nlohmann::json;

enum class Sense { plain, pattern, like };

/// How an operator reads the text at its right.
Sense sense_of(const json& operation) {
  for (const json& part : operation.value("name", json::array())) {
    if (!part.contains("String")) continue;
    const std::string name = sql::member(part.at("String"), "sval");
    if (name == "~" || name == "~*" || name == "!~" || name == "!~*") return Sense::pattern;
    if (name == "~~" || name == "~~*" || name == "!~~" || name == "!~~*") return Sense::like;
  }
  return Sense::plain;
}

/// A pattern of `similar to` as a regular expression.
std::string from_similar(const std::string& pattern) {
  std::string result;
  for (const char c : pattern) {
    if (c == '%') {
      result += ".*";
    } else {
      result += c == '_' ? '.' : c;
    }
  }
  return result;
}

/// Collects from the parse tree of one comparison.
class Collector {
 public:
  explicit Collector(Hints& hints) : hints_(hints) {}

  void walk(const json& node, Sense sense, bool similar = false) {
    if (!node.is_structured()) return;
    if (node.is_object()) {
      if (node.contains("ColumnRef")) return column(node.at("ColumnRef"));
      if (node.contains("A_Const")) return constant(node.at("A_Const"), sense, similar);
      if (node.contains("TypeName") || node.contains("typeName")) {
        if (node.contains("arg")) walk(node.at("arg"), sense, similar);
        return;
      }
      if (node.contains("A_Expr")) sense = std::max(sense, sense_of(node.at("A_Expr")));
      if (node.contains("FuncCall")) {
        const json& call = node.at("FuncCall");
        // Its numbers are a table's oid, a modulus and a remainder.
        if (call.dump().find("satisfies_hash_partition") != std::string::npos) constants_count_ = false;
        similar = similar || call.dump().find("similar_to_escape") != std::string::npos;
        if (call.contains("args")) walk(call.at("args"), sense, similar);
        return;
      }
    }
    for (auto item = node.begin(); item != node.end(); ++item) {
      // The operator's own name is no text to compare with.
      if (node.is_object() && item.key() == "name") continue;
      walk(*item, sense, similar);
    }
  }

 private:
  void column(const json& reference) {
    if (!reference.contains("fields") || reference.at("fields").empty()) return;
    const json& last = reference.at("fields").back();
    if (last.contains("String")) hints_.columns.insert(sql::member(last.at("String"), "sval"));
  }
  void constant(const json& value, Sense sense, bool similar) {
    if (!constants_count_) return;
    if (value.contains("ival")) {
      hints_.numbers.push_back(std::to_string(value.at("ival").value("ival", 0)));
    } else if (value.contains("fval")) {
      hints_.numbers.push_back(sql::member(value.at("fval"), "fval"));
    } else if (value.contains("sval")) {
      const std::string text = sql::member(value.at("sval"), "sval");
      hints_.strings.push_back(text);
      if (similar) {
        hints_.patterns.push_back(from_similar(text));
      } else if (sense == Sense::pattern) {
        hints_.patterns.push_back(text);
      } else if (sense == Sense::like) {
        hints_.likes.push_back(text);
      }
    }
  }

  Hints& hints_;
  bool constants_count_ = true;
};

void split(const json& node, std::vector<Hints>& found) {
  if (node.is_object() && node.contains("BoolExpr")) {
    for (const json& part : node.at("BoolExpr").value("args", json::array())) split(part, found);
    return;
  }
  Hints hints;
  Collector(hints).walk(node, Sense::plain);
  if (!hints.columns.empty()) found.push_back(std::move(hints));
}

}  // namespace

std::vector<Hints> read_hints(const std::string& expression) {
  std::vector<Hints> found;
  try {
    const json tree = sql::parse_tree("select " + expression);
    if (tree.empty()) return found;
    split(tree.at(0).at("stmt").at("SelectStmt").at("targetList").at(0).at("ResTarget").at("val"), found);
  } catch (const json::exception&) {
    found.clear();  // a form that is not known: other ways are left
  }
  return found;
}

}  // namespace dbtool::rows
