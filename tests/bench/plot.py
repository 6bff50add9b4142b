"""Bars as SVG, drawn by hand: a plot needs no library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, LABEL, PAD = 640, 18, 220, 4  # pixels


def bars(values: Sequence[tuple[str, float]]) -> str:
    """Give named values as horizontal bars, longest for the largest."""
    most = max((value for _, value in values), default=1.0) or 1.0
    lines = []
    for number, (name, value) in enumerate(values):
        top = PAD + number * (HEIGHT + PAD)
        width = (WIDTH - LABEL - 80) * value / most
        lines += [
            f'<text x="{LABEL - PAD}" y="{top + 13}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LABEL}" y="{top}" width="{width:.1f}" height="{HEIGHT}" fill="#4a7ebb"/>',
            f'<text x="{LABEL + width + PAD:.1f}" y="{top + 13}">{value:,.0f}/s</text>',
        ]
    height = 2 * PAD + len(values) * (HEIGHT + PAD)
    size = f'width="{WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *lines, "</svg>", ""])
