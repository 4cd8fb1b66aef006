"""Objects in cells as columns of their own."""

import polars as pl


def without_objects(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame in which ``{"a": {"b": 1}}`` is ``1`` in the column ``a.b``.

    An object stays where one of its columns would have the name of another.
    """
    kept: set[str] = set()
    while found := [c for c in frame if isinstance(c.dtype, pl.Struct) and c.name not in kept]:
        column = found[0]
        fields = [f"{column.name}.{field.name}" for field in column.dtype.fields]  # type: ignore[attr-defined]
        if not fields or set(fields) & set(frame.columns):
            kept.add(column.name)
            continue
        parts = column.struct.rename_fields(fields).struct.unnest()
        place = frame.columns.index(column.name)
        columns = frame.get_columns()
        frame = pl.DataFrame([*columns[:place], *parts.get_columns(), *columns[place + 1 :]])
    return frame
