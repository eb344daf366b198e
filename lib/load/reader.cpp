#include "load/reader.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "load/scalar.h"

namespace dbtool::load {

void Reader::check_keys(const Node& mapping, const std::vector<std::string>& known,
                        const std::string& what) const {
  for (const Entry& entry : mapping.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    if (entry.key == "<<") continue;  // has been complained about
    const auto meant = nearest_word(entry.key, known);
    const std::string advice =
        meant ? fmt::format("did you mean `{}`?", *meant) : fmt::format("known keys: {}", join(known, ", "));
    complain(entry, fmt::format("`{}` is not a key of {}; {}", shorten(entry.key), what, advice));
  }
}

bool Reader::is_mapping(const Entry& entry, const std::string& advice) const {
  if (entry.value.kind == Node::Kind::mapping) return true;
  complain(entry,
           fmt::format("`{}` must be a mapping, not {}; {}", entry.key, describe(entry.value), advice));
  return false;
}

bool Reader::is_list(const Entry& entry, const std::string& advice) const {
  if (entry.value.kind == Node::Kind::sequence) return true;
  complain(entry, fmt::format("`{}` must be a list, not {}; {}", entry.key, describe(entry.value), advice));
  return false;
}

std::optional<std::string> Reader::text(const Entry& entry, bool may_be_empty) const {
  return text(entry.value, entry.key, may_be_empty);
}

std::optional<std::string> Reader::text(const Node& node, const std::string& name, bool may_be_empty) const {
  if (node.kind == Node::Kind::null) {
    complain(node, fmt::format("`{}` has no value; {}", shorten(name),
                               may_be_empty ? "write '' for an empty one" : "write one, or remove the key"));
    return std::nullopt;
  }
  if (node.kind != Node::Kind::scalar || (node.plain && describe_plain(node.text) != "text")) {
    const std::string advice = node.kind == Node::Kind::scalar
                                   ? fmt::format("write '{}' in quotes", shorten(node.text))
                                   : "write one text";
    complain(node, fmt::format("`{}` must be text, not {}; {}", shorten(name), describe(node), advice));
    return std::nullopt;
  }
  if (!may_be_empty && trim(node.text).empty()) {
    complain(node, fmt::format("`{}` is empty; write a value, or remove the key", shorten(name)));
    return std::nullopt;
  }
  return node.text;
}

std::optional<bool> Reader::boolean(const Entry& entry) const {
  const Node& node = entry.value;
  const auto value = node.kind == Node::Kind::scalar && node.plain ? parse_boolean(node.text) : std::nullopt;
  if (!value) {
    complain(node,
             fmt::format("`{}` must be a boolean, not {}; write true or false", entry.key, describe(node)));
  }
  return value;
}

std::optional<std::int64_t> Reader::integer(const Entry& entry, std::int64_t least, std::int64_t most) const {
  const Node& node = entry.value;
  const auto value = node.kind == Node::Kind::scalar && node.plain ? parse_integer(node.text) : std::nullopt;
  const std::string range = most == std::numeric_limits<std::int64_t>::max()
                                ? fmt::format("{} or more", least)
                                : fmt::format("{} to {}", least, most);
  if (!value) {
    complain(node, fmt::format("`{}` must be an integer, not {}; write a whole number, {}, without quotes",
                               shorten(entry.key), describe(node), range));
    return std::nullopt;
  }
  if (*value >= least && *value <= most) return value;
  complain(node, fmt::format("`{}` is {}; it must be {}", shorten(entry.key), *value, range));
  return std::nullopt;
}

}  // namespace dbtool::load
