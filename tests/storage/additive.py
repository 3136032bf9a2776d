"""What a change of the schema takes from the version before, which runs beside it for a while."""

import re
from collections.abc import Iterator

import sqlalchemy as sa


def breaks(before: sa.MetaData, after: sa.MetaData) -> set[str]:
    """Return what the older version's statements may not bear; empty: the change only adds."""
    return {complaint for table in before.tables.values() for complaint in _broken(table, after)}


def _broken(old: sa.Table, after: sa.MetaData) -> Iterator[str]:
    new = after.tables.get(old.name)
    if new is None:
        yield f"{old.name} is gone"
        return
    yield from _gone_or_changed(old, new)
    yield from _wanted(old, new)
    yield from _forbidden(old, new)


def _gone_or_changed(old: sa.Table, new: sa.Table) -> Iterator[str]:
    for column in old.columns:
        if (now := new.columns.get(column.name)) is None:
            yield f"{column} is gone"
        elif not _holds(now.type, column.type):
            yield f"{column} holds less"
        elif column.nullable and not now.nullable:
            yield f"{column} wants a value"
        elif column.server_default is not None and now.server_default is None:
            yield f"{column} has no default"


def _holds(now: sa.types.TypeEngine[object], before: sa.types.TypeEngine[object]) -> bool:
    """Tell whether every value of the old type is one of the new."""
    if isinstance(now, sa.String) and isinstance(before, sa.String):
        return now.length is None or (before.length is not None and before.length <= now.length)
    return type(now) is type(before)


def _wanted(old: sa.Table, new: sa.Table) -> Iterator[str]:
    """Name new columns that an older INSERT, which does not know them, cannot do without."""
    for column in new.columns:
        if column.name not in old.columns and not column.nullable and not column.server_default:
            yield f"{column} wants a value"


def _forbidden(old: sa.Table, new: sa.Table) -> Iterator[str]:
    """Name rules over old columns that did not hold before."""
    known = _uniques(old)
    for name, columns in _uniques(new).items():
        if name not in known and columns <= set(old.columns.keys()):
            yield f"{name} is new"
    for name, references in _references(new).items():
        if name not in _references(old) and references <= set(old.columns.keys()):
            yield f"{new.name}.{name} must refer to a row"
    for name, values in _checks(new).items():
        if not _checks(old).get(name, {name}) <= values:
            yield f"{name} allows less"


def _uniques(table: sa.Table) -> dict[str, set[str]]:
    rules = {
        str(each.name): set(each.columns.keys())
        for each in table.constraints
        if isinstance(each, sa.UniqueConstraint)
    }
    indexes = {str(each.name): set(each.columns.keys()) for each in table.indexes if each.unique}
    return rules | indexes


def _references(table: sa.Table) -> dict[str, set[str]]:
    keys = table.foreign_key_constraints
    return {",".join(each.column_keys): set(each.column_keys) for each in keys}


def _checks(table: sa.Table) -> dict[str, set[str]]:
    """Return what each check lets pass; all of ours are lists of words."""
    rules = [each for each in table.constraints if isinstance(each, sa.CheckConstraint)]
    return {str(each.name): set(re.findall(r"'([^']*)'", str(each.sqltext))) for each in rules}
