"""Arrow arrays, chunked arrays and streams, Polars Series and NumPy arrays as passwords, hashes and settings."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
import weakref
from typing import Any

import lanecrypt
import pytest
from lanecrypt import ItemError, hash_many, hash_stream, verify_many, verify_stream

pa: Any = pytest.importorskip("pyarrow")

SETTING = b"$2b$04$abcdefghijklmnopqrstu."
WORDS = ["", "pw", "pässwörd", "x" * 12, "x" * 13, "\0", "a\0b", "€" * 24, "x" * 72]
BINARY = [b"", b"\xff\xfe", b"pw", b"\0", b"x" * 12, b"x" * 13, b"\x80" * 72]
VARIABLE = ["string", "large_string", "string_view", "binary", "large_binary", "binary_view"]


def raw(words: list[str]) -> list[bytes]:
    return [word.encode() for word in words]


def hashed(words: list[bytes]) -> list[bytes]:
    """Hashes that were made one at a time."""
    return [lanecrypt.hashpw(word, SETTING) for word in words]


def column(name: str, words: list[Any]) -> Any:
    return pa.array(words, getattr(pa, name)())


def with_setting(passwords: Any) -> list[Any]:
    return hash_many(passwords, settings=[SETTING] * len(passwords))


def codes(answers: list[Any]) -> list[Any]:
    return [each.code if isinstance(each, ItemError) else each for each in answers]


# ---- Types


@pytest.mark.parametrize("name", VARIABLE)
def test_every_type_of_strings_and_binary(name: str) -> None:
    words: list[Any] = WORDS if "string" in name else BINARY
    bytes_ = raw(words) if "string" in name else words
    assert with_setting(column(name, words)) == hashed(bytes_)
    assert verify_many(column(name, words), hashed(bytes_)) == [True] * len(words)
    assert list(verify_stream(column(name, words), column("binary", hashed(bytes_)))) == [True] * len(words)


@pytest.mark.parametrize("width", [0, 1, 8, 72])
def test_fixed_size_binary(width: int) -> None:
    words = [bytes([number]) * width for number in range(1, 20)]
    assert with_setting(pa.array(words, pa.binary(width))) == hashed(words)


@pytest.mark.parametrize("name", VARIABLE)
def test_hashes_and_settings_as_columns(name: str) -> None:
    hashes = [each.decode() for each in hashed(raw(WORDS))]
    assert verify_many(raw(WORDS), column(name, hashes)) == [True] * len(WORDS)
    settings = [None, SETTING.decode(), hashes[2]]
    answers = hash_many([b"pw"] * 3, settings=column(name, settings), rounds=5)
    assert answers[0][:7] == b"$2b$05$"
    assert answers[1] == answers[2] == lanecrypt.hashpw(b"pw", SETTING)
    assert verify_many([b"pw"], pa.array(answers[1:2], pa.binary(60))) == [True]


REFUSED = {
    "integers": lambda: pa.array([1, 2]),
    "floats": lambda: pa.array([1.5]),
    "booleans": lambda: pa.array([True]),
    "nulls": lambda: pa.nulls(3),
    "lists": lambda: pa.array([["pw"]]),
    "times": lambda: pa.array([0], pa.timestamp("s")),
    "run ends": lambda: pa.RunEndEncodedArray.from_arrays(pa.array([1], pa.int32()), pa.array(["pw"])),
}


@pytest.mark.parametrize("what", REFUSED)
def test_other_types_are_refused(what: str) -> None:
    array = REFUSED[what]()
    with pytest.raises(TypeError, match=r"^passwords: an Arrow array must have strings or binary"):
        hash_many(array)
    with pytest.raises(TypeError, match=r"^passwords: an Arrow array must have strings or binary"):
        hash_many(pa.chunked_array([array]))
    with pytest.raises(TypeError, match=r"^hashes: an Arrow array must have strings or binary"):
        verify_many([b"pw"] * len(array), array)
    with pytest.raises(TypeError, match=r"^settings: an Arrow array must have strings or binary"):
        hash_many([b"pw"] * len(array), settings=array)


def test_a_dictionary_is_refused_and_says_what_to_do() -> None:
    words = pa.array(["pw", "pw"]).dictionary_encode()
    with pytest.raises(TypeError, match=r"^passwords: .* a dictionary-encoded array: decode it first$"):
        hash_many(words)
    assert len(hash_many(words.dictionary_decode(), rounds=4)) == 2


def test_tables_and_structs_are_refused_and_say_what_to_do() -> None:
    table = pa.table({"name": ["a"], "password": ["pw"]})
    for whole in (table, table.to_batches()[0], table.to_struct_array(), table.to_reader()):
        with pytest.raises(TypeError, match=r"^passwords: .* a table or a struct: hand over one column$"):
            hash_many(whole)
    assert len(hash_many(table["password"], rounds=4)) == 1
    assert len(hash_many(table.to_batches()[0]["password"], rounds=4)) == 1


# ---- Offsets, chunks, nulls


@pytest.mark.parametrize("name", VARIABLE)
def test_slices(name: str) -> None:
    words = [f"word {number:02} {'x' * number}" for number in range(30)]
    whole = column(name, words)
    for start, length in ((1, 3), (7, 9), (8, 8), (29, 1), (30, 0), (0, 0), (9, 21)):
        part = whole.slice(start, length)
        assert with_setting(part) == hashed(raw(words[start : start + length]))
        assert with_setting(part.slice(1)) == hashed(raw(words[start + 1 : start + length]))


def test_slices_of_fixed_size_binary() -> None:
    words = [b"%05d" % number for number in range(30)]
    assert with_setting(pa.array(words, pa.binary(5)).slice(9, 12)) == hashed(words[9:21])


@pytest.mark.parametrize("name", [*VARIABLE, "fixed"])
def test_nulls_stay_in_their_place_in_slices(name: str) -> None:
    hashes = [None if number % 3 == 1 else each for number, each in enumerate(hashed([b"pw"] * 40))]
    whole = pa.array(hashes, pa.binary(60)) if name == "fixed" else pa.array(hashes).cast(getattr(pa, name)())
    for start, length in ((0, 40), (1, 9), (8, 16), (13, 27)):
        answers = verify_many([b"pw"] * length, whole.slice(start, length), rounds=4)
        assert answers == [number % 3 != 1 for number in range(start, start + length)]


def test_chunks_and_empty_chunks() -> None:
    words = [f"word {number}" for number in range(20)]
    for borders in ((0, 20), (0, 0, 20), (0, 5, 5, 5, 19, 20, 20), (0, 1, 2, 3, 4, 20)):
        chunks = [pa.array(words[a:b], pa.string()) for a, b in itertools.pairwise(borders)]
        assert with_setting(pa.chunked_array(chunks)) == hashed(raw(words))
    assert hash_many(pa.chunked_array([], pa.string())) == []
    assert hash_many(pa.chunked_array([[], []], pa.string())) == []
    assert hash_many(pa.array([], pa.string())) == []


def test_slices_of_chunks() -> None:
    words = [f"word {number}" for number in range(30)]
    chunked = pa.chunked_array([words[:10], words[10:20], words[20:]]).slice(7, 16)
    assert with_setting(chunked) == hashed(raw(words[7:23]))


def test_a_null_password_is_named() -> None:
    for passwords in (pa.array(["pw", None, "pw", None]), pa.chunked_array([["pw"], [None, "pw", None]])):
        with pytest.raises(TypeError, match=r"^passwords\[1\] must be bytes, not None$"):
            hash_many(passwords)
        answers = hash_many(passwords, settings=[SETTING] * 4, on_error="return")
        right = lanecrypt.hashpw(b"pw", SETTING)
        assert codes(answers) == [right, "invalid_argument", right, "invalid_argument"]
        assert str(answers[1]) == "item 1: its password is null (invalid_argument)"
        assert codes(list(hash_stream(passwords, rounds=4, on_error="return")))[1::2] == ["invalid_argument"] * 2


def test_a_null_hash_is_an_unknown_user() -> None:
    (right,) = hashed([b"pw"])
    for hashes in (pa.array([right, None, right]), pa.chunked_array([[right], [None, right]])):
        assert verify_many([b"pw"] * 3, hashes, rounds=4) == [True, False, True]
        assert list(verify_stream([b"pw"] * 3, hashes, rounds=4)) == [True, False, True]


def test_all_nulls() -> None:
    assert verify_many([b"pw"] * 3, pa.nulls(3, pa.string()), rounds=4) == [False] * 3
    assert codes(hash_many(pa.nulls(2, pa.binary_view()), on_error="return")) == ["invalid_argument"] * 2


def test_lengths_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="passwords has 2 items and hashes has 3"):
        verify_many(pa.array(["a", "b"]), pa.array(["a", "b", "c"]))


# ---- Polars and NumPy


def test_polars_series() -> None:
    pl = pytest.importorskip("polars")
    words = [f"word {number} {'x' * number}" for number in range(30)]
    series = pl.Series(words)
    assert with_setting(series) == hashed(raw(words))
    assert with_setting(series[9:20]) == hashed(raw(words[9:20]))
    assert with_setting(series.gather_every(3)) == hashed(raw(words[::3]))
    parts = pl.concat([series[3:5], series[20:], series[:1]], rechunk=False)
    assert parts.n_chunks() == 3
    assert with_setting(parts) == hashed(raw(words[3:5] + words[20:] + words[:1]))
    assert with_setting(pl.Series(raw(words))) == hashed(raw(words))
    assert hash_many(pl.Series([], dtype=pl.String)) == []


def test_polars_nulls() -> None:
    pl = pytest.importorskip("polars")
    (right,) = hashed([b"pw"])
    hashes = pl.Series([right.decode(), None, right.decode()])
    assert verify_many(pl.Series(["pw"] * 3), hashes, rounds=4) == [True, False, True]
    assert verify_many(pl.Series(["pw"] * 2), hashes[1:], rounds=4) == [False, True]
    with pytest.raises(TypeError, match=r"^passwords\[2\] must be bytes, not None$"):
        hash_many(pl.Series(["a", "b", None]))


def test_other_polars_types_are_refused() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"password": ["pw"]})
    for whole in (pl.Series([1, 2]), pl.Series(["a"], dtype=pl.Categorical), frame):
        with pytest.raises(TypeError, match=r"^passwords: an Arrow array must have strings or binary"):
            hash_many(whole)
    assert len(hash_many(frame["password"], rounds=4)) == 1


def test_numpy_arrays_of_bytes() -> None:
    np = pytest.importorskip("numpy")
    words = [b"pw", b"x" * 72, b"\xff", b""]
    assert with_setting(np.array(words)) == hashed(words)
    assert with_setting(np.array(words)[::-1]) == hashed(words[::-1])
    assert with_setting(np.array(words, dtype=object)) == hashed(words)
    assert verify_many(np.array(words), np.array(hashed(words))) == [True] * 4


def test_other_numpy_arrays_are_refused() -> None:
    np = pytest.importorskip("numpy")
    for array in (np.array(["text"]), np.array([1, 2]), np.array([1.5]), np.array([[b"a"], [b"b"]])):
        with pytest.raises(TypeError, match=r"^passwords\[0\]"):
            hash_many(array)
    with pytest.raises(TypeError, match=r"^passwords\[1\] must be bytes, not str"):
        hash_many(np.array([b"pw", "text"], dtype=object))
    with pytest.raises(TypeError, match="0-d array"):
        hash_many(np.array(b"pw"))


# ---- How they are read


@pytest.mark.parametrize("name", ["binary", "binary_view", "fixed"])
def test_rows_are_read_where_they_are(name: str) -> None:
    """Rows that change in the array's own memory while the batch runs change its answers: nothing was copied."""
    memory = pa.allocate_buffer(2000 * 20, resizable=False)
    view = memoryview(memory).cast("B")
    view[:] = b"a" * len(view)
    if name == "fixed":
        array = pa.Array.from_buffers(pa.binary(20), 2000, [None, memory])
    elif name == "binary":
        offsets = pa.array(range(0, 2000 * 20 + 1, 20), pa.int32()).buffers()[1]
        array = pa.Array.from_buffers(pa.binary(), 2000, [None, offsets, memory])
    else:
        views = b"".join(
            (20).to_bytes(4, "little") + b"aaaa" + bytes(4) + (row * 20).to_bytes(4, "little") for row in range(2000)
        )
        array = pa.Array.from_buffers(pa.binary_view(), 2000, [None, pa.py_buffer(views), memory])
    calls = 0

    def progress(_done: int, _total: int) -> None:
        nonlocal calls
        if calls == 0:
            view[:] = b"b" * len(view)
        calls += 1

    answers = hash_many(array, settings=[SETTING] * 2000, threads=1, progress=progress)
    before, after = hashed([b"a" * 20, b"b" * 20])
    assert answers[0] == before
    assert answers[-1] == after


