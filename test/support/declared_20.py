"""Version 20 of the shipped database in its declared form, laid over a copy of the shipped versions.

    declared_20.lay(directory)    directory/versions then has versions 20 and 21 of test/cases/declared-20
"""
import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASE = ROOT / "test" / "cases" / "declared-20"


def lay(directory):
    versions = pathlib.Path(directory) / "versions"
    for name in ("0020-migration.sql", "0020-downgrade.sql", "0021-downgrade.sql"):
        (versions / name).unlink()
    for name in ("0020.yml", "0021-declared-downgrade.sql"):
        shutil.copy(CASE / name, versions)
    shipped = (ROOT / "versions" / "0021.yml").read_text()
    methods = shipped[shipped.index("\nmethods:\n") + 1:]
    allowed = shipped[:shipped.index("version:")]
    (versions / "0021.yml").write_text(allowed + (CASE / "0021-head.yml").read_text() + methods)
