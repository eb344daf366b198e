#include <algorithm>
#include <set>

#include "base/text.h"
#include "call/call.h"
#include "pg/quote.h"
#include "sql/parse.h"

namespace dbtool::call {

namespace {

bool is_input(const sql::Argument& argument) {
  return argument.mode != "out";
}

/// What a caller calls the argument at `index` of the input arguments.
std::string handle_of(const sql::Argument& argument, std::size_t index) {
  return argument.name.empty() ? std::to_string(index + 1) : argument.name;
}

/// Types that a parameter cannot be cast to: polymorphic ones, and those taken from a column.
bool can_cast(const std::string& type) {
  return type.find('%') == std::string::npos && to_lower(type).rfind("any", 0) != 0;
}

const Method& find_method(const Project& project, int version, const std::string& function,
                          bool& deprecated) {
  const MethodState state = method_state(project, function, version);
  deprecated = state.deprecated;
  if (state.definition != nullptr) return *state.definition;
  const MethodState newest = method_state(project, function, project.newest());
  if (newest.definition != nullptr) {
    int first = newest.defined_in;
    for (int v = newest.defined_in; v > version; --v)
      if (method_state(project, function, v).definition != nullptr) first = v;
    throw Error(ExitCode::usage,
                "function " + function + " comes with version " + std::to_string(first) +
                    "; the database is at " + std::to_string(version),
                "dbtool upgrade " + std::to_string(first));
  }
  throw Error(ExitCode::usage,
              "no function " + function + " in version " + std::to_string(version) +
                  did_you_mean(function, method_names(project, version)),
              "the functions are listed under `methods` of the version files");
}

std::vector<sql::Argument> input_arguments(const Method& method) {
  const auto parsed = sql::parse_arguments(method.args ? method.args->text : "");
  if (!parsed)
    throw Error(ExitCode::usage,
                "the arguments of " + method.name +
                    " cannot be understood: " + (method.args ? method.args->text : ""),
                "call it with psql");
  std::vector<sql::Argument> inputs;
  std::copy_if(parsed->begin(), parsed->end(), std::back_inserter(inputs), is_input);
  return inputs;
}

std::vector<std::string> handles_of(const std::vector<sql::Argument>& inputs) {
  std::vector<std::string> handles;
  for (std::size_t i = 0; i < inputs.size(); ++i) handles.push_back(handle_of(inputs[i], i));
  return handles;
}

/// A query of what returns records must name their columns, unless the function does.
void check_columns(const Method& method) {
  const auto returns = sql::parse_returns(method.returns ? method.returns->text : "");
  if (!returns || returns->type != "record" || !returns->columns.empty()) return;
  const auto arguments = sql::parse_arguments(method.args ? method.args->text : "");
  if (!arguments || std::any_of(arguments->begin(), arguments->end(), [](const sql::Argument& one) {
        return one.mode == "out" || one.mode == "inout" || one.mode == "table";
      }))
    return;
  throw Error(
      ExitCode::usage,
      method.name +
          " returns records whose columns are declared nowhere: only a query that names them can call it",
      "declare them (returns: table (…)), or call it with psql: select * from " + method.name +
          "(…) as t (a integer, …)");
}

/// Complains of all names at once.
void check_names(const Method& method, const std::vector<sql::Argument>& inputs,
                 const std::vector<NamedValue>& values) {
  const std::vector<std::string> handles = handles_of(inputs);
  std::vector<std::string> complaints;
  std::set<std::string> given;
  for (const NamedValue& value : values) {
    if (std::find(handles.begin(), handles.end(), value.name) == handles.end())
      complaints.push_back("no argument " + value.name + did_you_mean(value.name, handles));
    else if (!given.insert(value.name).second)
      complaints.push_back("argument " + value.name + " is given twice");
  }
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].has_default && inputs[i].mode != "variadic" && given.count(handles[i]) == 0)
      complaints.push_back("argument " + handles[i] + " (" + inputs[i].type + ") is missing" +
                           (inputs[i].name.empty()
                                ? ": it has no name, and is given by its number: " + handles[i] + "=VALUE"
                                : ""));
  if (!complaints.empty())
    throw Error(ExitCode::usage, method.name + ": " + join(complaints, "; "),
                "it takes (" + std::string(trim(method.args ? method.args->text : "")) + ")");
}

}  // namespace

std::vector<std::string> method_names(const Project& project, int version) {
  std::set<std::string> names;
  for (int number = 1; number <= std::min(version, project.newest()); ++number)
    for (const Method& method : project.version(number).methods)
      if (method.body) names.insert(method.name);
  return {names.begin(), names.end()};
}

Call make_call(const Project& project, int version, const std::string& function,
               const std::vector<NamedValue>& values) {
  Call call;
  const Method& method = find_method(project, version, function, call.deprecated);
  const std::vector<sql::Argument> inputs = input_arguments(method);
  check_columns(method);
  check_names(method, inputs, values);
  call.name = method.name;
  call.read_only = method.mode == MethodMode::read;
  std::vector<std::string> by_position, by_name;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string handle = handle_of(inputs[i], i);
    const auto value =
        std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.name == handle; });
    if (value == values.end()) continue;
    call.parameters.push_back(value->value);
    std::string text = "$" + std::to_string(call.parameters.size());
    if (can_cast(inputs[i].type)) text += "::" + inputs[i].type;
    const std::string variadic = inputs[i].mode == "variadic" ? "variadic " : "";
    if (inputs[i].name.empty())
      by_position.push_back(variadic + text);
    else
      by_name.push_back(variadic + pg::quote_identifier(inputs[i].name) + " => " + text);
  }
  by_position.insert(by_position.end(), by_name.begin(), by_name.end());
  call.sql = "select * from " + pg::quote_identifier(method.name) + "(" + join(by_position, ", ") + ")";
  return call;
}

}  // namespace dbtool::call
