"""The command `qiuzhen` as people run it: real processes, a data folder of their own, the real model."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from knowledge import articles, rumours
from knowledge.article_files import CONTENT, read_file, write_file
from knowledge.database import Database
from knowledge.models import Article, Person, Status
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
Result = TypeVar("Result")
STARTER = sorted(CONTENT.rglob("*.md"))
SOME = [path for number, path in enumerate(STARTER) if number % 20 == 0 or path.stem == "baijiu-virus"]
"""Enough articles for what a command does."""


@dataclass(frozen=True)
class Home:
    """A data folder, and the command run on it."""

    folder: Path
    model: Path
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, input: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        own = {
            "QIUZHEN_DATA_DIR": str(self.folder),
            "QIUZHEN_MODEL": str(self.model),
            "QIUZHEN_DATABASE_URL": "",
            "QIUZHEN_TELEGRAM_TOKEN": "",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("QIUZHEN_")}
        return subprocess.run(
            [sys.executable, "-m", "scripts.qiuzhen", *arguments],
            cwd=self.folder.parent,
            env=inherited | own | self.settings | settings,
            input=input,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def succeed(self, *arguments: str, input: str = "", **settings: str) -> str:
        """What a command that works prints."""
        done = self.run(*arguments, input=input, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refuse(self, *arguments: str, **settings: str) -> str:
        """What a command that refuses says, in a few lines and without a traceback."""
        done = self.run(*arguments, **settings)
        assert done.returncode == 1, done.stderr or done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    def database(self, work: Callable[[Database], Awaitable[Result]]) -> Result:
        """Do something with the database while no command runs."""

        async def go() -> Result:
            database = Database(f"sqlite:///{self.folder / 'qiuzhen.db'}")
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(go())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, model_dir: Path) -> Home:
    """A home that was set up once, with some articles. Not to be changed: take `home` for that."""
    folder = tmp_path_factory.mktemp("prepared")
    for path in SOME:
        write_file(folder / "content", read_file(path))
    home = Home(folder / "data", model_dir, {"QIUZHEN_CONTENT_DIR": str(folder / "content")})
    assert home.succeed("setup").strip() == (
        f"{len(SOME)} added, 0 changed, 0 unchanged, 0 kept as edited; {len(SOME)} articles searchable"
    )
    return home


@pytest.fixture
def home(prepared: Home, tmp_path: Path) -> Home:
    """A home of this test's own that was set up."""
    shutil.copytree(prepared.folder, tmp_path / "data")
    return Home(tmp_path / "data", prepared.model, prepared.settings)


@pytest.fixture
def bare(tmp_path: Path, model_dir: Path) -> Home:
    """A home with nothing in it."""
    return Home(tmp_path / "data", model_dir)


class TestSetup:
    def test_a_second_setup_changes_nothing(self, home: Home) -> None:
        before = (home.folder / "secret.key").read_bytes()
        assert home.succeed("setup").strip() == (
            f"0 added, 0 changed, {len(SOME)} unchanged, 0 kept as edited; {len(SOME)} articles searchable"
        )
        assert (home.folder / "secret.key").read_bytes() == before

    def test_content_may_come_from_another_folder(self, bare: Home, tmp_path: Path) -> None:
        write_file(tmp_path / "content", factories.article_content(slug="only-this"))
        printed = bare.succeed("setup", QIUZHEN_CONTENT_DIR=str(tmp_path / "content"))
        assert printed.strip() == "1 added, 0 changed, 0 unchanged, 0 kept as edited; 1 articles searchable"

    def test_a_folder_that_is_not_there_is_refused(self, bare: Home, tmp_path: Path) -> None:
        said = bare.refuse("setup", QIUZHEN_CONTENT_DIR=str(tmp_path / "nowhere"))
        assert said.strip() == f"{tmp_path / 'nowhere'} is not a folder."

    def test_migrating_makes_the_tables_and_doing_it_again_is_harmless(self, bare: Home) -> None:
        assert bare.succeed("migrate") == ""
        assert bare.succeed("migrate") == ""

        async def count(database: Database) -> int | None:
            await database.check()
            async with database.reading() as session:
                return await session.scalar(select(func.count()).select_from(Article))

        assert bare.database(count) == 0

    def test_the_index_is_built_anew(self, bare: Home, tmp_path: Path) -> None:
        write_file(tmp_path / "content", factories.article_content(slug="only-this"))
        bare.succeed("setup", QIUZHEN_CONTENT_DIR=str(tmp_path / "content"))
        (bare.folder / "vectors.sqlite").write_bytes(b"damaged" * 1000)
        assert bare.succeed("index", "rebuild").startswith("1 articles indexed in ")


