#include "docs/graphviz.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "docs/diagram.h"
#include "docs/page.h"

namespace dbtool::docs {

namespace {

/// Comments tell Graphviz' version and repeat the names.
std::string without_comments(std::string text) {
  for (std::size_t begin = 0; (begin = text.find("<!--", begin)) != std::string::npos;) {
    const std::size_t end = text.find("-->", begin);
    if (end == std::string::npos) break;
    std::size_t behind = end + 3;
    while (behind < text.size() && text[behind] == '\n') ++behind;
    text.erase(begin, behind - begin);
  }
  return text;
}

}  // namespace

std::string draw_svg(const Reference& reference) {
  const auto program = find_program("dot");
  if (!program)
    throw Error(ExitCode::usage, "--svg needs Graphviz, and there is no program 'dot'",
                "install graphviz, or leave out --svg: the Markdown pages have Mermaid diagrams");
  ProcessOptions options;
  options.input = graphviz_source(reference);
  const ProcessOutcome outcome = run_process({program->string(), "-Tsvg"}, options);
  const std::size_t begin = outcome.output.find("<svg");
  if (!outcome.succeeded() || begin == std::string::npos)
    throw Error(ExitCode::failed, "Graphviz failed: " + std::string(trim(outcome.errors)));
  return without_comments(outcome.output.substr(begin));
}

std::string svg_file(const std::string& svg) {
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {} -->\n{}", marker, svg);
}

}  // namespace dbtool::docs
