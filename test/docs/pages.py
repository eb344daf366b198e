#!/usr/bin/env python3
"""The pages of `dbtool docs`, from the real binary, read in a real browser: search, links, phone and desktop, dark and
light, hostile texts; no request to any network. And the files: --check, pages of what is no more, files of others.

    pages.py --dbtool BINARY [--screenshots DIRECTORY]
"""
import argparse
import json
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

import jsonschema

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))
import hostile_project  # noqa: E402
from browser import DOWN, ENTER, ESCAPE, Browser  # noqa: E402

OUTPUT_SCHEMA = json.loads((ROOT / "lib" / "report" / "output.schema.json").read_text())

# Whether the element is on the screen, below the bar at the top.
ON_SCREEN = """
const box = document.getElementById(arguments[0]).getBoundingClientRect();
const bar = document.querySelector("header").getBoundingClientRect();
return box.top >= bar.bottom - 1 && box.top < innerHeight;
"""

# The contrast of text and ground, as WCAG counts it, of every visible element of a few kinds.
CONTRASTS = """
const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
const light = (color) => {
  const [r, g, b] = numbers(color).map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (node) => {
  for (; node; node = node.parentElement) {
    const color = getComputedStyle(node).backgroundColor;
    if (numbers(color)[3] !== 0) return color;
  }
  return "rgb(255, 255, 255)";
};
return ["body", "main a", ".dim", "dt", "small", ".badge.read", ".badge.write", ".badge.gone", ".warn", "pre", "#search"].map((selector) => {
  const node = document.querySelector(selector);
  if (node === null) return [selector, 0];
  const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
  return [selector, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
});
"""


