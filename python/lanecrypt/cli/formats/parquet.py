"""Parquet, by batches of its row groups: only the wanted columns are read to compute, the others when the file is made.

Nothing can be appended to a Parquet file. So the new columns of each row go to a journal, which can be cut and
continued like any text, and assemble() makes the file of the input and the journal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from lanecrypt.cli.failure import Failure, os_failure, unreadable, usage
from lanecrypt.cli.formats.base import Cells, Layout, Mark, Row, Table, Value, check_columns, text_value

try:
    import pyarrow as arrow  # type: ignore[import-untyped]
    import pyarrow.parquet as parquet  # type: ignore[import-untyped]
except ModuleNotFoundError:
    raise usage("Parquet needs one more package: pip install 'lanecrypt[cli]'") from None

BATCH_ROWS = 4096
GROUP_BYTES = 32 << 20  # of a row group that is written, before it is encoded


def is_text(kind: Any) -> bool:
    types = arrow.types
    return any(
        test(kind) for test in (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    ) or (types.is_dictionary(kind) and is_text(kind.value_type))


class Parquet(Table):
    word = "row"
    journaled = True

    def __init__(self, path: str, layout: Layout) -> None:
        if path == "-":
            raise usage("Parquet cannot be read from a pipe: name the file")
        self._path, self._layout = path, layout
        try:
            # Without pre_buffer pages are read as they are needed, and not a row group of the file at once.
            self._file = parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
        except OSError as error:
            raise os_failure(f"cannot read {path}", error) if error.errno else self._damaged() from None
        except arrow.ArrowException:
            raise self._damaged() from None
        self._schema = self._file.schema_arrow
        self._total = self._file.metadata.num_rows
        self._done = 0
        try:
            self._check()
        except Failure:
            self.close()
            raise

    def _damaged(self) -> Exception:
        return unreadable(f"cannot read {self._path}: it is not a Parquet file, or it is damaged")

    def _check(self) -> None:
        check_columns(self._schema.names, self._layout, self._path)
        for name in self._layout.wanted:
            kind = self._schema.field(name).type
            if not is_text(kind):
                raise usage(f"the column '{name}' of {self._path} is {kind}; it must be text or bytes")

    def rows(self, start: Mark) -> Iterator[Row]:
        yield from islice(self._rows(), start.line, None)

    def _rows(self) -> Iterator[Row]:
        number = 0
        for batch in self._batches(list(self._layout.wanted)):
            columns = [self._values(batch.column(name)) for name in self._layout.wanted]
            for values in zip(*columns):
                number += 1
                self._done = number
                yield Row(number, Mark(number, number), values, None)

    def _batches(self, columns: list[str] | None) -> Iterator[Any]:
        batches = self._file.iter_batches(BATCH_ROWS, columns=columns)
        while True:
            try:
                batch = next(batches, None)
            except (arrow.ArrowException, OSError):
                raise self._damaged() from None
            if batch is None:
                return
            yield batch

    def _values(self, column: Any) -> list[Value]:
        """Through bytes: text that is not UTF-8 is then a problem of its row, and not of the batch."""
        if arrow.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        as_text = arrow.types.is_string(column.type) or arrow.types.is_large_string(column.type)
        values = column.cast(arrow.large_binary()).to_pylist()
        if not as_text:
            return list(values)
        return [None if value is None else self._text(value) for value in values]

    def _text(self, value: bytes) -> Value:
        return text_value(value.decode("utf-8", "surrogateescape"), self._layout)

    def render(self, row: Row, cells: Cells) -> bytes:  # noqa: ARG002
        return json.dumps(list(cells)).encode() + b"\n"

    def assemble(self, journal: Path, target: Path) -> None:
        """The input's columns and row order, less the dropped ones, and the journal's columns behind them."""
        kept = [index for index, name in enumerate(self._schema.names) if name not in self._layout.dropped]
        fields = [self._schema.field(index) for index in kept] + [self._field(name) for name in self._layout.added]
        schema = arrow.schema(fields, metadata=self._schema.metadata)
        with journal.open("rb") as lines, parquet.ParquetWriter(target, schema, compression="zstd") as writer:
            group: list[Any] = []
            for batch in self._batches(None):
                # By their places: several columns may have one name.
                arrays = [batch.column(index) for index in kept] + self._added(lines, batch.num_rows)
                group.append(arrow.RecordBatch.from_arrays(arrays, schema=schema))
                if sum(one.nbytes for one in group) >= GROUP_BYTES:
                    writer.write_table(arrow.Table.from_batches(group))
                    group = []
            writer.write_table(arrow.Table.from_batches(group, schema))

    def _field(self, name: str) -> Any:
        return arrow.field(name, arrow.bool_() if name in self._layout.flags else arrow.string())

    def _added(self, lines: IO[bytes], count: int) -> list[Any]:
        rows = [json.loads(line) for line in islice(lines, count)]
        columns = zip(*rows) if rows else [() for _ in self._layout.added]
        return [arrow.array(column, self._field(name).type) for name, column in zip(self._layout.added, columns)]

    def fraction(self) -> float | None:
        return self._done / self._total if self._total else None

    def close(self) -> None:
        self._file.close()
