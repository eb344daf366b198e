"""Projects of two versions, of which the second moves rows online: one for each pattern in which that is written.

Version 1 makes the table `entities` (text key of two columns, JSON value), the empty table `items` (columns) and the
functions that the services call; the clients of service_clients.py call those and no others. What must be where when
version 1 or 2 is reached is in `Pattern.truth`.
"""
import dataclasses
import json

KEY = "(partition_key, row_key) = (part_in, name_in)"
ITEM_KEY = "(part, name) = (part_in, name_in)"
NEXT_VALUE = "jsonb_set(value, '{n}', to_jsonb((value->>'n')::integer + 1))"
MUST_BE = "if not found then raise exception 'no such row'; end if;"
ENTITY_AS_ITEM = "e.partition_key, e.row_key, (e.value->>'n')::integer, e.value->>'note'"
ITEM_AS_ENTITY = "i.part, i.name, jsonb_build_object('n', i.n, 'note', i.note)"
COUNT_UP_ENTITY = f"update entities set value = {NEXT_VALUE} where {KEY};"
ADD_ENTITY = "insert into entities values (part_in, name_in, jsonb_build_object('n', 1, 'note', name_in));"

# Functions of a service that knows the entities alone.
ENTITIES_ONLY = {
    "item_add": ADD_ENTITY,
    "item_count_up": f"{COUNT_UP_ENTITY} {MUST_BE}",
    "item_remove": f"delete from entities where {KEY}; {MUST_BE}",
}
# That writes both forms, the source first.
BOTH = {
    "item_add": f"{ADD_ENTITY} insert into items values (part_in, name_in, 1, name_in);",
    "item_count_up": f"{COUNT_UP_ENTITY} {MUST_BE} insert into items select {ENTITY_AS_ITEM} from entities e where {KEY} "
                     "on conflict (part, name) do update set n = excluded.n;",
    "item_remove": f"delete from entities where {KEY}; {MUST_BE} delete from items where {ITEM_KEY};",
}
# For rows that are in one of the tables, and end in the entities, or in the items: the one they leave comes first.
TO_ENTITIES = {
    "item_add": ADD_ENTITY,
    "item_count_up": "insert into entities select i.part, i.name, jsonb_build_object('n', i.n + 1, 'note', i.note) "
                     "from item_taken(part_in, name_in) i; "
                     f"if not found then {COUNT_UP_ENTITY} {MUST_BE} end if;",
    "item_remove": f"delete from items where {ITEM_KEY}; if not found then delete from entities where {KEY}; {MUST_BE} end if;",
}
TO_ITEMS = {
    "item_add": "insert into items values (part_in, name_in, 1, name_in);",
    "item_count_up": "insert into items select e.partition_key, e.row_key, (e.value->>'n')::integer + 1, e.value->>'note' "
                     "from entity_taken(part_in, name_in) e; "
                     f"if not found then update items set n = n + 1 where {ITEM_KEY}; {MUST_BE} end if;",
    "item_remove": f"delete from entities where {KEY}; if not found then delete from items where {ITEM_KEY}; {MUST_BE} end if;",
}
TAKEN = f"""
create function item_taken(part_in text, name_in text) returns setof items language sql as
  $$ delete from items where {ITEM_KEY} returning * $$;
create function entity_taken(part_in text, name_in text) returns setof entities language sql as
  $$ delete from entities where {KEY} returning * $$;
"""

# Rows take their time, so that a few thousand are many batches: some of them, for a busy machine wakes up late. Not while
# the databases are prepared, which set `campaign.quick`.
DELAY = """
create function delay() returns boolean language plpgsql cost 1000000 as
  $$ begin
    if random() < 0.04 and coalesce(current_setting('campaign.quick', true), '') = '' then perform pg_sleep(0.002); end if;
    return true;
  end $$;
"""
TABLES = """
create table entities (partition_key text, row_key text, value jsonb not null, primary key (partition_key, row_key));
create table items (part text, name text, n integer not null, note text not null, primary key (part, name));
grant select, insert, update, delete on entities, items to $db_user_prefix$_app;
"""
MIRROR = """
create or replace function mirror() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' then
      delete from items where (part, name) = (old.partition_key, old.row_key);
      return old;
    end if;
    insert into items values (new.partition_key, new.row_key, (new.value->>'n')::integer, new.value->>'note')
      on conflict (part, name) do update set n = excluded.n;
    return new;
  end $$;
create trigger mirror after insert or update or delete on entities for each row execute function mirror();
"""
FILLED = """
alter table entities add column if not exists n integer;
create or replace function fill() returns trigger language plpgsql as $$
  begin
    new.n := (new.value->>'n')::integer;
    return new;
  end $$;
create trigger fill before insert or update on entities for each row execute function fill();
"""