def test_no_object_is_made_for_a_row() -> None:
    rows = 50_000
    array = pa.array([b"x" * 1000] * rows, pa.large_binary())
    allocated = pa.total_allocated_bytes()
    tracemalloc.start()
    try:
        column = lanecrypt._core.make_column(array, "passwords")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(column) == rows
    assert peak < 100_000
    assert pa.total_allocated_bytes() - allocated < 100_000


@pytest.mark.parametrize("chunked", [False, True])
def test_an_array_lives_as_long_as_its_batch(chunked: bool) -> None:
    words = [f"password number {number} of the batch" for number in range(300)]
    source = [pa.array(words)]
    if chunked:
        source = [pa.chunked_array([words[:100], words[100:]])]
    watched = weakref.ref(source[0])
    before = pa.total_allocated_bytes()

    Lender: Any = type("Lender", (), {})
    if chunked:
        Lender.__arrow_c_stream__ = lambda _self: source.pop().__arrow_c_stream__()
    else:
        Lender.__arrow_c_array__ = lambda _self: source.pop().__arrow_c_array__()

    def progress(_done: int, _total: int) -> None:
        gc.collect()
        assert not source
        assert watched() is None
        junk = pa.array(["y" * 40] * 1000)  # takes the memory that was freed too early
        assert len(junk) == 1000

    answers = hash_many(Lender(), settings=[SETTING] * 300, progress=progress)
    assert answers == hashed(raw(words))
    assert pa.total_allocated_bytes() < before


def test_arrays_are_given_back() -> None:
    before = pa.total_allocated_bytes()
    for _ in range(50):
        array = pa.array(["pw" * 10] * 100)
        hash_many(array.slice(3, 2), rounds=4)
        hash_many(pa.chunked_array([array.slice(0, 1), array.slice(50, 1)]), rounds=4)
        list(hash_stream(array.slice(0, 2), rounds=4))
        with pytest.raises(TypeError):
            hash_many(array.dictionary_encode())
        del array
    gc.collect()
    assert pa.total_allocated_bytes() == before
