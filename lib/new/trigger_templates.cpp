#include "new/online_templates.h"

namespace dbtool::templates {

const std::string_view trigger = R"yaml(version: @{v}
description: @{description}, copied'
# The rows of @{source} are copied into @{copy} while the services go on, and a trigger brings every later write to the
# copy, whoever does it: functions need not be redefined, and services may write @{source} directly.
#
# As it stands, rows are copied unchanged. What @{copy} is to have differently belongs into its definition, the trigger's
# function, `batch` and `verify: source`.
migrationScript: |-
  begin
    create table @{copy} (
      @{definitions}
    );
    -- The trigger runs with the rights of whoever writes the source.
    @{copy grants}

    -- In the transaction of the write, and after it: the writer holds the lock on the row of the source by then.
    create function @{name}_follow() returns trigger
      language plpgsql
    as $$
    begin
      if tg_op = 'DELETE' or tg_op = 'UPDATE' and (@{old key}) is distinct from (@{new key}) then
        delete from @{copy} c where @{c is old};
      end if;
      if tg_op <> 'DELETE' then
        insert into @{copy} (@{columns})
        values (@{new columns})
        on conflict (@{key}) @{replacement};
      end if;
      return null;
    end
    $$;

    -- Last, because it makes writers wait until this transaction ends. It waits for those that are at work, and those
    -- that come later run it, even from within a call that began before: no write is in between.
    -- `truncate` fires no such trigger.
    create trigger @{name}_follow after insert or update or delete on @{source}
      for each row execute function @{name}_follow();
  end
# At once, and wherever the copying stands: @{source} has all rows, so that no online downgrade is declared. A later
# version that drops @{source} needs one, and functions that look into both tables meanwhile, as
# `dbtool new --kind online --pattern dual-write` writes them.
downgradeScript: |-
  begin
    drop trigger @{name}_follow on @{source};
    drop function @{name}_follow();
    drop table @{copy};
  end
online:
  migration:
    # The table that is walked, cut into ranges of its key: the columns of a unique index in its order, none of them
    # nullable.
    table: @{source}
@{key remark}
    key: [@{key}]
    # One statement for one range. `for update` makes it wait for whoever is changing a row of the source, and then read
    # what came of it; whoever comes later waits for the batch, and then its trigger finds the copy. Without the lock the
    # copy of a row that is being changed could be stale for ever, that of a row that is being deleted could stay.
    # `on conflict do nothing`: a row that is there already was written by the trigger, and is newer; and a batch may run
    # twice, after a crash or in a second pass.
    batch: |-
      insert into @{copy} (@{columns})
      select @{s columns}
      from @{source} s
      where $range:s$
      for update of s
      on conflict (@{key}) do nothing
    # Asked before the walk and after it.
    complete: |-
      select not exists (
        select from @{source} s
        where not exists (select from @{copy} c where @{same key}))
    # After the walk each range is read in both tables, number of rows and hash compared, and the rows that differ are
    # named. The copy is looked up by its own key, so that rows that should have been deleted show, too.
    verify:
      source: |-
        select @{s columns}
        from @{source} s
        where $range:s$
      copy: |-
        select @{c columns}
        from @{copy} c
        where $range:c$
# New functions read @{copy}, from when dbtool says that the version is done.
methods: {}
)yaml";

const std::string_view column = R"yaml(version: @{v}
description: @{description}, a column is filled'
# A new column of @{source} gets its values in place, while the services go on; a trigger gives it to rows that are written
# meanwhile. As it stands, the value is a hash of another column: the expression is in the trigger's function, `batch`,
# `complete` and `verify`.
migrationScript: |-
  begin
    -- Without a default and `not null`, this takes no time however large the table is.
    alter table @{source} add column @{copy} text;

    create function @{name}_fill() returns trigger
      language plpgsql
    as $$
    begin
      new.@{copy} := @{new value};
      return new;
    end
    $$;

    -- It waits for those that write the table, and those that come later run it: no write is in between.
    create trigger @{name}_fill before insert or update on @{source}
      for each row execute function @{name}_fill();
  end
# At once, and wherever the filling stands. `not null`, and functions that set the column themselves in the trigger's
# place, are for a later version.
downgradeScript: |-
  begin
    drop trigger @{name}_fill on @{source};
    drop function @{name}_fill();
    alter table @{source} drop column @{copy};
  end
loses: what is in the column @{copy} alone
online:
  migration:
    table: @{source}
@{key remark}
    key: [@{key}]
    # An update locks the rows by itself, and reads a row anew for which it had to wait. The condition spares rows that
    # are filled: a batch may run twice.
    batch: |-
      update @{source} s
      set @{copy} = @{value}
      where $range:s$
        and s.@{copy} is distinct from @{value}
    # Asked before the walk and after it.
    complete: |-
      select not exists (select from @{source} s where s.@{copy} is distinct from @{value})
    # Range by range, after the walk: what should be there, and what is.
    verify:
      source: |-
        select @{s key}, @{value} as value
        from @{source} s
        where $range:s$
      copy: |-
        select @{s key}, s.@{copy} as value
        from @{source} s
        where $range:s$
methods: {}
)yaml";

}  // namespace dbtool::templates
