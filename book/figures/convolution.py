"""What the figures of chapter 7 are made of: `python book/figures/convolution.py`.

The pixels of the photograph go into kernels.js; slide.svg and kernels.svg are the
pictures that stand where no script runs. The photograph is scikit-learn's china.jpg, by
danielbuechele, CC BY 2.0.
"""

import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image

FIGURES = Path(__file__).parents[1] / "_static" / "figures"
IMAGE = np.array([[1, 2, 0, 1], [3, 1, 2, 0], [0, 1, 1, 3], [2, 0, 1, 2]])
KERNEL = np.array([[1, -1], [2, 0]])
SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
STYLE = """\
  <style>
    text { font: 15px sans-serif; text-anchor: middle; fill: #222; }
    text { dominant-baseline: central; }
    .small { font-size: 11px; }
    rect { fill: #fff; stroke: #bbb; }
    .on { fill: #cfe3f5; }
    .frame { fill: none; stroke: #0a5ea8; stroke-width: 3; }
  </style>
"""


def photograph() -> np.ndarray:
    """The part of the photograph that the chapter works on: (64, 96), 0 to 255."""
    china = load_sample_image("china.jpg")[20:276, 30:414].mean(axis=2)
    return np.rint(china.reshape(64, 4, 96, 4).mean(axis=(1, 3)))


def correlate(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape)
    return np.einsum("rcij,ij->rc", windows, weight)


def drawing(width: int, height: int, title: str, *parts: str) -> str:
    head = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    body = [f'<rect width="{width}" height="{height}" rx="8"/>', *parts]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {head}>\n  <title>{title}</title>\n'
        + STYLE
        + "".join(f"  {part}\n" for part in body)
        + "</svg>\n"
    )


def text(x: float, y: float, what: object, kind: str = "") -> str:
    kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{kind}>{what}</text>'.replace("-", "\u2212")


def grid(name, entries, left, top, side, on=(), kind="") -> str:
    """Squares with a number in each, None for an empty one."""
    parts = [text(left + len(entries[0]) * side / 2, top - 11, name)]
    for (i, j), entry in np.ndenumerate(np.array(entries, dtype=object)):
        x, y = left + j * side, top + i * side
        light = ' class="on"' if (i, j) in on else ""
        parts.append(f'<rect x="{x}" y="{y}" width="{side}" height="{side}"{light}/>')
        if entry is not None:
            parts.append(text(x + side / 2, y + side / 2, entry, kind))
    return "\n  ".join(parts)


def slide(step: int = 4) -> str:
    """The stepper at one step, in the middle by default."""
    y = correlate(IMAGE, KERNEL)
    r, c = divmod(step, 3)
    landed = np.where(np.arange(9).reshape(3, 3) <= step, y, None)
    matrix = np.full((9, 4, 4), None)
    for place in range(9):
        top, left = divmod(place, 3)
        matrix[place, top : top + 2, left : left + 2] = KERNEL
    seen = [(r + i, c + j) for i, j in np.ndindex(2, 2)]
    products = KERNEL * IMAGE[r : r + 2, c : c + 2]
    row = [(step, pixel) for pixel in range(16)]
    x, y = 14 + 32 * c, 36 + 32 * r
    return drawing(
        700,
        225,
        "A kernel slides over an image, and the matrix that does the same",
        grid("x", IMAGE, 14, 36, 32, seen),
        f'<rect x="{x}" y="{y}" width="64" height="64" class="frame"/>',
        grid("weight", KERNEL, 164, 36, 32),
        grid("products", products, 164, 128, 32),
        grid("y", landed, 248, 36, 32, [(r, c)]),
        grid("M, a row a place", matrix.reshape(9, 16), 365, 36, 20, row, "small"),
    )


def png(levels: np.ndarray) -> str:
    """Gray levels, the smallest black and the largest white, as an address."""
    low, high = levels.min(), levels.max()
    gray = np.rint(255 * (levels - low) / (high - low)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "png", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def kernels() -> str:
    """The photograph and what Sobel's kernel makes of it."""
    picture = photograph()
    parts = []
    for left, name, levels in [
        (10, "the picture", picture),
        (355, "Sobel x", correlate(picture, SOBEL_X)),
    ]:
        height, width = (3.5 * n for n in levels.shape)
        place = f'x="{left}" y="30" width="{width:g}" height="{height:g}"'
        style = 'style="image-rendering: pixelated"'
        parts.append(text(left + width / 2, 16, name))
        parts.append(f'<image {place} {style} href="{png(levels)}"/>')
    return drawing(700, 264, "A photograph before and after a kernel", *parts)


def main() -> None:
    (FIGURES / "slide.svg").write_text(slide())
    (FIGURES / "kernels.svg").write_text(kernels())
    script = FIGURES / "kernels.js"
    pixels = base64.b64encode(photograph().astype(np.uint8).tobytes()).decode()
    line = re.compile(r'const PIXELS = "[^"]*"')
    script.write_text(line.sub(f'const PIXELS = "{pixels}"', script.read_text()))


if __name__ == "__main__":
    main()
