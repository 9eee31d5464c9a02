"""Ways in which a good file goes wrong: bits turn, stretches vanish or come twice, letters are saved another way."""

from hypothesis import strategies as st

#: Pieces that parsers stumble over, put anywhere.
TRAPS = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<!DOCTYPE x [<!ENTITY e 'x'>]>",
    b"&e;",
    b"<![CDATA[",
    b"<a>" * 60,
    b'"',
    b"9" * 400,
    b"-1",
    b"1e999",
    b"NaN",
    b"\r\n:61:",
    b"\n:25:",
    b"\n-\n",
    b"//",
    b"?20",
    "٥".encode(),
    "５".encode(),
    b"99/99/9999",
    b"0001-01-01",
    b"=cmd|'/c calc'!A0",
    b"</td>",
    b"<td colspan=999999999>",
    b"{" * 100,
)


@st.composite
def mutated(draw: st.DrawFn, valid: bytes, most: int = 4) -> bytes:
    """A valid file with a few faults in it."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, most))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        size = draw(st.integers(0, 200))
        kind = draw(st.sampled_from(["bit", "overwrite", "remove", "double", "move", "cut", "trap", "letters"]))
        if kind == "bit" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "overwrite":
            data[at : at + size] = draw(st.binary(max_size=24))
        elif kind == "remove":
            del data[at : at + size]
        elif kind == "double":
            data[at:at] = data[at : at + size] * draw(st.integers(1, 3))
        elif kind == "move":
            piece = bytes(data[at : at + size])
            del data[at : at + size]
            to = draw(st.integers(0, len(data)))
            data[to:to] = piece
        elif kind == "cut":
            del data[at:]
        elif kind == "trap":
            data[at:at] = draw(st.sampled_from(TRAPS))
        else:
            read_as, written_as = draw(
                st.sampled_from(
                    [("utf-8", "utf-16"), ("utf-8", "cp1258"), ("latin-1", "utf-8"), ("utf-8", "utf-16-le")]
                )
            )
            data = bytearray(bytes(data).decode(read_as, "ignore").encode(written_as, "ignore"))
    return bytes(data)
