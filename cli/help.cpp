#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dbtool::cli {

namespace {

constexpr std::size_t line_width = 100;

/// `text` broken between words, further lines indented by `indent`.
std::string wrap(const std::string& text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::size_t length = end - start;
    if (column > indent && column + 1 + length > line_width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(start, length);
    column += length;
    start = end + 1;
  }
  return out;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string table(const std::string& title, const Rows& rows) {
  if (rows.empty()) return "";
  std::size_t width = 0;
  for (const auto& [left, right] : rows) width = std::max(width, std::min<std::size_t>(left.size(), 28));
  std::string out = "\n" + title + ":\n";
  for (const auto& [left, right] : rows) {
    const bool fits = left.size() <= width;
    out += fits ? fmt::format("  {:<{}}  ", left, width)
                : fmt::format("  {}\n{}", left, std::string(width + 4, ' '));
    out += wrap(right, width + 4) + "\n";
  }
  return out;
}

Rows option_rows(const std::vector<OptionSpec>& options) {
  Rows rows;
  for (const OptionSpec& option : options) {
    std::string left =
        option.letter != 0 ? fmt::format("-{}, --{}", option.letter, option.name) : "--" + option.name;
    if (!option.choices.empty())
      left += " " + fmt::format("{}", fmt::join(option.choices, "|"));
    else if (!option.value.empty())
      left += " " + option.value;
    rows.emplace_back(left, option.help + (option.repeatable ? " (repeatable)" : ""));
  }
  return rows;
}

std::string examples(const std::vector<std::string>& lines) {
  return fmt::format("\nExamples:\n  {}\n", fmt::join(lines, "\n  "));
}

}  // namespace

std::string general_help(const std::vector<Command>& commands,
                         const std::vector<OptionSpec>& global_options) {
  std::string out =
      "dbtool carries a PostgreSQL database from version to version, and back.\n\n"
      "Usage: dbtool [-C DIR] [--url URL | --target NAME | --local] [options] COMMAND …\n";
  Rows rows;
  for (const Command& command : commands) rows.emplace_back(command.name, command.summary);
  out += table("Commands", rows);
  out += table("Options, before or after the command", option_rows(global_options));
  out +=
      "\nWhich database: --url, --target (of dbtool.yml), --local, or the environment: DBTOOL_URL, "
      "ADMIN_DB_URL,\n"
      "DATABASE_URL, or libpq's own PGSERVICE, PGHOST, PGDATABASE.\n";
  return out + examples({"dbtool --local upgrade", "dbtool --url postgresql://ops@db.example.net/ci status"});
}

std::string command_help(const Command& command) {
  std::string usage = "dbtool " + command.name;
  if (!command.options.empty()) usage += " [options]";
  Rows operands;
  for (const OperandSpec& operand : command.operands) {
    std::string shown =
        operand.choices.empty() ? operand.name : fmt::format("{}", fmt::join(operand.choices, "|"));
    if (operand.repeatable) shown += " …";
    usage += operand.required ? " " + shown : " [" + shown + "]";
    operands.emplace_back(operand.name, operand.help);
  }
  std::string out =
      fmt::format("dbtool {}: {}\n\nUsage: {}\n", command.name, wrap(command.summary, 0), usage);
  if (!command.description.empty()) out += "\n" + wrap(command.description, 0) + "\n";
  out += table("Operands", operands);
  out += table("Options", option_rows(command.options));
  out += "\nOptions of every command, and which database is meant: dbtool --help\n";
  return out + examples(command.examples);
}

}  // namespace dbtool::cli
