from __future__ import annotations

import numpy as np

from index.late import Tokens
from index.rows import PassageRows

RANDOM = np.random.default_rng(2)


def passage(*ids: int) -> Tokens:
    """A passage of these tokens, pointing anywhere."""
    return Tokens.of(RANDOM.normal(size=(len(ids), 4)).astype(np.float32), ids)


def told(rows: PassageRows, *numbers: int) -> list[Tokens]:
    """What each of these rows says."""
    tokens, sizes = rows.tokens(np.array(numbers, dtype=np.int64))
    ends = np.cumsum(sizes)
    return [
        Tokens(tokens.directions[start:end], tokens.ids[start:end])
        for start, end in zip(ends - sizes, ends, strict=True)
    ]


def same(left: Tokens, right: Tokens) -> bool:
    return np.array_equal(left.directions, right.directions) and np.array_equal(left.ids, right.ids)


def test_every_row_knows_its_article_and_its_tokens() -> None:
    rows = PassageRows(4)
    first, second, third = passage(1, 2, 3), passage(), passage(9)
    assert list(rows.add(7, [first, second])) == [0, 1]
    assert list(rows.add(8, [third])) == [2]
    assert rows.owners(range(3)) == [7, 7, 8]
    assert all(map(same, told(rows, 0, 1, 2), (first, second, third)))
    assert list(rows.of(7)) == [0, 1]
    assert list(rows.of(99)) == []
    of_all, sizes = rows.of_all([8, 99, 7])
    assert (of_all.tolist(), sizes.tolist()) == ([2, 0, 1], [1, 0, 2])
    assert all(map(same, told(rows, 2, 0), (third, first)))
    assert len(rows) == 2


def test_row_numbers_are_never_given_again() -> None:
    rows = PassageRows(4)
    rows.add(7, [passage(1), passage(2)])
    assert list(rows.remove(7)) == [0, 1]
    assert list(rows.remove(7)) == []
    assert list(rows.add(7, [passage(3)])) == [2]


def test_a_token_in_fewer_passages_matters_more() -> None:
    rows = PassageRows(4)
    rows.add(1, [passage(5, 6, 6), passage(5), passage(5, 7)])
    often, seldom, never = rows.rarity(passage(5, 6, 10_000)).tolist()
    assert never > seldom > often > 0
    rows.remove(1)
    assert len(set(rows.rarity(passage(5, 6)).tolist())) == 1


def test_ids_that_no_vocabulary_has_cost_no_memory() -> None:
    rows = PassageRows(4)
    rows.add(1, [passage(2_000_000_000, -5, 3)])
    assert np.isfinite(rows.rarity(passage(2_000_000_000, -5, 3))).all()


def test_thousands_of_passages_are_kept_apart() -> None:
    rows = PassageRows(4)
    passages = [passage(*range(number % 7)) for number in range(3000)]
    for number, tokens in enumerate(passages):
        rows.add(number, [tokens])
    assert all(map(same, told(rows, *range(3000)), passages))