class Pages:
    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory

    def run(self, project, *words, exit_code=0, **options):
        done = subprocess.run([self.binary, "-C", project, *words], capture_output=True, text=True, timeout=120,
                              check=False, **options)
        assert done.returncode == exit_code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, project, *words, exit_code=0):
        value = json.loads(self.run(project, "--format", "json", "docs", *words, exit_code=exit_code).stdout)
        jsonschema.Draft202012Validator({"$ref": "#/$defs/docs", "$defs": OUTPUT_SCHEMA["$defs"]}).validate(value)
        return {pathlib.Path(one["file"]).name: one["state"] for one in value["files"]}, value

    def files(self, out):
        return {path.relative_to(out): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}

    # -- the files ------------------------------------------------------------------------------------------------

    def check_files(self):
        project, out = self.directory / "hostile", self.directory / "pages"
        hostile_project.write(project)
        states, value = self.json(project, "--output", out)
        assert set(states.values()) == {"written"} and value["clean"]
        first = self.files(out)
        assert all(str(self.directory).encode() not in text for text in first.values()), "a page names this machine"
        states, _ = self.json(project, "--output", out)
        assert set(states.values()) == {"unchanged"}
        # Another place, the same bytes.
        moved = self.directory / "moved"
        shutil.copytree(project, moved)
        self.run(moved, "docs", "--output", self.directory / "others")
        assert self.files(self.directory / "others") == first
        self.check_markdown_links(out)
        parted = self.directory / "parted"
        self.run(project, "docs", "--output", parted, "--html", self.directory / "elsewhere.html")
        assert not (parted / "index.html").exists()
        self.check_markdown_links(parted)
        self.check_differences(project, out, first)
        self.check_others_files(project, out)
        self.check_failures(project, out)
        self.check_one_page(project)

    def check_markdown_links(self, out):
        """Every link leads to a file, and to an anchor in it."""
        links = 0
        for page in out.rglob("*.md"):
            text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
            for link in re.findall(r"(?<!\\)\]\(([^)]*)\)", text):
                file, _, anchor = link.partition("#")
                goal = (page.parent / file) if file else page
                assert goal.is_file(), f"{page}: {link}"
                assert not anchor or f'<a id="{anchor}"></a>' in goal.read_text(), f"{page}: {link}"
                links += 1
        assert links > 20, links

    def check_differences(self, project, out, first):
        self.json(project, "--output", out, "--check")
        (out / "notes.md").write_text("written by people\n")
        schema = [project / "schema" / name for name in ("tables.yml", "access.yml")]
        declared = [path.read_text() for path in schema]
        for path, text in zip(schema, declared):
            path.write_text(text.replace("rooms:", "halls:"))
        (out / "releases.md").unlink()
        states, value = self.json(project, "--output", out, "--check", exit_code=3)
        assert not value["clean"]
        assert states["halls.md"] == "missing" and states["rooms.md"] == "surplus" and states["README.md"] == "stale"
        assert states["releases.md"] == "missing" and states["desk.md"] == "current", states
        assert "notes.md" not in states
        text = self.run(project, "docs", "--output", out, "--check", exit_code=3).stdout
        assert "surplus  " in text and "rooms.md" in text, text
        assert (out / "tables" / "rooms.md").exists(), "--check has removed a page"
        states, _ = self.json(project, "--output", out)
        assert states["rooms.md"] == "removed" and states["halls.md"] == "written", states
        assert not (out / "tables" / "rooms.md").exists()
        for path, text in zip(schema, declared):
            path.write_text(text)
        self.run(project, "docs", "--output", out)
        assert (out / "notes.md").read_text() == "written by people\n"
        (out / "notes.md").unlink()
        assert self.files(out) == first

    def check_others_files(self, project, out):
        page = out / "README.md"
        written = page.read_bytes()
        page.write_text("# Our own page\n")
        (out / "versions.md").unlink()
        states, _ = self.json(project, "--output", out, "--check", exit_code=3)
        assert states["README.md"] == "foreign", states
        done = self.run(project, "docs", "--output", out, exit_code=2)
        assert "README.md" in done.stderr and "--output" in done.stderr, done.stderr
        assert page.read_text() == "# Our own page\n" and not (out / "versions.md").exists()
        page.write_bytes(written)
        self.run(project, "docs", "--output", out)

    def check_failures(self, project, out):
        """A place that is none, and a disk that is full."""
        done = self.run(project, "docs", "--output", out / "README.md" / "x", exit_code=2)
        assert "README.md/x" in done.stderr, done.stderr
        before = self.files(out)

        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))

        (out / "diagram.md").write_bytes(before[pathlib.Path("diagram.md")] + b"\n")
        spoilt = self.files(out)
        done = self.run(project, "docs", "--output", out, exit_code=1, preexec_fn=small_files)
        assert "diagram.md" in done.stderr, done.stderr
        assert self.files(out) == spoilt, "a page was half written, or a temporary file is left"
        self.run(project, "docs", "--output", out)
        assert self.files(out) == before

    def check_one_page(self, project):
        """--html alone writes nothing else, and not into the project."""
        alone = self.directory / "alone.html"
        before = self.files(project)
        states, _ = self.json(project, "--html", alone)
        assert states == {"alone.html": "written"}
        assert alone.read_bytes() == self.files(self.directory / "pages")[pathlib.Path("index.html")]
        assert self.files(project) == before
        if shutil.which("dot"):
            self.run(project, "docs", "--html", self.directory / "drawn.html", "--svg")
            assert "<svg" in (self.directory / "drawn.html").read_text()
        empty = self.directory / "bin"
        empty.mkdir()
        done = self.run(project, "docs", "--html", alone, "--svg", exit_code=2, env={"PATH": str(empty)})
        assert "Graphviz" in done.stderr, done.stderr

    # -- the browser ----------------------------------------------------------------------------------------------

    def check_browser(self, screenshots):
        out = self.directory / "shipped"
        self.run(ROOT, "docs", "--output", out)
        self.run(ROOT, "docs", "--output", out, "--check")
        self.check_markdown_links(out)
        shipped = (out / "index.html").as_uri()
        with Browser() as browser:
            self.check_search(browser, shipped)
            self.check_links(browser, shipped)
            self.check_schemes(browser, shipped)
            self.check_phone(browser, shipped)
            hostile = [self.directory / "pages" / "index.html"]
            if (self.directory / "drawn.html").exists():
                hostile.append(self.directory / "drawn.html")
            for page in hostile:
                self.check_hostile(browser, page.as_uri())
            self.check_quiet(browser, [shipped] + [page.as_uri() for page in hostile])
            if screenshots:
                self.take_screenshots(browser, shipped, hostile[-1].as_uri(), screenshots)

    def check_search(self, browser, page):
        browser.size(1300, 900)
        browser.open(page)
        names = "return [...document.querySelectorAll('#results .found')].map((one) => one.textContent)"
        browser.press("/")
        assert browser.run("return document.activeElement.id") == "search"
        browser.press("get_task")
        assert browser.run("return document.getElementById('search').value") == "get_task"
        found = browser.run(names)
        assert found[0] == "get_task" and "get_tasks_by_task_group" in found, found
        assert not browser.run("return document.getElementById('function-get_task').open")
        browser.click("#results li:first-child a")
        assert browser.becomes("return location.hash === '#function-get_task'")
        assert browser.becomes("return document.getElementById('function-get_task').open")
        assert browser.becomes(ON_SCREEN, "function-get_task")
        assert browser.becomes("return document.getElementById('results').hidden")
        # By the keyboard alone: the second result of two words, one of them in the description.
        browser.press("/")
        browser.press("quarantine worker")
        second = browser.run(names)[1]
        browser.press(DOWN + ENTER)
        assert browser.becomes("return document.getElementById(location.hash.slice(1)).open"), second
        for words, first in (("tasks.task_id", "tasks.task_id"), ("20", "20"), ("v36", "v36.0.0"),
                             ("TASK_GROUPS", "task_groups")):
            browser.press("/")
            browser.press(words)
            found = browser.run(names)
            assert found[:1] == [first], (words, found)
            browser.press(ESCAPE)
        assert browser.run("return document.getElementById('search').value") == ""
        browser.press("/")
        browser.press("xyzzy")
        assert browser.run(names) == []
        assert browser.run("return document.querySelector('#results .none').textContent") == "nothing found"
        browser.press(ESCAPE)

    def check_links(self, browser, page):
        for anchor, details in (("function-create_task", "function-create_task"), ("version-20", "version-20"),
                                ("table-workers", "table-workers"), ("column-tasks.task_id", "table-tasks")):
            browser.open(f"{page}#{anchor}")
            assert browser.becomes("return document.getElementById(arguments[0]).open", details), anchor
            assert browser.becomes(ON_SCREEN, anchor), anchor
        # Back in the browser goes back to what was open before; a link once more opens what was closed by hand.
        browser.open(page)
        browser.run("location.hash = '#table-tasks'; document.getElementById('table-tasks').open = false;")
        browser.click("aside a[href='#table-tasks']")
        assert browser.becomes("return document.getElementById('table-tasks').open")
        lost = browser.run("""
          const known = new Set([...document.querySelectorAll("[id]")].map((one) => one.id));
          const ids = JSON.parse(document.getElementById("search-index").textContent).map((one) => one[3]);
          const links = [...document.querySelectorAll("a[href]")].map((one) => one.getAttribute("href"));
          return [...links.filter((one) => !one.startsWith("#") || !known.has(one.slice(1))), ...ids.filter((one) => !known.has(one))];
        """)
        assert lost == [], f"links to nothing: {lost}"

    def check_schemes(self, browser, page):
        grounds = {}
        for scheme in ("light", "dark"):
            browser.scheme(scheme)
            browser.open(page + "#function-queue_provisioners_entities_load")
            browser.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
            poor = [(name, round(value, 2)) for name, value in browser.run(CONTRASTS) if value < 4.5]
            assert poor == [], f"{scheme}: too little contrast: {poor}"
            grounds[scheme] = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert grounds["light"] != grounds["dark"], grounds
        browser.scheme("light")

    def check_phone(self, browser, page):
        browser.size(390, 844)
        browser.open(page)
        width = "return [document.documentElement.scrollWidth, innerWidth]"
        assert browser.run(width) == [390, 390], browser.run(width)
        browser.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
        wide, inner = browser.run(width)
        assert (wide, inner) == (390, 390), f"the page is {wide} wide with everything open"
        # Wide tables scroll in boxes of their own, so there is something to scroll.
        assert browser.run("return [...document.querySelectorAll('.scroll')].some((one) => one.scrollWidth > one.clientWidth)")
        browser.click("#search")
        browser.press("queue")
        assert browser.run(width) == [390, 390]
        assert browser.run("const box = document.getElementById('results').getBoundingClientRect();"
                           "return box.left >= 0 && box.right <= 390 && box.height > 50")
        browser.press(ESCAPE)

    def check_hostile(self, browser, page):
        for width in (390, 1300):
            browser.size(width, 844)
            browser.open(page)
            browser.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
            assert browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        assert browser.run("return window.pwned === undefined && document.title") == f"{hostile_project.NAME}, version 3"
        assert browser.run("return document.querySelectorAll('main img, main script, main b:not(.title), main iframe').length") == 0
        assert browser.run("return document.querySelectorAll('script').length") == 2
        text = browser.run("return document.querySelector('main').textContent")
        for hostile in hostile_project.TEXTS:
            assert hostile in text, hostile
        browser.press("/")
        browser.press("alert")
        assert hostile_project.FUNCTION_TEXT in browser.run("return document.getElementById('results').textContent")
        browser.press(ESCAPE)

    def check_quiet(self, browser, pages):
        told = browser.console()
        assert told == [], told
        asked = {url.split("#")[0] for url in browser.requests()}
        assert asked - {"about:blank"} == set(pages), f"requests: {asked}"

    def take_screenshots(self, browser, shipped, hostile, directory):
        directory.mkdir(parents=True, exist_ok=True)
        for scheme in ("light", "dark"):
            browser.scheme(scheme)
            for width, height in ((1300, 900), (390, 844)):
                browser.size(width, height)
                for name, url in (("top", shipped), ("function", shipped + "#function-queue_workers_entities_load"),
                                  ("table", shipped + "#table-tasks"), ("version", shipped + "#version-20"),
                                  ("hostile", hostile)):
                    browser.open(url)
                    browser.screenshot(directory / f"{name}-{width}-{scheme}.png")
                browser.open(shipped)
                browser.press("/")
                browser.press("queue task")
                browser.screenshot(directory / f"search-{width}-{scheme}.png")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True, type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbtool-pages-") as directory:
        pages = Pages(arguments.dbtool.resolve(), pathlib.Path(directory))
        pages.check_files()
        print("files: as they should be")
        pages.check_browser(arguments.screenshots)
        print("browser: search, links, schemes, phone, hostile texts; no request but for the pages")


if __name__ == "__main__":
    main()
