"""Drawing a payload as a QR image: SVG text, PNG bytes, or half blocks for a terminal.

Drawn on demand, one at a time: the matrix takes some milliseconds. Error correction is M (15 %), the quiet
zone four modules as ISO/IEC 18004 asks. The drawing library is loaded at the first image, because most
commands draw none.
"""

from io import BytesIO

QUIET_ZONE = 4


def matrix(payload: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of the code with its quiet zone, row by row; True is dark."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(payload)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def svg(payload: str, *, module: int = 8) -> str:
    """A standalone SVG document of black modules on white; ``module`` is the side of one module in pixels."""
    rows = matrix(payload)
    side = len(rows)
    path: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < side:
            run = x
            while run < side and row[run]:
                run += 1
            if run > x:
                path.append(f"M{x} {y}h{run - x}v1h-{run - x}z")
            x = run + 1
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side * module}" height="{side * module}" '
        f'viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{"".join(path)}" fill="#000"/></svg>\n'
    )


def png(payload: str, *, module: int = 8) -> bytes:
    """A black and white PNG; ``module`` is the side of one module in pixels."""
    from PIL import Image

    rows = matrix(payload)
    side = len(rows)
    image = Image.new("1", (side, side), 1)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x, y), 0)
    written = BytesIO()
    image.resize((side * module, side * module), Image.Resampling.NEAREST).save(written, "PNG", optimize=True)
    return written.getvalue()


def terminal(payload: str) -> str:
    """The code in half blocks, two modules a character; light modules are drawn, for a dark terminal."""
    rows = matrix(payload)
    below = (*rows[1:], (True,) * len(rows))
    glyphs = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    lines = (
        "".join(glyphs[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], below[::2], strict=True)
    )
    return "\n".join(lines) + "\n"
