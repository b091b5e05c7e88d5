from __future__ import annotations

from scripts.commands.markdown import markdown


def test_what_could_not_be_measured_is_a_dash() -> None:
    figures = {"n": 3, "auc": None, "interval": {"auc": None}, "words": {"auc": None}, "dense": {"auc": 0.5}}
    assert list(markdown(figures)) == [
        "| figure | ours | 95 % interval | words alone | dense alone |",
        "|---|---|---|---|---|",
        "| n | 3 |  |  |  |",
        "| auc | – |  | – | 0.5 |",
    ]
