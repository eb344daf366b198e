#include "new/online_templates.h"

namespace dbtool::templates {

const std::string_view dual_write = R"yaml(version: @{v}
description: @{description}, copied'
# First of two versions: the rows of @{source} are copied into @{copy} while the services go on, and from now on
# whoever writes a row writes both forms of it, in one transaction. @{source} stays whole, and is what counts. Version
# @{w} drops it.
#
# As it stands, rows are copied unchanged. What @{copy} is to have differently (columns, types, keys) belongs into its
# definition, `batch`, `verify: source` and the functions below.
@{writers remark}
migrationScript: |-
  begin
    create table @{copy} (
      @{definitions}
    );
    @{copy grants}
  end
# At once, and wherever the copying stands: every write has reached @{source}, so there are no rows to bring back, and no
# online downgrade is declared. What the functions of the version before cannot see is only the copy.
downgradeScript: |-
  begin
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
    # what came of it: a row that was changed is copied as it is now, one that was deleted is not copied. Who comes later
    # waits for the batch, and then finds the copy. Without the lock the copy of a row that is being changed would be
    # stale for ever, that of a row that is being deleted would stay.
    # `on conflict do nothing`: a row that is there already was written by a service, and is newer; and a batch may run
    # twice, after a crash or in a second pass.
    batch: |-
      insert into @{copy} (@{columns})
      select @{s columns}
      from @{source} s
      where $range:s$
      for update of s
      on conflict (@{key}) do nothing
    # Asked before the walk and after it. What is missing came behind the walk, from calls of old functions; then there is
    # another walk.
    complete: |-
      select not exists (
        select from @{source} s
        where not exists (select from @{copy} c where @{same key}))
    # After the walk each range is read in both tables, number of rows and hash compared, and the rows that differ are
    # named: nothing goes on until they are mended. The copy is looked up by its own key, so that rows that should have
    # been deleted show, too.
    verify:
      source: |-
        select @{s columns}
        from @{source} s
        where $range:s$
      copy: |-
        select @{c columns}
        from @{copy} c
        where $range:c$
# Each function that writes the rows does it in this order:
#  1. lock the row of the copy, if there is one: on the way back from version @{w}, where @{copy} is what is walked, a
#     batch and a call would otherwise each wait for the other;
#  2. write the source, which is the lock of the way up: whoever has written its row is alone with the row;
#  3. write the copy, without asking whether the batch has been there.
# The other way round, copy before source, a batch could read the old source between the two, and copy it after the second.
# A row whose key changes is one that is removed and one that is put.
# A call of the version before that is under way at this very moment still writes the source alone. If it is so late that
# a batch has been at its row, `verify` names the row.
methods:
  @{name}_put:
    description: Write a row, whether it is there or not.
    mode: write
    serviceName: @{service}
    args: @{arguments}
    returns: void
    body: |-
      begin
        perform from @{copy} c where @{c wanted} for update;
        insert into @{source} (@{columns})
        values (@{values})
        on conflict (@{key}) @{replacement};
        insert into @{copy} (@{columns})
        values (@{values})
        on conflict (@{key}) @{replacement};
      end
  @{name}_remove:
    description: Delete a row; returns whether there was one.
    mode: write
    serviceName: @{service}
    args: @{key arguments}
    returns: boolean
    body: |-
      declare
        removed boolean;
      begin
        perform from @{copy} c where @{c wanted} for update;
        delete from @{source} s where @{s wanted};
        removed := found;
        delete from @{copy} c where @{c wanted};
        return removed or found;
      end
  # Both forms in one statement, which sees one moment. On the way up the source has all of them; on the way back from
  # version @{w} some are in the copy alone.
  @{name}_get:
    description: The row with this key, if there is one.
    mode: read
    serviceName: @{service}
    args: @{key arguments}
    returns: table (@{row type})
    body: |-
      begin
        return query
          select @{s columns}
          from @{source} s
          where @{s wanted}
          union all
          select @{c columns}
          from @{copy} c
          where @{c wanted}
            and not exists (select from @{source} s where @{same key});
      end
)yaml";

const std::string_view copy_alone = R"yaml(version: @{v}
description: @{description}, the old table goes'
# Second of two versions, for when no service calls functions any more that know @{source} alone.
migrationScript: |-
  begin
    drop table @{source};
  end
# Back to both forms: the source is empty at first, and filled online. The functions of the version before, which are in
# force from here on, serve rows that are not back yet, too. With its indexes and defaults as they were:
# `dbtool check --scratch` compares.
downgradeScript: |-
  begin
    create table @{source} (
      @{definitions}
    );
    @{source grants}
  end
# The same with the arrow turned: @{copy} is walked and locked, and a row that is back already is newer.
online:
  downgrade:
    table: @{copy}
    key: [@{key}]
    batch: |-
      insert into @{source} (@{columns})
      select @{c columns}
      from @{copy} c
      where $range:c$
      for update of c
      on conflict (@{key}) do nothing
    complete: |-
      select not exists (
        select from @{copy} c
        where not exists (select from @{source} s where @{same key}))
    verify:
      source: |-
        select @{c columns}
        from @{copy} c
        where $range:c$
      copy: |-
        select @{s columns}
        from @{source} s
        where $range:s$
methods:
  @{name}_put:
    description: Write a row, whether it is there or not.
    mode: write
    serviceName: @{service}
    args: @{arguments}
    returns: void
    body: |-
      begin
        insert into @{copy} (@{columns})
        values (@{values})
        on conflict (@{key}) @{replacement};
      end
  @{name}_remove:
    description: Delete a row; returns whether there was one.
    mode: write
    serviceName: @{service}
    args: @{key arguments}
    returns: boolean
    body: |-
      begin
        delete from @{copy} c where @{c wanted};
        return found;
      end
  @{name}_get:
    description: The row with this key, if there is one.
    mode: read
    serviceName: @{service}
    args: @{key arguments}
    returns: table (@{row type})
    body: |-
      begin
        return query
          select @{c columns}
          from @{copy} c
          where @{c wanted};
      end
)yaml";

}  // namespace dbtool::templates