NO_ENTITY_LACKS_ITS_ITEM = ("select not exists (select from entities e where not exists "
                            "(select from items i where (i.part, i.name) = (e.partition_key, e.row_key)))")
COPY = {
    "table": "entities", "key": ["partition_key", "row_key"],
    "batch": f"insert into items select {ENTITY_AS_ITEM} from entities e where $range:e$ and delay() for update of e "
             "on conflict (part, name) do nothing",
    "complete": NO_ENTITY_LACKS_ITS_ITEM,
}
COMPARED = {**COPY, "verify": {
    "source": f"select {ENTITY_AS_ITEM} from entities e where $range:e$",
    "copy": "select i.part, i.name, i.n, i.note from entities e join items i on (i.part, i.name) = (e.partition_key, e.row_key) "
            "where $range:e$"}}
EMPTY_ITEMS = {
    "table": "items", "key": ["part", "name"],
    "batch": "delete from items i where $range:i$ and delay()",
    "complete": "select not exists (select from items)",
}
MOVE_TO_ITEMS = {
    "table": "entities", "key": ["partition_key", "row_key"],
    "batch": "with e as (delete from entities e where $range:e$ and delay() returning *) "
             f"insert into items select {ENTITY_AS_ITEM} from e",
    "complete": "select not exists (select from entities)",
}
MOVE_TO_ENTITIES = {
    "table": "items", "key": ["part", "name"],
    "batch": "with i as (delete from items i where $range:i$ and delay() returning *) "
             f"insert into entities select {ITEM_AS_ENTITY} from i",
    "complete": "select not exists (select from items)",
}
FILL = {
    "table": "entities", "key": ["partition_key", "row_key"],
    "batch": "update entities e set n = (value->>'n')::integer where $range:e$ "
             "and n is distinct from (value->>'n')::integer and delay()",
    "complete": "select not exists (select from entities where n is distinct from (value->>'n')::integer)",
}
CLEAR = {
    "table": "entities", "key": ["partition_key", "row_key"],
    "batch": "update entities e set n = null where $range:e$ and n is not null and delay()",
    "complete": "select not exists (select from entities where n is not null)",
}


def batch_functions(direction, table, key, write, complete):
    """An online migration by functions: `write` handles the rows `chosen`; the state is the last key."""
    one, two = key
    return f"""
create or replace function online_{direction}_v2_batch(batch_size_in integer, state_in jsonb)
returns table (count integer, state jsonb) language plpgsql set enable_seqscan = off as $$
  declare
    moved integer;
    reached jsonb;
  begin
    with chosen as (
      select * from {table}
      where ({one}, {two}) > (coalesce(state_in->>'one', ''), coalesce(state_in->>'two', ''))
      order by {one}, {two} limit batch_size_in for update
    ), written as ({write}), numbered as (
      select {one} as one, {two} as two, row_number() over (order by {one} desc, {two} desc) as place, count(*) over () as rows
      from chosen
    )
    select rows, jsonb_build_object('one', one, 'two', two) into moved, reached from numbered where place = 1;
    return query select coalesce(moved, 0), coalesce(reached, state_in);
  end $$;
create or replace function online_{direction}_v2_is_complete() returns boolean language plpgsql as
  $$ begin return ({complete}); end $$;
"""


FUNCTIONS_UP = batch_functions(
    "migration", "entities", ("partition_key", "row_key"),
    f"insert into items select {ENTITY_AS_ITEM} from chosen e where delay() on conflict (part, name) do nothing", NO_ENTITY_LACKS_ITS_ITEM)
FUNCTIONS_DOWN = batch_functions(
    "downgrade", "items", ("part", "name"),
    "delete from items i using chosen c where (i.part, i.name) = (c.part, c.name) and delay()", "select not exists (select from items)")


