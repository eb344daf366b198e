#include "new/online_templates.h"

namespace dbtool::templates {

const std::string_view move_first = R"yaml(version: @{v}
description: @{description}, a table to move to'
# First of two versions: makes @{copy}, empty, and functions that find a row in whichever of the two tables it is. Version
# @{w} moves the rows from @{source}, so that each is in one of them at a time: no room for a second copy is needed, and
# nothing is written twice. Two versions, because on the way back from @{w} the rows move back online, and @{copy} has to
# be there until the last one is.
#
# As it stands, rows are moved unchanged. What @{copy} is to have differently belongs into its definition, both batches
# of version @{w} and the functions of both versions.
@{writers remark}
migrationScript: |-
  begin
    create table @{copy} (
      @{definitions}
    );
    @{copy grants}
  end
# It is empty whenever this version is left, unless version @{w} was.
downgradeScript: |-
  begin
    drop table @{copy};
  end
# Each function that writes a row first brings it back to @{source}, and then works there. The advisory lock is for calls
# of this version and the next one that meet: they move the row into opposite directions. Against batches the locks on the
# rows do.
# `do update`: a row that is in both tables was written in @{copy} last, by such a call.
methods:
  @{name}_put:
    description: Write a row, whether it is there or not.
    mode: write
    serviceName: @{service}
    args: @{arguments}
    returns: void
    body: |-
      begin
        perform pg_advisory_xact_lock(hashtextextended(concat_ws(' ', '@{copy}', @{key values}), 0));
        with moved as (
          delete from @{copy} c where @{c wanted} returning c.*
        )
        insert into @{source} (@{columns})
        select @{m columns}
        from moved m
        on conflict (@{key}) @{replacement};
        insert into @{source} (@{columns})
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
        perform pg_advisory_xact_lock(hashtextextended(concat_ws(' ', '@{copy}', @{key values}), 0));
        -- The table first from which rows move: one that a batch is moving is waited for, and then it is in the other.
        delete from @{copy} c where @{c wanted};
        removed := found;
        delete from @{source} s where @{s wanted};
        return removed or found;
      end
  # Both tables in one statement, which sees one moment: a row is in one of them.
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
          where @{c wanted}
          union all
          select @{s columns}
          from @{source} s
          where @{s wanted}
            and not exists (select from @{copy} c where @{same key});
      end
)yaml";

const std::string_view move_second = R"yaml(version: @{v}
description: @{description}, rows move'
# Second of two versions: moves the rows of @{source} to @{copy}, and on the way back those of @{copy} to @{source}.
# @{source} is left empty; a later version drops it, whose downgrade makes it again, empty.
loses: no row, but which of the two tables each was in
online:
  migration:
    # The table that is walked, cut into ranges of its key: the columns of a unique index in its order, none of them
    # nullable.
    table: @{source}
@{key remark}
    key: [@{key}]
    # One statement for one range. `delete` locks the rows, waits for whoever is changing one, and then takes what came of
    # it; whoever comes later finds the row moved. A batch may run twice: what is moved is not there any more.
    # `do update`: a row that is in both tables was written in @{source} last, by a call of the version before.
    batch: |-
      with moved as (
        delete from @{source} s where $range:s$ returning s.*
      )
      insert into @{copy} (@{columns})
      select @{m columns}
      from moved m
      on conflict (@{key}) @{replacement}
    # Asked before the walk and after it. What is left came from calls of the version before; then there is another walk.
    complete: |-
      select not exists (select from @{source})
    # No `verify`: nothing is left to compare with.
  downgrade:
    table: @{copy}
    key: [@{key}]
    batch: |-
      with moved as (
        delete from @{copy} c where $range:c$ returning c.*
      )
      insert into @{source} (@{columns})
      select @{m columns}
      from moved m
      on conflict (@{key}) @{replacement}
    complete: |-
      select not exists (select from @{copy})
# As those of the version before, into the other direction.
methods:
  @{name}_put:
    description: Write a row, whether it is there or not.
    mode: write
    serviceName: @{service}
    args: @{arguments}
    returns: void
    body: |-
      begin
        perform pg_advisory_xact_lock(hashtextextended(concat_ws(' ', '@{copy}', @{key values}), 0));
        with moved as (
          delete from @{source} s where @{s wanted} returning s.*
        )
        insert into @{copy} (@{columns})
        select @{m columns}
        from moved m
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
        perform pg_advisory_xact_lock(hashtextextended(concat_ws(' ', '@{copy}', @{key values}), 0));
        delete from @{source} s where @{s wanted};
        removed := found;
        delete from @{copy} c where @{c wanted};
        return removed or found;
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

}  // namespace dbtool::templates
