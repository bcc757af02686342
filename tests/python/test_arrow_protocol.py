"""The Arrow PyCapsule protocol from the other side: streams that fail or are slow, objects that speak it wrongly."""

from __future__ import annotations

import ctypes
import errno
from collections.abc import Iterator
from typing import Any

import pytest
from lanecrypt import hash_many, hash_stream, verify_many

pa: Any = pytest.importorskip("pyarrow")

SETTING = b"$2b$04$abcdefghijklmnopqrstu."
HASH = b"$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC"  # of b"pw"


# ---- A stream whose producer fails, or is slow

_GET_SCHEMA = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_GET_ERROR = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
_RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _Stream(ctypes.Structure):
    _fields_ = (
        ("get_schema", _GET_SCHEMA),
        ("get_next", _GET_SCHEMA),
        ("get_last_error", _GET_ERROR),
        ("release", _RELEASE),
        ("private_data", ctypes.c_void_p),
    )


class Producer:
    """A column that comes chunk by chunk from a generator, by the Arrow C stream interface; raising makes it fail."""

    def __init__(self, chunks: Iterator[Any], words: bytes | None = b"the disk is gone", schema_fails: bool = False):
        self.given = self.released = 0
        self.words = ctypes.create_string_buffer(words) if words is not None else None

        def get_schema(_stream: int, out: int) -> int:
            if schema_fails:
                return errno.EIO
            pa.string()._export_to_c(out)
            return 0

        def get_next(_stream: int, out: int) -> int:
            try:
                chunk = next(chunks, None)
            except OSError:
                return errno.EIO
            if chunk is None:
                ctypes.memset(out, 0, 80)  # an array that is released ends the stream
            else:
                self.given += 1
                pa.array(chunk, pa.string())._export_to_c(out)
            return 0

        def release(_stream: int) -> None:
            self.released += 1
            self.stream.release = _RELEASE()

        last_error = _GET_ERROR(lambda _stream: ctypes.addressof(self.words) if self.words is not None else None)
        self.stream = _Stream(_GET_SCHEMA(get_schema), _GET_SCHEMA(get_next), last_error, _RELEASE(release), None)

    def __arrow_c_stream__(self, _requested_schema: object = None) -> Any:
        make = ctypes.pythonapi.PyCapsule_New
        make.restype, make.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
        return make(ctypes.addressof(self.stream), b"arrow_array_stream", None)


def failing(chunks: int) -> Iterator[list[str]]:
    for number in range(chunks):
        yield [f"{number}-{row}" for row in range(10)]
    raise OSError("gone")


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_a_stream_that_fails_says_why(chunks: int) -> None:
    with pytest.raises(RuntimeError, match=r"^passwords: the Arrow stream failed: the disk is gone$"):
        hash_many(Producer(failing(chunks)))
    with pytest.raises(RuntimeError, match=r"^hashes: the Arrow stream failed: the disk is gone$"):
        verify_many([b"pw"], Producer(failing(chunks)))


def test_a_stream_that_fails_without_a_word_gives_its_number() -> None:
    with pytest.raises(RuntimeError, match=r"^passwords: the Arrow stream failed: Input/output error$"):
        hash_many(Producer(failing(1), words=None))


def test_a_stream_without_a_schema_fails() -> None:
    with pytest.raises(RuntimeError, match=r"^passwords: the Arrow stream failed: the disk is gone$"):
        hash_many(Producer(failing(1), schema_fails=True))


def test_answers_to_what_came_before_a_failure_are_given() -> None:
    answers: list[Any] = []
    with pytest.raises(RuntimeError, match="the disk is gone"):
        answers.extend(hash_stream(Producer(failing(7)), rounds=4))
    assert len(answers) == 70


