#!/usr/bin/env python3
"""`dbtool report`, from the real binary: its page read in a real browser (dark and light, phone and desktop, hostile texts,
no request to any network), its Markdown, and all JSON of window, history and report against the schema.

    report.py --dbtool BINARY [--screenshots DIRECTORY]
"""
import argparse
import json
import pathlib
import sys
import tempfile

import jsonschema

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))
sys.path.insert(0, str(ROOT / "test" / "docs"))
sys.path.insert(0, str(ROOT / "test" / "database" / "refusals"))
import small_project  # noqa: E402
from browser import Browser  # noqa: E402
from private_server import Dbtool, PrivateServer  # noqa: E402

OUTPUT_SCHEMA = json.loads((ROOT / "lib" / "report" / "output.schema.json").read_text())
SECRET = "s3cret-of-nobody"
HOSTILE = "<img src=x onerror='window.pwned=1'> | `x` & [a](http://example.invalid) \x07"

# A night as it would have been recorded: run 1 with three steps, of which the last was given up; version 2 was watched.
NIGHT = f"""
update dbtool.runs set started = started - interval '2 hours', outcome = 'stopped',
       message = $t${HOSTILE} postgres://u:{SECRET}@h/d$t$ where run = 1;
update dbtool.steps set started = started - interval '60 minutes' - (2 - version) * interval '30 minutes',
       finished = finished - interval '30 minutes' - (2 - version) * interval '30 minutes' where version < 3;
update dbtool.windows set opened = opened - interval '2 hours 10 minutes';
insert into dbtool.failed_steps (run, version, direction, outcome, started)
  select 1, 4, 'upgrade', 'stopped', now() - interval '20 minutes';
insert into dbtool.forecasts (run, version, direction, kind, low, high, source)
  values (1, 2, 'upgrade', 'before', 1500, 2000, $t$rehearsed {HOSTILE}$t$), (1, 4, 'upgrade', 'before', null, null, 'never rehearsed');
insert into dbtool.samples (run, version, direction, seconds, wal_bytes, left_low, left_high, phase, wait, waiting)
  select 1, 2, 'upgrade', s * 18, s * 1e6, case when s > 2 then (100 - s) * 15 end, case when s > 2 then (100 - s) * 25 end,
         case when s < 40 then 'copying' else $t${HOSTILE}$t$ end, case when s % 3 = 0 then 'IO:DataFileRead' else '' end, s % 4
    from generate_series(1, 100) s;
insert into dbtool.locks (run, version, direction, table_name, mode, began, seconds, waited_for)
  values (1, 2, 'upgrade', 'notes', 'AccessExclusiveLock', 600, 300, 4), (1, 2, 'upgrade', $t$odd.{HOSTILE}$t$, 'ShareLock', 0, 60, 0),
         (1, 2, 'upgrade', 'authors', 'ShareUpdateExclusiveLock', 100, 1000, 0);
insert into dbtool.curve (run, version, direction, phase, made, rows_done, rate, workers, batch_size, batch_seconds, note)
  select 1, 4, 'upgrade', 'walk', now() - interval '20 minutes' + s * interval '10 seconds', s * 1000, 800 + s % 7, 1, 100 + s, 0.05, ''
    from generate_series(1, 60) s;
insert into dbtool.latency (run, version, direction, measure, made, seconds, looks, failed, median, worst, time_limit)
  select 1, 4, 'upgrade', 'probe', now() - interval '20 minutes' + s * interval '10 seconds', 10, case when s in (20, 21) then 0 else 20 end,
         case when s in (20, 21) then 10 else 0 end, case when s not in (20, 21) then 0.0012 + s * 0.00001 end,
         case when s not in (20, 21) then 0.004 + 0.03 * (s % 9 = 0)::int end, 0.02
    from generate_series(1, 60) s;
insert into dbtool.latency (run, version, direction, measure, made, seconds, looks, failed, median, worst, time_limit)
  values (1, 4, 'upgrade', 'latency', now() - interval '10 minutes', 10, 10, 0, 0.0004, 0.0005, 0.01);
"""

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
return ["body", ".outcome", ".message", "dt", "th", ".top", ".ticks", "figcaption", ".dim"].map((selector) => {
  const node = document.querySelector(selector);
  if (node === null) return [selector, 0];
  const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
  return [selector, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
});
"""


def validate(text, definition):
    value = json.loads(text)
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": OUTPUT_SCHEMA["$defs"]}).validate(value)
    return value


class Report:
    def __init__(self, server, binary, directory):
        self.server, self.directory = server, directory
        project = directory / "project"
        project.mkdir()
        small_project.write(project)
        server.create_database("night")
        server.psql("create role office_desk")
        self.tool = Dbtool(binary, server, "-C", str(project), "--url", server.url("night"))

    def run(self, *words, exit_code=0):
        done = self.tool.run(*words)
        assert done.returncode == exit_code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *words):
        return self.run(*words, "--format", "json").stdout

    def record(self):
        assert "no runs are recorded" in self.run("report", exit_code=1).stderr
        validate(self.json("window"), "window")
        validate(self.json("window", "open", "12h", "--reserve", "45m"), "window")
        self.run("upgrade")
        # Nothing was moved online, so that nothing was measured: it says what to set.
        for way in (("--markdown",), ("--html", "-")):
            told = self.run("report", *way).stdout
            assert "latency was not measured" in told and "throttle: of dbtool.yml" in told, told
        assert validate(self.json("report"), "report")["latency"] == []
        self.server.psql(NIGHT, "night")

    def outputs(self):
        report = validate(self.json("report", "1"), "report")
        assert len(report["samples"]) == 100 and len(report["locks"]) == 3 and len(report["batches"]) == 60
        assert len(report["latency"]) == 61, report["latency"]
        probe = report["latency"][0]
        assert (probe["measure"], probe["looks"], probe["failed"], probe["limit_seconds"]) == ("probe", 20, 0, 0.02), probe
        assert abs(probe["began_seconds"] - report["batches"][0]["seconds"] + 10) < 0.1, probe
        assert [one["median_seconds"] for one in report["latency"] if one["failed"]] == [None, None]
        assert report["window"]["open"] and report["failed_steps"][0]["version"] == 4
        validate(self.json("history"), "history")
        judged = validate(self.json("history", "--budget", "14h/quarter"), "history-judged")
        assert judged["calibration"]["steps"] == 1 and judged["calibration"]["inside_range"] == 1, judged["calibration"]
        markdown = self.run("report").stdout
        assert markdown == self.run("report", "1", "--markdown").stdout
        assert SECRET not in markdown and "<img" not in markdown and "| upgrade 2 | done | 25 min 00 s – 33 min 20 s | 30 min" in markdown, markdown
        assert "Services' latency, upgrade 4, the probe: usually 1.51 ms, at worst 34 ms in 1160 looks, 20 looks without an answer; limit 20 ms\n" in markdown, markdown
        assert "Services' latency, upgrade 4, their statements: usually 0.4 ms, at worst 0.5 ms in 10 looks; limit 10 ms\n" in markdown, markdown
        cells = {line.replace("\\|", "").count("|") for line in markdown.splitlines() if line.startswith("| upgrade")}
        assert cells == {7}, markdown
        assert "no run 7" in self.run("report", "7", exit_code=1).stderr
        self.run("report", "--markdown", "--html", "x.html", exit_code=2)
        self.run("report", "--html", "/nowhere/x.html", exit_code=1)

    def page(self, screenshots):
        page = self.directory / "night.html"
        assert self.run("report", "1", "--html", str(page)).stdout == ""
        assert self.run("report", "1", "--html", "-").stdout == page.read_text(encoding="utf-8")
        assert SECRET not in page.read_text(encoding="utf-8")
        url = page.as_uri()
        with Browser() as browser:
            grounds = set()
            for scheme in ("light", "dark"):
                browser.scheme(scheme)
                for width in (1300, 390):
                    browser.size(width, 844)
                    browser.open(url)
                    poor = [(name, round(value, 2)) for name, value in browser.run(CONTRASTS) if value < 4.5]
                    assert poor == [], f"{scheme}: {poor}"
                    wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    assert wide == 0, f"{width}: {wide} too wide"
                    # Text of drawings is not shrunk with them.
                    small = browser.run("return Math.min(...[...document.querySelectorAll('main *')].filter((one) => "
                                        "one.textContent && !one.closest('svg')).map((one) => parseFloat(getComputedStyle(one).fontSize)))")
                    assert small >= 12, small
                    if screenshots:
                        screenshots.mkdir(parents=True, exist_ok=True)
                        browser.size(width, browser.run("return document.documentElement.scrollHeight"))
                        browser.screenshot(screenshots / f"report-{width}-{scheme}.png")
                grounds.add(browser.run("return getComputedStyle(document.body).backgroundColor"))
            assert len(grounds) == 2
            self.check_contents(browser)
            told = browser.console()
            assert told == [], told
            assert set(browser.requests()) - {"about:blank"} == {url}

    def check_contents(self, browser):
        assert browser.run("return window.pwned === undefined && document.querySelectorAll('img, script, link, iframe').length") == 0
        captions = browser.run("return [...document.querySelectorAll('figcaption')].map((one) => one.textContent)")
        for caption in ("The clock", "How long it would take in all, as said over its time", "Write-ahead log", "Locks",
                        "Rate of the online part", "Size of its batches", "How long the probe took",
                        "How long a statement of the services took"):
            assert captions.count(caption) == 1, (caption, captions)
        # Every drawing has a size, and what it draws lies within it.
        outside = browser.run("""
            return [...document.querySelectorAll('svg')].flatMap((svg) => {
              const box = svg.getBoundingClientRect();
              if (box.width < 100 || box.height < 8) return ['empty: ' + svg.getAttribute('aria-label')];
              return [...svg.children].filter((one) => { const at = one.getBoundingClientRect();
                return at.left < box.left - 3 || at.right > box.right + 3 || at.top < box.top - 3 || at.bottom > box.bottom + 3; })
                .map((one) => svg.getAttribute('aria-label') + ': ' + one.outerHTML.slice(0, 100)); });""")
        assert outside == [], outside
        # What was not measured is a gap in both lines, and is marked.
        drawn = browser.run("""
            const svg = document.querySelector("svg[aria-label='How long the probe took']");
            return ['.line', '.worst', '.closed', '.truth'].map((one) => svg.querySelectorAll(one).length);""")
        assert drawn == [2, 2, 2, 1], drawn
        text = browser.run("return document.querySelector('main').textContent")
        assert "latency was not measured" not in text, text
        for words in ("25 min 00 s – 33 min 20 s", "IO:DataFileRead33 %", "copying", HOSTILE.replace("\x07", "\ufffd").strip(),
                      "notes AccessExclusiveLock, 5 min 00 s, up to 4 waited", "not yet",
                      "usually 1.51 ms, at worst 34 ms in 1160 looks, 20 looks without an answer; limit 20 ms"):
            assert words in text, f"{words}\n{text}"
        # The truth of the progress drawing is where the step ended: below the top, above the ground.
        low, high = browser.run("""
            const svg = document.querySelector("svg[aria-label='forecasts over time']");
            const [box, truth] = [svg.getBoundingClientRect(), svg.querySelector('.truth').getBoundingClientRect()];
            return [truth.top - box.top, box.bottom - truth.bottom];""")
        assert low > 5 and high > 50, (low, high)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True, type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    with PrivateServer() as server, tempfile.TemporaryDirectory(prefix="dbtool-report-") as directory:
        report = Report(server, arguments.dbtool.resolve(), pathlib.Path(directory))
        report.record()
        report.outputs()
        print("window, history, report: as the schema has it")
        report.page(arguments.screenshots)
        print("page: light, dark, desktop, phone, hostile texts; no request but for the page")


if __name__ == "__main__":
    main()
