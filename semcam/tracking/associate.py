"""Which observation belongs to whom: greedy matching, best pair first.

With at most six people in view the greedy order and the optimal assignment agree in all but ties, and greedy
needs no solver.
"""

from collections.abc import Callable, Iterable

Similarity = Callable[[int, int], float]


def match(rows: Iterable[int], columns: Iterable[int], similarity: Similarity) -> list[tuple[int, int]]:
    """Pairs (row, column) with positive similarity, each row and column used once, best pairs first."""
    columns = list(columns)
    scored = [(similarity(row, column), row, column) for row in rows for column in columns]
    pairs: list[tuple[int, int]] = []
    used_rows: set[int] = set()
    used_columns: set[int] = set()
    # ties fall to the older track and the earlier observation, so that a replay repeats itself
    for score, row, column in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
        if score <= 0:
            break
        if row not in used_rows and column not in used_columns:
            pairs.append((row, column))
            used_rows.add(row)
            used_columns.add(column)
    return pairs
