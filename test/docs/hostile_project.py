"""A small project with foreign keys whose names, descriptions and bodies try to be markup."""
import json
import pathlib

NAME = "</title><script>window.pwned=1</script>"
TABLE = "a|b`</script>\"'&<i>"
COLUMN = "c|<img src=http://127.0.0.1:9/x.png onerror=window.pwned=1>"
FUNCTION_TEXT = "</script><script>window.pwned=1</script> <img src=x onerror=alert(1)> | `a|b` ``` [x](javascript:alert(1))"
BODY_TEXT = "</pre></details></script><script>window.pwned=1</script><!-- ``` --> <b>bold</b>"
VERSION_TEXT = "</dd><b>bold</b> <iframe src=http://127.0.0.1:9/></iframe> `unfinished"
# As the HTML page shows them: pairs of backticks become code.
TEXTS = [TABLE, COLUMN, BODY_TEXT, VERSION_TEXT, FUNCTION_TEXT.split(" | ")[0]]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


VERSIONS = {
    1: f"""\
version: 1
description: {json.dumps(VERSION_TEXT)}
migrationScript: |-
  begin
    create table houses (house_id integer primary key, name text not null);
    create table rooms (
      room_id integer primary key,
      house_id integer not null references houses,
      size_m2 numeric(6, 2) default 12.5);
    create table {quoted(TABLE)} ({quoted(COLUMN)} integer references rooms (room_id));
    grant select, insert, update, delete on houses, rooms, {quoted(TABLE)} to $db_user_prefix$_desk;
  end
downgradeScript: |-
  begin
    drop table {quoted(TABLE)};
    drop table rooms;
    drop table houses;
  end
methods:
  house_name:
    description: {json.dumps(FUNCTION_TEXT)}
    mode: read
    serviceName: desk
    args: house_id_in integer, suffix_in text default '<b>|`'
    returns: text
    body: |-
      begin
        -- {BODY_TEXT}
        return (select name from houses where house_id = house_id_in);
      end
""",
    2: """\
version: 2
description: rooms get a floor
migrationScript: |-
  begin
    alter table rooms add column floor integer not null default 0;
    create index rooms_floor_idx on rooms (floor) where floor > 0;
  end
downgradeScript: |-
  begin
    alter table rooms drop column floor;
  end
methods: {}
""",
    3: """\
version: 3
description: the name of a house is asked for otherwise
methods:
  house_name:
    deprecated: true
""",
}


def write(directory):
    directory = pathlib.Path(directory)
    for folder in ("versions", "schema"):
        (directory / folder).mkdir(parents=True)
    for number, text in VERSIONS.items():
        (directory / "versions" / f"{number:04}.yml").write_text(text)
    (directory / "schema" / "tables.yml").write_text(f"""\
houses:
  house_id: integer not null
  name: text not null
rooms:
  room_id: integer not null
  house_id: integer not null
  size_m2: numeric(6,2)
  floor: integer not null
{json.dumps(TABLE)}:
  {json.dumps(COLUMN)}: integer
""")
    (directory / "schema" / "access.yml").write_text(
        f"desk: {{tables: {{houses: write, rooms: write, {json.dumps(TABLE)}: write}}}}\n")
    (directory / "schema" / "releases.yml").write_text("v1.0.0: 2\nv2.0.0: 3\n")
    (directory / "dbtool.yml").write_text(f"name: {json.dumps(NAME)}\nuserPrefix: office\n")