@dataclasses.dataclass
class Pattern:
    """Scripts of version 2, its online part, and the services' functions at both versions."""
    up: str
    down: str
    online: dict
    truth: dict  # version → the query of what is wrong there besides the rows of `rows`, and the query of (number, count)
    first: dict = dataclasses.field(default_factory=lambda: ENTITIES_ONLY)
    second: dict = dataclasses.field(default_factory=dict)
    list: str = "select substr(e.row_key, 5)::integer, (e.value->>'n')::integer from entities e"

    def write(self, directory):
        """Writes the project; YAML holds JSON."""
        for name in ("versions", "schema"):
            (directory / name).mkdir(parents=True)
        columns = {"partition_key": "text not null", "row_key": "text not null", "value": "jsonb not null"}
        if "column" in self.up:
            columns["n"] = "integer"
        files = {
            "dbtool.yml": {"name": "ci", "userPrefix": "ci"},
            "schema/tables.yml": {"entities": columns, "items": {"part": "text not null", "name": "text not null",
                                                                 "n": "integer not null", "note": "text not null"}},
            "schema/access.yml": {"app": {"tables": {"entities": "write", "items": "write"}}},
            "versions/0001.yml": {
                "version": 1, "migrationScript": f"begin {TABLES} {DELAY} {TAKEN} end",
                "downgradeScript": "begin drop function item_taken; drop function entity_taken; drop function delay; "
                                   "drop table entities; drop table items; end",
                "loses": "everything", "methods": methods(self.first, self.list)},
            "versions/0002.yml": {
                "version": 2, "migrationScript": f"begin {self.up} end", "downgradeScript": f"begin {self.down} end",
                "methods": methods(self.second)},
        }
        if self.online:
            files["versions/0002.yml"]["online"] = self.online
        for name, content in files.items():
            (directory / name).write_text(json.dumps(content, indent=1))


def methods(bodies, list_query=None):
    described = {name: {"description": name, "mode": "write", "serviceName": "app", "args": "part_in text, name_in text",
                        "returns": "void", "body": f"begin {body} end"} for name, body in bodies.items()}
    if list_query:
        described["item_list"] = {
            "description": "rows by number", "mode": "read", "serviceName": "app", "args": "first_in integer, last_in integer",
            "returns": "table (number integer, count integer)",
            "body": f"begin return query select * from ({list_query}) l (a, b) where a between first_in and last_in; end"}
    return described


ENTITIES = "select substr(row_key, 5)::integer, (value->>'n')::integer from entities"
ITEMS = "select substr(name, 5)::integer, n from items"
UNLIKE = (f"select 'an item is not its entity: ' || d::text from ((select {ENTITY_AS_ITEM} from entities e) except all table items) d "
          f"union all select 'an item has no such entity: ' || d::text from (table items except all select {ENTITY_AS_ITEM} "
          "from entities e) d")
ITEMS_LEFT = "select 'an item is left: ' || i::text from items i"
ENTITIES_LEFT = "select 'an entity is left: ' || e::text from entities e"
COPIES = {1: (ITEMS_LEFT, ENTITIES), 2: (UNLIKE, ENTITIES)}

# Where a turned round downgrade left copies, they are of yesterday: `truncate`.
PATTERNS = {
    "copy": Pattern("truncate items;", "null;", {"migration": COPY, "downgrade": EMPTY_ITEMS}, COPIES, second=BOTH),
    "compared": Pattern("truncate items;", "null;", {"migration": COMPARED, "downgrade": EMPTY_ITEMS}, COPIES, second=BOTH),
    "trigger": Pattern(f"truncate items; {MIRROR}", "drop trigger mirror on entities; drop function mirror;",
                       {"migration": COMPARED, "downgrade": EMPTY_ITEMS}, COPIES),
    "move": Pattern("null;", "null;", {"migration": MOVE_TO_ITEMS, "downgrade": MOVE_TO_ENTITIES},
                    {1: (ITEMS_LEFT, ENTITIES), 2: (ENTITIES_LEFT, ITEMS)}, TO_ENTITIES, TO_ITEMS,
                    f"{ENTITIES} union all {ITEMS}"),
    "fill": Pattern(FILLED, "drop trigger fill on entities; drop function fill;", {"migration": FILL, "downgrade": CLEAR},
                    {1: ("select 'a column is left: ' || e::text from entities e where to_jsonb(e)->>'n' is not null", ENTITIES),
                     2: ("select 'a column differs: ' || e::text from entities e where n is distinct from (value->>'n')::integer",
                         ENTITIES)}),
    "functions": Pattern(f"truncate items; {FUNCTIONS_UP}", FUNCTIONS_DOWN, {}, COPIES, second=BOTH),
}
