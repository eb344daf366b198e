"""A project of three versions, to be spoilt by the cases."""
import pathlib

VERSION_1 = """\
version: 1
description: notes
migrationScript: |-
  begin
    create table notes (note_id integer not null, note text not null);
    alter table notes add constraint notes_pkey primary key (note_id);
    grant select, insert, update, delete on notes to $db_user_prefix$_desk;
  end
downgradeScript: |-
  begin
    drop table notes;
  end
loses: all notes
methods:
  note_add:
    description: Add a note.
    mode: write
    serviceName: desk
    args: note_id_in integer, note_in text
    returns: void
    body: |-
      begin
        insert into notes (note_id, note) values (note_id_in, note_in);
      end
"""

VERSION_2 = """\
version: 2
description: who wrote it
migrationScript: |-
  begin
    alter table notes add column author text;
  end
downgradeScript: |-
  begin
    alter table notes drop column author;
  end
methods: {}
"""


def version_3(script="alter table notes add column pinned boolean;", extra=""):
    """The version that the cases run; `script` stands in its line 5."""
    indented = "\n".join("    " + line if line else "" for line in script.splitlines())
    return f"""\
version: 3
description: pins
migrationScript: |-
  begin
{indented}
  end
downgradeScript: |-
  begin
    alter table notes drop column if exists pinned;
  end
{extra}methods: {{}}
"""


TABLES = """\
notes:
  note_id: integer not null
  note: text not null
  author: text
  pinned: boolean
"""


def write(directory, third=None, settings="name: office\nuserPrefix: office\n"):
    directory = pathlib.Path(directory)
    for folder in ("versions", "schema"):
        (directory / folder).mkdir(exist_ok=True)
    for number, text in ((1, VERSION_1), (2, VERSION_2), (3, third or version_3())):
        (directory / "versions" / f"{number:04}.yml").write_text(text)
    (directory / "schema" / "tables.yml").write_text(TABLES)
    (directory / "schema" / "access.yml").write_text("desk: {tables: {notes: write}}\n")
    (directory / "dbtool.yml").write_text(settings)
