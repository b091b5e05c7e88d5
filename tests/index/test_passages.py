from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.passages import PASSAGE_CHARACTERS, Document, passages
from tests.factories import article_content

TITLE = "喝白酒能杀病毒吗？"


def texts_of(document: Document) -> list[str]:
    """What is searched of a document."""
    return [passage.text for passage in passages(document)]


def test_titles_and_phrasings_ask_and_everything_else_tells() -> None:
    document = Document(1, TITLE, ("白酒杀毒不",), "不能。", "酒精浓度不够。")
    assert [passage.is_asked for passage in passages(document)] == [True, True, False, False]


def test_an_article_is_found_by_title_claim_phrasings_summary_and_body() -> None:
    content = article_content(
        title=TITLE,
        claim="白酒可以杀死体内的病毒。",
        asked_as=["白酒杀毒不", "喝酒防病", "酒精入血杀毒", "高度酒消毒"],
        short_answer="不能。",
        what_to_do=["别靠喝酒防病。", "打疫苗。"],
    )
    found = texts_of(Document.of(7, content))
    assert found[:7] == [
        TITLE,
        "白酒可以杀死体内的病毒。",
        "白酒杀毒不",
        "喝酒防病",
        "酒精入血杀毒",
        "高度酒消毒",
        f"{TITLE}\n不能。 别靠喝酒防病。 打疫苗。",
    ]
    assert all(passage.startswith(f"{TITLE}\n") for passage in found[7:])
    assert Document.of(7, content).id == 7


def test_every_piece_of_the_body_carries_the_title() -> None:
    found = texts_of(Document(1, TITLE, body="".join(f"第{number}条，酒精浓度不够。" for number in range(40))))
    assert len(found) == 4
    assert found[0] == TITLE
    assert [passage.partition("\n")[0] for passage in found[1:]] == [TITLE] * 3


def test_the_body_is_cut_where_sentences_end() -> None:
    sentences = [f"第{number}句话讲的是酒精在身体里会怎么样。" for number in range(30)]
    pieces = bodies("".join(sentences))
    assert len(pieces) == 4
    assert all(piece.endswith("。") and len(piece) <= PASSAGE_CHARACTERS for piece in pieces)
    assert "".join(pieces) == "".join(sentences)


def test_a_heading_goes_with_what_stands_below_it() -> None:
    above = "上一节的话。" * 29  # six characters short of a whole piece, so the heading would still fit
    pieces = bodies(f"{above}\n\n## 该怎么做\n\n下一节的话很长，不能和上面的放在一起。")
    assert pieces == [above, "该怎么做\n下一节的话很长，不能和上面的放在一起。"]


def test_a_heading_with_nothing_below_is_kept() -> None:
    assert bodies("话。\n\n## 最后\n") == ["话。\n最后"]
    assert bodies("# 一\n## 二\n话。") == ["一\n二\n话。"]


def test_lines_of_a_list_stay_apart_and_lose_their_marks() -> None:
    assert bodies("- 先打**120**\n  * 再开窗\n-5℃以下别出门") == ["先打120\n再开窗\n-5℃以下别出门"]


def test_a_sentence_that_never_ends_is_cut_without_losing_anything() -> None:
    endless = "".join(chr(0x4E00 + number) for number in range(10_000))
    pieces = bodies(endless)
    assert "".join(pieces) == endless
    assert max(map(len, pieces)) == PASSAGE_CHARACTERS
    assert len(pieces) == 56  # ten thousand by a hundred and eighty, rounded up


def test_no_passage_comes_twice() -> None:
    document = Document(1, TITLE, phrasings=(TITLE, "白酒杀毒不", "白酒杀毒不"), summary="不能。", body="不能。")
    assert texts_of(document) == [TITLE, "白酒杀毒不", f"{TITLE}\n不能。"]


def test_a_document_without_body_or_title_still_has_what_it_has() -> None:
    assert texts_of(Document(1, TITLE)) == [TITLE]
    assert texts_of(Document(1, "", body="只有正文。")) == ["只有正文。"]
    assert texts_of(Document(1, "", body=" \n\n ")) == []
    assert texts_of(Document(1, "")) == []


@given(st.text(alphabet="酒毒。！？；，#-*12 \n", max_size=600))
def test_no_text_of_the_body_is_lost(body: str) -> None:
    kept = "".join(bodies(body))
    for mark in "#-* \n":
        body, kept = body.replace(mark, ""), kept.replace(mark, "")
    # A passage that repeats another is dropped, so compare what is said and not how often.
    assert set(kept) == set(body)
    assert len(kept) <= len(body)


@given(st.lists(st.text(alphabet=[chr(0x4E00 + n) for n in range(3000)], min_size=1, max_size=300), max_size=8))
def test_different_sentences_come_out_whole_and_in_order(sentences: list[str]) -> None:
    body = "".join(f"{number}{sentence}。" for number, sentence in enumerate(sentences))
    assert "".join(bodies(body)) == body


def bodies(body: str) -> list[str]:
    """The passages of a body alone."""
    return texts_of(Document(1, "", body=body))