def test_a_stream_is_taken_chunk_by_chunk() -> None:
    def endless() -> Iterator[list[str]]:
        while True:
            yield ["pw"] * 10

    producer = Producer(endless())
    stream = hash_stream(producer, rounds=4)
    assert producer.given == 0
    for given in range(1, 101):
        next(stream)
        assert producer.given * 10 - given < 20


def test_a_generator_that_fails_behind_pyarrow() -> None:
    """pyarrow's own readers hand out tables, whose schema is refused before a batch is asked for."""
    asked = []

    def batches() -> Iterator[Any]:
        asked.append(1)
        raise OSError("gone")
        yield

    reader = pa.RecordBatchReader.from_batches(pa.schema({"password": pa.string()}), batches())
    with pytest.raises(TypeError, match="a table or a struct"):
        hash_many(reader)
    assert not asked


class Odd:
    """Speaks the protocol wrongly."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __arrow_c_array__(self, _requested_schema: object = None) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_objects_that_speak_the_protocol_wrongly() -> None:
    array = pa.array(["pw"])
    schema, data = array.__arrow_c_array__()
    for answer in (
        None,
        5,
        (),
        (schema,),
        (None, None),
        (data, schema),
        ("a", "b"),
        (schema, schema),
        KeyError("mine"),
    ):
        with pytest.raises((TypeError, ValueError, IndexError, KeyError)):
            hash_many(Odd(answer))
    assert hash_many(Odd((schema, data)), settings=[SETTING]) == [HASH]


def test_nulls_that_were_not_counted() -> None:
    """A producer may leave the number of nulls open: it is -1 then, and the bits count."""
    right = HASH
    schema, data = pa.array([right, None, right]).__arrow_c_array__()
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    null_count = ctypes.c_int64.from_address(pointer_of(data, b"arrow_array") + 8)
    assert null_count.value == 1
    null_count.value = -1
    assert verify_many([b"pw"] * 3, Odd((schema, data)), rounds=4) == [True, False, True]


def renamed(column: Any, text: bytes) -> tuple[Odd, Any]:
    """The column with another format in its schema, and what must be kept alive for it."""
    schema, data = column.__arrow_c_array__()
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    kept = ctypes.create_string_buffer(text)
    ctypes.c_void_p.from_address(pointer_of(schema, b"arrow_schema")).value = ctypes.addressof(kept)
    return Odd((schema, data)), kept


@pytest.mark.parametrize(
    "text", [b"w:", b"w:abc", b"w:2x", b"w: 2", b"w:-2", b"w:2147483648", b"w:99999999999999999999", b"w", b"?", b""]
)
def test_a_format_that_is_none_is_refused(text: bytes) -> None:
    """A width that nobody can read is no width of 0, with which every password would be empty."""
    column, _kept = renamed(pa.array([b"pw"], pa.binary(2)), text)
    with pytest.raises(TypeError, match=r"^passwords: an Arrow array must have strings or binary.* is another type$"):
        hash_many(column, settings=[SETTING])
    right, _kept = renamed(pa.array([b"pw"], pa.binary(2)), b"w:2")
    assert hash_many(right, settings=[SETTING]) == [HASH]


def test_an_array_that_was_taken_already_is_refused() -> None:
    """The interface's word for it is a release that is NULL: its buffers may be gone."""
    capsules = pa.array(["pw"]).__arrow_c_array__()
    assert hash_many(Odd(capsules), settings=[SETTING]) == [HASH]
    with pytest.raises((TypeError, ValueError, RuntimeError), match=r"^passwords\b"):
        hash_many(Odd(capsules), settings=[SETTING])


class OddStream:
    """Hands out one capsule of a stream, again and again."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.capsule


def test_a_stream_that_was_taken_already_is_refused() -> None:
    capsule = pa.chunked_array([["pw"]]).__arrow_c_stream__()
    pa.chunked_array(OddStream(capsule))  # takes it
    with pytest.raises(ValueError, match=r"^passwords: the Arrow stream was taken already"):
        hash_many(OddStream(capsule), settings=[SETTING])
