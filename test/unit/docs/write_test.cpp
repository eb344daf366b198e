#include "docs/write.h"

#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

using namespace dbtool;
namespace fs = std::filesystem;

namespace {

std::string page(const std::string& text) {
  return "<!-- " + std::string(docs::marker) + " -->\n" + text;
}

/// "README.md missing, tables/a.md stale".
std::string states(const fs::path& directory, const std::vector<docs::PageOnDisk>& pages) {
  std::string text;
  for (const docs::PageOnDisk& one : pages)
    text += (text.empty() ? "" : ", ") + one.path.lexically_relative(directory).string() + " " +
            to_text(one.state);
  return text;
}

}  // namespace

TEST_CASE("Pages on disk are compared, written and cleared away", "[docs]") {
  const test::ProjectFiles files;
  const fs::path& out = files.path();
  std::vector<docs::WantedPage> wanted{{out / "README.md", page("one")}, {out / "tables/a.md", page("a")}};
  CHECK(states(out, docs::compare(out, wanted)) == "README.md missing, tables/a.md missing");
  docs::carry_out(docs::compare(out, wanted), wanted);
  CHECK(read_file(out / "tables/a.md") == page("a"));
  CHECK(states(out, docs::compare(out, wanted)) == "README.md current, tables/a.md current");

  wanted[0].contents += "!";
  wanted[1].path = out / "tables/b.md";
  files.write("tables/people.md", "our own");
  files.write("people.html", "our own");
  files.write("elsewhere/c.md", page("not looked for here"));
  CHECK(states(out, docs::compare(out, wanted)) ==
        "README.md stale, tables/a.md surplus, tables/b.md missing");
  docs::carry_out(docs::compare(out, wanted), wanted);
  CHECK(read_file(out / "README.md") == page("one!"));
  CHECK_FALSE(fs::exists(out / "tables/a.md"));
  CHECK(fs::exists(out / "tables/people.md"));
  CHECK(fs::exists(out / "people.html"));
  CHECK(fs::exists(out / "elsewhere/c.md"));
}

TEST_CASE("A file of somebody else's in the way stops everything", "[docs]") {
  const test::ProjectFiles files;
  const fs::path& out = files.path();
  files.write("b.md", "our own");
  const std::vector<docs::WantedPage> wanted{{out / "a.md", page("a")}, {out / "b.md", page("b")}};
  const auto pages = docs::compare(out, wanted);
  CHECK(states(out, pages) == "a.md missing, b.md foreign");
  CHECK_THROWS_AS(docs::carry_out(pages, wanted), Error);
  CHECK_FALSE(fs::exists(out / "a.md"));
  CHECK(read_file(out / "b.md") == "our own");
}

TEST_CASE("Links and directories in the place of pages are left alone", "[docs]") {
  const test::ProjectFiles files;
  const fs::path& out = files.path();
  files.write("outside/x.md", page("x"));
  fs::create_directory(out / "pages");
  fs::create_directory_symlink(out / "outside", out / "pages" / "tables");
  fs::create_symlink(out / "outside/x.md", out / "pages" / "x.md");
  CHECK(docs::compare(out / "pages", {}).empty());
  fs::create_directory(out / "pages" / "README.md");
  CHECK(states(out / "pages", docs::compare(out / "pages", {{out / "pages/README.md", page("one")}})) ==
        "README.md foreign");
}

TEST_CASE("A page that is named in another way is not surplus", "[docs]") {
  const test::ProjectFiles files;
  const fs::path& out = files.path();
  files.write("x.html", page("x"));
  CHECK(docs::compare(out, {{out / "." / "x.html", page("x")}}).size() == 1);
}

TEST_CASE("Without a directory nothing is searched for", "[docs]") {
  const test::ProjectFiles files;
  files.write("old.md", page("old"));
  CHECK(states(files.path(), docs::compare("", {{files.path() / "x.html", page("x")}})) == "x.html missing");
}