class TestAsk:
    KEYS = (
        "route",
        "band",
        "probability",
        "article",
        "verdict",
        "text",
        "choices",
        "sources",
        "rumour",
        "ms",
        "language",
    )

    def test_a_known_rumour_as_json(self, home: Home) -> None:
        facts: dict[str, Any] = json.loads(home.succeed("ask", "喝高度白酒能杀死病毒吗", "--json"))
        assert tuple(facts) == self.KEYS
        assert (facts["route"], facts["band"], facts["article"]) == ("question", "sure", "baijiu-virus")
        assert (facts["verdict"], facts["language"], facts["rumour"]) == ("false", "zh-Hans", None)
        assert facts["text"].startswith("❌ 假｜“喝高度白酒可以杀死体内的病毒，预防感染”\n")
        assert 0.8 <= facts["probability"] <= 1
        assert facts["ms"] > 0
        assert {"token", "label"} == set(facts["choices"][0])
        content = read_file(CONTENT / "health" / "baijiu-virus.md")
        assert [source["url"] for source in facts["sources"]] == [source.url for source in content.sources]

    def test_a_new_rumour_is_logged_once_and_found_again(self, home: Home) -> None:
        claim = "龙游县詹家镇自来水厂进了农药，这三天千万不要喝自来水"
        first = json.loads(home.succeed("ask", "--forwarded", "--json", claim))
        assert tuple(first) == self.KEYS
        assert (first["route"], first["band"], first["article"], first["verdict"]) == ("claim", "unknown", None, None)
        again = json.loads(home.succeed("ask", "--forwarded", "--json", f"🆘{claim}！！"))
        assert first["rumour"] == again["rumour"] == "R1"
        (row,) = json.loads(home.succeed("rumours", "list", "--json"))
        assert (row["id"], row["count"], row["text"]) == ("R1", 2, claim)

    def test_the_answer_as_text_with_its_buttons(self, home: Home) -> None:
        printed = home.succeed("ask", "喝高度白酒能杀死病毒吗")
        assert printed.startswith("❌ 假｜“喝高度白酒可以杀死体内的病毒，预防感染”")
        assert "[看详细]" in printed
        assert "[不是我问的]" in printed

    def test_before_setup_it_says_what_to_do(self, bare: Home) -> None:
        bare.folder.mkdir()
        assert "qiuzhen migrate" in bare.refuse("ask", "你好")

    def test_chatting_goes_on_until_the_input_ends(self, home: Home) -> None:
        printed = home.succeed("chat", input="喝白酒能杀病毒吗\n1\n\n/quit\n打烊之后\n")
        assert "❌ 假｜“喝高度白酒可以杀死体内的病毒，预防感染”" in printed
        assert "为什么有人信" in printed  # the first button shows the whole article
        assert "打烊之后" not in printed
        ended = home.run("chat", input="/forward 村里要拆迁了每平方补两万下个月签字")
        assert ended.returncode == 0
        assert "R1" in ended.stdout


