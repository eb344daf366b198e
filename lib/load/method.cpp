#include <utility>

#include <fmt/format.h>

#include "load/scalar.h"
#include "load/version_file.h"

namespace dbtool::load {

namespace {

const std::vector<std::string> method_keys{"description", "mode", "serviceName", "args",
                                           "returns",     "body", "deprecated"};

bool is_service_name(std::string_view name) {
  std::string simple(name);
  for (char& c : simple) c = c == '-' ? '_' : c;
  return is_simple_name(simple);
}

std::optional<MethodMode> read_mode(const Reader& reader, const Entry& entry) {
  const auto mode = reader.text(entry);
  if (mode == "read") return MethodMode::read;
  if (mode == "write") return MethodMode::write;
  if (mode) reader.complain(entry.value, fmt::format("`mode` is `{}`; write read or write", shorten(*mode)));
  return std::nullopt;
}

/// Arguments and return type: SQL, but never a file's name.
std::optional<SqlText> read_fragment(const Reader& reader, const Entry& entry, bool may_be_empty) {
  if (!reader.text(entry, may_be_empty)) return std::nullopt;
  return reader.document().sql(entry.value);
}

void read_values(const Reader& reader, const Node& node, const SideFiles& side_files, Method& method) {
  if (const Entry* entry = node.find("description")) method.description = reader.text(*entry).value_or("");
  if (const Entry* entry = node.find("mode")) method.mode = read_mode(reader, *entry);
  if (const Entry* entry = node.find("serviceName")) {
    method.service_name = reader.text(*entry).value_or("");
    if (!method.service_name.empty() && !is_service_name(method.service_name)) {
      reader.complain(entry->value,
                      fmt::format("`serviceName` is `{}`; write lower-case letters, digits, - and _",
                                  shorten(method.service_name)));
    }
  }
  if (const Entry* entry = node.find("args")) method.args = read_fragment(reader, *entry, true);
  if (const Entry* entry = node.find("returns")) method.returns = read_fragment(reader, *entry, false);
  if (const Entry* entry = node.find("body")) {
    method.body = read_sql(reader, *entry, side_files);
    if (method.body && !is_block(method.body->text)) {
      reader.complain(entry->value, "`body` is not a PL/pgSQL block; write `begin … end`");
    }
  }
  if (const Entry* entry = node.find("deprecated"))
    method.deprecated = reader.boolean(*entry).value_or(false);
}

/// A deprecated entry may leave out everything, but one with a body defines the function like any other.
void check_complete(const Reader& reader, const Entry& entry, const Method& method) {
  const bool defines = !method.deprecated || entry.value.find("body") != nullptr;
  if (!defines) return;
  for (const std::string& key : method_keys) {
    if (key == "deprecated" || (key == "description" && method.deprecated)) continue;
    if (entry.value.find(key) != nullptr) continue;
    const std::string advice =
        key == "args" ? "write `args: ''` when it takes none" : fmt::format("write `{}: …`", key);
    reader.complain(entry, fmt::format("`{}` of `{}` is missing; {}", key, shorten(method.name), advice));
  }
}

Method read_method(const Reader& reader, const Entry& entry, const SideFiles& side_files) {
  Method method;
  method.name = entry.key;
  method.place = reader.place(entry);
  if (!is_simple_name(method.name)) {
    reader.complain(
        entry, fmt::format("`{}` cannot be a function's name; write lower-case letters, digits and _, not "
                           "beginning with a digit, at most 63",
                           shorten(method.name)));
  }
  if (!reader.is_mapping(entry, "write its keys below it")) return method;
  reader.check_keys(entry.value, method_keys, "a method");
  read_values(reader, entry.value, side_files, method);
  check_complete(reader, entry, method);
  return method;
}

}  // namespace

std::vector<Method> read_methods(const Reader& reader, const Entry& entry, const SideFiles& side_files) {
  std::vector<Method> methods;
  if (!reader.is_mapping(entry, "write `methods: {}` when there are none")) return methods;
  methods.reserve(entry.value.entries.size());
  for (const Entry& method : entry.value.entries) methods.push_back(read_method(reader, method, side_files));
  return methods;
}

}  // namespace dbtool::load