class TestArticles:
    def test_the_starter_articles_have_no_problems(self, bare: Home) -> None:
        assert bare.succeed("articles", "check").strip() == f"{len(STARTER)} articles, 0 files with problems"

    def test_a_bad_file_is_named_and_the_others_are_loaded(self, home: Home, tmp_path: Path) -> None:
        content = tmp_path / "content"
        write_file(content, factories.article_content(slug="good-one", **factories.PUBLISHABLE))
        bad = write_file(content, factories.article_content(slug="bad-one"))
        bad.write_text(bad.read_text("utf-8").replace("topic: health", "topic: astrology [red]"), "utf-8")

        checked = home.run("articles", "check", str(content))
        assert checked.returncode == 1
        assert checked.stdout.strip() == "1 articles, 1 files with problems"
        assert f"{bad}: topic: " in checked.stderr

        loaded = home.run("articles", "load", str(content))
        assert loaded.returncode == 1
        assert loaded.stdout.strip() == "1 added, 0 changed, 0 unchanged, 0 kept as edited"
        assert f"{bad}: topic: " in loaded.stderr
        assert home.database(status_of("good-one")) is Status.PUBLISHED
        assert home.database(status_of("bad-one")) is None

    def test_a_broken_rule_is_a_problem_of_its_file(self, bare: Home, tmp_path: Path) -> None:
        fields = factories.PUBLISHABLE | {"related": ["nowhere"]}
        path = write_file(tmp_path, factories.article_content(slug="one", **fields))
        checked = bare.run("articles", "check", str(tmp_path))
        assert checked.returncode == 1
        assert checked.stdout.strip() == "1 articles, 1 files with problems"
        assert checked.stderr.strip() == f"{path}: related: nowhere is no article"

    def test_two_articles_that_answer_one_question_are_found(self, bare: Home, tmp_path: Path) -> None:
        write_file(tmp_path, factories.article_content(slug="one", **factories.PUBLISHABLE))
        fields = factories.PUBLISHABLE | {
            "title": "被狗咬了要打针吗？",
            "claim": "狗咬没出血不用打针。",
            "asked_as": [f"狗咬了{what}" for what in ("要打针吗", "没出血呢", "咋办", "怎么洗", "去哪里打针")]
            + [factories.PUBLISHABLE["asked_as"][0]],
        }
        other = write_file(tmp_path, factories.article_content(slug="other", **fields))
        checked = bare.run("articles", "check", "--deep", str(tmp_path))
        assert checked.returncode == 1
        assert f"{other}: asked_as: '{fields['asked_as'][-1]}' finds one first" in checked.stderr

    def test_coverage_of_a_list_of_questions(self, bare: Home, tmp_path: Path) -> None:
        folder, questions = tmp_path / "content", tmp_path / "questions.txt"
        write_file(folder, factories.article_content(slug="one", **factories.PUBLISHABLE))
        questions.write_text('喝高度白酒能杀死病毒吗\n{"text": "白酒杀病毒不"}\n', "utf-8")
        said = bare.succeed("articles", "coverage", str(questions), "--folder", str(folder), "--json", "--list")
        figures = json.loads(said)
        assert figures["n"] == 2
        assert {row["article"] for row in figures["questions"]} == {"one"}
        assert sum(figures["topics"]["health"].values()) == 2
        assert figures["sure"] + figures["ambiguous"] + figures["unknown"] == pytest.approx(1)
        table = bare.succeed("articles", "coverage", str(questions), "--folder", str(folder)).splitlines()
        assert table[0].startswith("| topic | questions | sure |")
        questions.write_text("", "utf-8")
        said = bare.refuse("articles", "coverage", str(questions), "--folder", str(folder))
        assert f"{questions}: has no rows" in said

    def test_a_phrasing_that_is_left_out_is_found_by_the_others(self, bare: Home, tmp_path: Path) -> None:
        write_file(tmp_path, factories.article_content(slug="one", **factories.PUBLISHABLE))
        figures = json.loads(bare.succeed("articles", "phrasings", str(tmp_path), "--every", "2", "--misses"))
        assert figures["n"] == 3
        assert figures["hit@1"] == 1.0
        assert figures["misses"] == []
        (tmp_path / "empty").mkdir()
        said = bare.refuse("articles", "phrasings", str(tmp_path / "empty"))
        assert "there is no article with a phrasing" in said

    def test_a_changed_file_changes_its_article(self, home: Home, tmp_path: Path) -> None:
        changed = read_file(CONTENT / "health" / "baijiu-virus.md").model_copy(
            update={"short_answer": "不能，伤身体。"}
        )
        write_file(tmp_path / "content", changed)
        printed = home.succeed("articles", "load", str(tmp_path / "content"))
        assert printed.strip() == "0 added, 1 changed, 0 unchanged, 0 kept as edited"
        assert "不能，伤身体。" in home.succeed("ask", "喝高度白酒能杀死病毒吗")

    def test_what_people_edited_is_kept(self, home: Home) -> None:
        home.database(edit_by_hand)
        printed = home.succeed("articles", "load")
        assert printed.strip() == f"0 added, 0 changed, {len(SOME) - 1} unchanged, 1 kept as edited"
        assert home.database(short_answer_of("baijiu-virus")) == "编辑改过的答案。"

    def test_what_is_exported_can_be_loaded_again(self, home: Home, tmp_path: Path) -> None:
        printed = home.succeed("articles", "export", str(tmp_path / "out"))
        assert printed.strip() == f"{len(SOME)} articles written to {tmp_path / 'out'}"
        for path in SOME:
            assert read_file(tmp_path / "out" / path.relative_to(CONTENT)) == read_file(path)

    def test_exporting_where_nothing_can_be_written_is_refused(self, home: Home, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert str(tmp_path / "file") in home.refuse("articles", "export", str(tmp_path / "file"))

    def test_a_sheet_is_written_and_says_where_its_code_leads(self, bare: Home, tmp_path: Path) -> None:
        bare.succeed("migrate")
        bare.database(one_article)
        file = tmp_path / "notice.pdf"
        public = {"QIUZHEN_PUBLIC_URL": "https://qiuzhen.example.org"}
        printed = bare.succeed("articles", "sheet", "liquor", "--out", str(file), **public)
        assert printed.strip() == f"{file} written; its code leads to https://qiuzhen.example.org/a/liquor"
        assert file.read_bytes().startswith(b"%PDF-")

    def test_a_sheet_that_cannot_be_made_says_why(self, bare: Home, tmp_path: Path) -> None:
        bare.succeed("migrate")
        bare.database(one_article)
        assert "There is no article 'nowhere'" in bare.refuse("articles", "sheet", "nowhere")
        no_font = {"QIUZHEN_SHEET_FONT": str(tmp_path / "none.ttf")}
        assert "fonts-noto-cjk" in bare.refuse("articles", "sheet", "liquor", **no_font)
        nowhere = str(tmp_path / "nowhere" / "notice.pdf")
        assert nowhere in bare.refuse("articles", "sheet", "liquor", "--out", nowhere)

    def test_a_folder_that_is_not_there_is_refused(self, bare: Home, tmp_path: Path) -> None:
        for command in ("check", "load"):
            said = bare.refuse("articles", command, str(tmp_path / "nowhere"))
            assert said.strip() == f"{tmp_path / 'nowhere'} is not a folder."


class TestRumours:
    TEXTS = ('=HYPERLINK("http://evil")', "[/red]村口的井水有毒 :smile:", '＋86开头的电话, "都"是骗子', "普通的一条")

    @pytest.fixture
    def asked(self, home: Home) -> Home:
        """Four open rumours, the first asked four times, the last once."""
        home.database(self.open_rumours)
        return home

    async def open_rumours(self, database: Database) -> None:
        async with database.transaction() as session:
            resident = await factories.resident(session)
            for times, text in zip((4, 3, 2, 1), self.TEXTS, strict=True):
                number = await rumours.open_rumour(session, await factories.seen(session, resident, text))
                for _ in range(times - 1):
                    await rumours.join(session, await factories.seen(session, resident, text), number)

    def test_the_list_begins_with_what_is_asked_most(self, asked: Home) -> None:
        rows = json.loads(asked.succeed("rumours", "list", "--json"))
        assert [(row["id"], row["count"], row["text"]) for row in rows] == [
            ("R1", 4, self.TEXTS[0]),
            ("R2", 3, self.TEXTS[1]),
            ("R3", 2, self.TEXTS[2]),
            ("R4", 1, self.TEXTS[3]),
        ]
        assert rows[0] == {
            "id": "R1",
            "kind": "claim",
            "status": "open",
            "count": 4,
            "text": self.TEXTS[0],
            "first_seen": "2026-11-22T12:00:00+00:00",
            "last_seen": "2026-11-22T12:00:00+00:00",
        }
        assert [row["id"] for row in json.loads(asked.succeed("rumours", "list", "--json", "--limit", "2"))] == [
            "R1",
            "R2",
        ]

    def test_the_table_shows_what_was_written_as_it_was_written(self, asked: Home) -> None:
        printed = asked.succeed("rumours", "list")
        assert all(text in printed for text in self.TEXTS)
        assert "2026-11-22 12:00" in printed

    def test_the_file_opens_in_excel_and_runs_nothing(self, asked: Home, tmp_path: Path) -> None:
        printed = asked.succeed("rumours", "export", str(tmp_path / "rumours.csv"))
        assert printed.startswith("4 rumours written to ")
        content = (tmp_path / "rumours.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbfid,kind,status,count,text,first_seen,last_seen\r\n")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert [row["text"] for row in rows] == [f"'{self.TEXTS[0]}", self.TEXTS[1], f"'{self.TEXTS[2]}", self.TEXTS[3]]
        assert [row["count"] for row in rows] == ["4", "3", "2", "1"]

    def test_a_file_that_cannot_be_written_is_named(self, prepared: Home, tmp_path: Path) -> None:
        target = tmp_path / "nowhere" / "rumours.csv"
        assert prepared.refuse("rumours", "export", str(target)).strip() == (
            f"{target} cannot be written: No such file or directory"
        )


class TestEvaluate:
    @pytest.fixture
    def files(self, tmp_path: Path) -> list[str]:
        """Options naming a tiny evaluation."""
        corpus = {"d1": "喝高度白酒不能杀死病毒。", "d2": "微波炉加热食物不会致癌。", "d3": "隔夜菜热透了可以吃。"}
        queries = {"q1": "喝酒能杀毒吗", "q2": "微波爐會致癌嗎"}
        lines = {"corpus": corpus, "queries": queries}
        options = []
        for name, rows in lines.items():
            path = tmp_path / f"{name}.jsonl"
            text = "".join(
                json.dumps({"id": i, "title": "", "text": t}, ensure_ascii=False) + "\n" for i, t in rows.items()
            )
            path.write_text(text, "utf-8")
            options += [f"--{name}", str(path)]
        (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n", "utf-8")
        return [*options, "--qrels", str(tmp_path / "qrels.tsv")]

    def test_the_figures_of_a_tiny_corpus(self, bare: Home, files: list[str]) -> None:
        perfect = {"hit@1": 1.0, "hit@3": 1.0, "hit@5": 1.0, "mrr@10": 1.0, "ndcg@10": 1.0}
        figures = json.loads(bare.succeed("evaluate", "retrieval", *files, "--json"))
        assert list(figures) == ["n", "qrels_ignored", "queries_ignored", *perfect, "interval", "words", "dense"]
        assert {name: figures[name] for name in perfect} == perfect
        assert {name: figures["dense"][name] for name in perfect} == perfect
        assert set(figures["words"]) == {*perfect, "interval"}

    def test_without_json_the_figures_are_a_table_in_markdown(self, bare: Home, files: list[str]) -> None:
        lines = bare.succeed("evaluate", "retrieval", *files, "--misses").splitlines()
        assert lines[:2] == ["| figure | ours | 95 % interval | words alone | dense alone |", "|---|---|---|---|---|"]
        assert "| hit@1 | 1.0 | 1.0 to 1.0 |" in next(line for line in lines if "hit@1" in line)

    def test_decisions_on_a_tiny_corpus(self, bare: Home, files: list[str]) -> None:
        figures = json.loads(bare.succeed("evaluate", "decisions", *files, "--drop-gold", "0.5", "--json"))
        assert (figures["n"], figures["answerable"]) == (2, 1)
        assert {"coverage", "precision", "ece", "coverage_at_95", "ambiguous", "unknown"} <= set(figures)

    def test_pairs_in_a_file(self, bare: Home, tmp_path: Path) -> None:
        path = tmp_path / "pairs.jsonl"
        rows = [("喝白酒能杀病毒吗", "白酒能不能杀死病毒", 1), ("喝白酒能杀病毒吗", "地震了往哪里跑", 0)]
        path.write_text("".join(json.dumps({"a": a, "b": b, "label": label}) + "\n" for a, b, label in rows), "utf-8")
        figures = json.loads(bare.succeed("evaluate", "pairs", "--pairs", str(path), "--json"))
        assert (figures["n"], figures["auc"]) == (2, 1.0)

    def test_messages_in_a_file(self, bare: Home, tmp_path: Path) -> None:
        path = tmp_path / "messages.jsonl"
        rows = [("尊敬的用户您的手机银行今日失效请登录URL升级", "fraud"), ("隔夜菜能吃吗", "question")]
        path.write_text("".join(json.dumps({"text": t, "label": label}) + "\n" for t, label in rows), "utf-8")
        figures = json.loads(bare.succeed("evaluate", "messages", "--labels", str(path), "--json"))
        assert (figures["scam_precision"], figures["scam_recall"]) == (1.0, 1.0)
        assert figures["labels"]["question"]["recall"] == 1.0

    def test_a_bad_line_is_named(self, bare: Home, files: list[str]) -> None:
        corpus = Path(files[1])
        corpus.write_text(corpus.read_text("utf-8") + "oops\n", "utf-8")
        assert bare.refuse("evaluate", "retrieval", *files).startswith(f"{corpus}:4: not JSON: ")


class TestRefusals:
    def test_every_wrong_setting_is_named_with_its_reason(self, bare: Home) -> None:
        wrong = {
            "QIUZHEN_ENCODER_THREADS": ("0", "greater than or equal to 1"),
            "QIUZHEN_PORT": ("eighty", "valid integer"),
            "QIUZHEN_TIMEZONE": ("Mars/Olympus", "not the name of a time zone"),
            "QIUZHEN_TELEGRAM_API_URL": ("not a url", "valid URL"),
            "QIUZHEN_LOG_LEVEL": ("loud", "debug|info|warning|error"),
        }
        said = bare.refuse("migrate", **{name: value for name, (value, _) in wrong.items()})
        headline, *lines = said.splitlines()
        assert headline == "These settings are wrong:"
        assert [line.split(":")[0].strip() for line in lines] == list(wrong)
        assert all(reason in line for line, (_, reason) in zip(lines, wrong.values(), strict=True))

    def test_a_missing_model_is_said_with_the_way_out(self, prepared: Home, tmp_path: Path) -> None:
        said = prepared.refuse("ask", "你好", QIUZHEN_MODEL=str(tmp_path / "nowhere"))
        assert str(tmp_path / "nowhere") in said
        assert "scripts/start" in said

    def test_a_damaged_model_is_said(self, prepared: Home, tmp_path: Path) -> None:
        shutil.copytree(prepared.model, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors", "*.words"))
        (tmp_path / "model" / "onnx" / "model_int8.onnx").write_bytes(b"not a graph")
        said = prepared.refuse("ask", "你好", QIUZHEN_MODEL=str(tmp_path / "model"))
        assert str(tmp_path / "model") in said

    @pytest.mark.parametrize(
        ("url", "reason"),
        [("mysql://somewhere/x", "not a database URL"), ("postgresql://127.0.0.1:1/x", "Connection refused")],
    )
    def test_a_database_that_cannot_be_used_is_said(self, bare: Home, url: str, reason: str) -> None:
        assert reason in bare.refuse("migrate", QIUZHEN_DATABASE_URL=url)

    def test_a_data_folder_that_cannot_be_made_is_said(self, bare: Home, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert str(tmp_path / "file") in bare.refuse("ask", "你好", QIUZHEN_DATA_DIR=str(tmp_path / "file" / "data"))

    def test_a_port_that_is_taken_is_said(self, bare: Home) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = str(other.getsockname()[1])
            said = bare.refuse("serve", "--port", port)
        assert port in said
        assert "--port" in said
        assert "求真在" not in said

    def test_a_webhook_without_secret_is_said(self, prepared: Home) -> None:
        said = prepared.refuse(
            "serve", "--port", "0", QIUZHEN_TELEGRAM_TOKEN="1:a", QIUZHEN_TELEGRAM_WEBHOOK_URL="https://bot.example/x"
        )
        assert "webhook" in said


@pytest.mark.slow
def test_the_bench_compares_both_sides(prepared: Home, tmp_path: Path) -> None:
    for slug in ("health/baijiu-virus", "health/overnight-dishes-cancer", "fraud/safe-account"):
        write_file(tmp_path, read_file(CONTENT / f"{slug}.md"))
    few = {"QIUZHEN_CONTENT_DIR": str(tmp_path)}
    figures = json.loads(prepared.succeed("bench", "reply", "--json", "--messages", "10", **few))
    assert list(figures) == [
        "messages",
        "ours",
        "naive",
        "times_faster_at_the_median",
        "lower_bound_ms",
        "times_the_lower_bound",
        "ready_seconds",
        "resident_megabytes",
    ]
    assert figures["messages"] == 10
    for side in ("ours", "naive"):
        assert 0 < figures[side]["median_ms"] <= figures[side]["p99_ms"]
    ratio = figures["naive"]["median_ms"] / figures["ours"]["median_ms"]
    assert figures["times_faster_at_the_median"] == pytest.approx(ratio, rel=0.01)
    assert 0 < figures["ready_seconds"] < 60
    assert 50 < figures["resident_megabytes"] < 2000


async def one_article(database: Database) -> None:
    """Publish one article of the factory."""
    async with database.transaction() as session:
        await factories.saved_article(session, slug="liquor")


async def edit_by_hand(database: Database) -> None:
    """Change the article about liquor as an editor does in the console."""
    async with database.transaction() as session:
        editor = Person(login="editor", name="编辑")
        session.add(editor)
        await session.flush()
        content = articles.content_of(await articles.get(session, "baijiu-virus"))
        await articles.save(session, content.model_copy(update={"short_answer": "编辑改过的答案。"}), by=editor)


def status_of(slug: str) -> Callable[[Database], Awaitable[Status | None]]:
    """Ask for the status of an article; none when there is none."""

    async def work(database: Database) -> Status | None:
        async with database.reading() as session:
            return await session.scalar(select(Article.status).where(Article.slug == slug))

    return work


def short_answer_of(slug: str) -> Callable[[Database], Awaitable[str | None]]:
    """Ask for the short answer of an article."""

    async def work(database: Database) -> str | None:
        async with database.reading() as session:
            return await session.scalar(select(Article.short_answer).where(Article.slug == slug))

    return work
