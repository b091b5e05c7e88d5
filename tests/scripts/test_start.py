"""scripts/start and what it shares with scripts/test and scripts/check, apart from the installing itself."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import _python, _setup, _terminal
from scripts._setup import Checkout, SetupFailed

ROOT = Path(__file__).resolve().parents[2]


def script(name: str) -> ModuleType:
    """Load a script that has no suffix, without running it."""
    spec = spec_from_loader(f"script_{name}", SourceFileLoader(f"script_{name}", str(ROOT / "scripts" / name)))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A small checkout whose environment has been installed."""
    (tmp_path / "constraints.txt").write_text("one==1.0\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["builder"]\n'
        '[project]\ndependencies = ["one>=1"]\noptional-dependencies = { dev = ["two"] }\n',
        "utf-8",
    )
    made = Checkout(tmp_path)
    made.python.parent.mkdir(parents=True)
    made.python.write_text("", "utf-8")
    made.stamp(dev=False).write_text(_setup.fingerprint(made), "utf-8")
    return made


class TestWhichPythonWillDo:
    def test_a_complete_python_has_no_problem(self) -> None:
        assert _python.problem((3, 11), True, True, "Linux", "x86_64") == ""
        assert _python.problem((3, 14), True, True, "Darwin", "arm64") == ""

    def test_an_old_python_is_named_in_both_languages(self) -> None:
        message = _python.problem((3, 10), True, True, "Windows", "AMD64")
        assert "需要 Python 3.11" in message
        assert "this is 3.10" in message

    def test_a_missing_venv_names_the_package_to_install(self) -> None:
        assert "apt install python3.12-venv" in _python.problem((3, 12), True, False, "Linux", "x86_64")

    def test_32_bits_and_intel_macs_are_refused_before_anything_is_downloaded(self) -> None:
        assert "64 位" in _python.problem((3, 11), False, True, "Windows", "AMD64")
        assert "Intel" in _python.problem((3, 11), True, True, "Darwin", "x86_64")

    @pytest.mark.parametrize("name", ["start", "test", "check"])
    def test_the_version_is_checked_before_anything_new_is_imported(self, name: str) -> None:
        text = (ROOT / "scripts" / name).read_text("utf-8")
        assert text.index("require_usable()") < text.index("from scripts._setup import")


class TestStamp:
    def test_an_unchanged_checkout_needs_no_installation(self, checkout: Checkout) -> None:
        assert _setup.is_installed(checkout, dev=False)

    @pytest.mark.parametrize("file", ["pyproject.toml", "constraints.txt"])
    def test_a_changed_file_asks_for_another_installation(self, checkout: Checkout, file: str) -> None:
        with (checkout.root / file).open("a", encoding="utf-8") as handle:
            handle.write("# changed\n")
        assert not _setup.is_installed(checkout, dev=False)

    def test_a_missing_python_asks_for_another_installation(self, checkout: Checkout) -> None:
        checkout.python.unlink()
        assert not _setup.is_installed(checkout, dev=False)

    def test_a_moved_checkout_asks_for_another_installation(self, checkout: Checkout, tmp_path: Path) -> None:
        moved = Checkout(checkout.root.rename(tmp_path.with_name("moved")))
        assert not _setup.is_installed(moved, dev=False)

    def test_development_tools_are_a_step_of_their_own(self, checkout: Checkout) -> None:
        assert not _setup.is_installed(checkout, dev=True)

    def test_an_environment_with_development_tools_also_serves(self, checkout: Checkout) -> None:
        checkout.stamp(dev=False).rename(checkout.stamp(dev=True))
        assert _setup.is_installed(checkout, dev=False)

    def test_an_installation_that_failed_leaves_no_stamp(self, checkout: Checkout) -> None:
        pretend_python(checkout, "raise SystemExit('no network')")
        with pytest.raises(SetupFailed, match="PIP_INDEX_URL"):
            _setup.install(checkout, dev=False)
        assert not checkout.stamp(dev=False).exists()
        assert not checkout.unfinished.exists()  # pip ended by itself, so what there is can be kept


class TestEnvironment:
    def test_one_that_works_is_kept(self, checkout: Checkout) -> None:
        pretend_python(checkout, f"print('{sys.version_info[0]}.{sys.version_info[1]}')")
        _setup.make_venv(checkout)
        assert checkout.stamp(dev=False).exists()

    @pytest.mark.parametrize("because", ["interrupted", "another Python", "broken"])
    def test_one_that_does_not_is_made_anew(self, checkout: Checkout, because: str) -> None:
        version = "3.10" if because == "another Python" else f"{sys.version_info[0]}.{sys.version_info[1]}"
        pretend_python(checkout, "raise ImportError('pip')" if because == "broken" else f"print('{version}')")
        if because == "interrupted":
            checkout.unfinished.touch()
        _setup.make_venv(checkout)
        assert subprocess.run([checkout.python, "-m", "pip", "--version"], check=True, capture_output=True).stdout
        assert not checkout.stamp(dev=False).exists()
        assert not checkout.unfinished.exists()


def pretend_python(checkout: Checkout, code: str) -> None:
    """Put a program in the environment that answers as its Python."""
    checkout.python.write_text(f"#!{sys.executable}\n{code}\n", "utf-8")
    checkout.python.chmod(0o755)


class TestPins:
    def test_the_development_extra_is_left_out_unless_asked_for(self, checkout: Checkout) -> None:
        assert _setup.requirements(checkout, dev=False) == ["builder", "one>=1"]
        assert _setup.requirements(checkout, dev=True) == ["builder", "one>=1", "two"]

    def test_all_that_is_needed_is_pinned(self) -> None:
        lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        pinned = {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line}
        needed = everything_needed([*_setup.requirements(Checkout(), dev=True), "torch"])
        assert needed - pinned == set()

    def test_all_that_is_imported_comes_without_the_development_extra(self) -> None:
        installed = everything_needed([*_setup.requirements(Checkout(), dev=False), "torch"])
        assert imported_distributions("bot", "index", "knowledge", "scripts") - installed == set()

    def test_pins_hold_on_every_platform(self) -> None:
        lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        assert [line for line in lines if not line.startswith("#") and not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def imported_distributions(*rooms: str) -> set[str]:
    """Return the names of the installed packages that the modules of these rooms import, at whatever depth."""
    modules: set[str] = set()
    for file in (path for room in rooms for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    owners = packages_distributions()
    return {canonicalize_name(owners[module][0]) for module in modules - set(rooms) if module in owners}


def everything_needed(requirements: list[str]) -> set[str]:
    """Return the names of what these need, and what that needs in turn, in this environment."""
    names: set[str] = set()
    seen: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        key = f"{canonicalize_name(requirement.name)}{sorted(requirement.extras)}"
        if key in seen:
            continue
        seen.add(key)
        names.add(canonicalize_name(requirement.name))
        try:
            asked = distribution(requirement.name).requires or []
        except PackageNotFoundError:
            continue  # pinned or not is what is asked here, not whether it is installed
        for text in asked:
            needed = Requirement(text)
            extras = requirement.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return names


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Collecting torch==2.13.0", "查找 torch==2.13.0"),
        ("Collecting filelock (from torch==2.13.0)", "查找 filelock"),
        (
            "  Downloading regex-2026.11.15-cp311-cp311-manylinux_2_17_x86_64.whl (798 kB)",
            "下载 regex 2026.11.15 (798 kB)",
        ),
        (
            "  Downloading https://mirror.example/a/sympy-1.14.0-py3-none-any.whl.metadata (12 kB)",
            "下载 sympy 1.14.0 (12 kB)",
        ),
        ("  Using cached numpy-2.4.6.tar.gz (20 MB)", "已有 numpy 2.4.6"),
        ("  Preparing editable metadata (pyproject.toml): started", "构建软件包"),
        ("Installing collected packages: mpmath, sympy, torch", "安装 3 个软件包（较慢，请稍候）"),
        ("Requirement already satisfied: rich in ./.venv/lib", None),
        ("WARNING: something only pip cares about", None),
        ("", None),
    ],
)
def test_pip_is_condensed_to_what_a_person_waits_for(line: str, shown: str | None) -> None:
    assert _setup.condensed_pip_line(line) == shown


@pytest.mark.parametrize(
    ("given", "setup_only", "passed"),
    [
        ([], False, []),
        (["--setup-only"], True, []),
        (["--port", "8080"], False, ["--port", "8080"]),
        (["--setup-only", "--", "--host", "0.0.0.0"], True, ["--host", "0.0.0.0"]),  # noqa: S104  # only passed on
        (["--set"], False, ["--set"]),
    ],
)
def test_what_start_does_not_know_goes_to_serve(given: list[str], setup_only: bool, passed: list[str]) -> None:
    assert script("start").arguments(given) == (setup_only, passed)


def test_the_whole_suite_uses_both_cores_and_a_chosen_test_does_not() -> None:
    test = script("test")
    assert test.pytest_arguments([]) == ["-n", "2"]
    assert test.pytest_arguments(["tests/scripts", "-x"]) == ["tests/scripts", "-x"]


def test_fix_changes_only_what_ruff_is_asked() -> None:
    check = script("check")
    looking, fixing = check.checks(fix=False), check.checks(fix=True)
    assert list(looking) == list(fixing) == ["ruff format", "ruff check", "mypy", "lint-imports"]
    assert "--check" in looking["ruff format"]
    assert "--check" not in fixing["ruff format"]
    assert "--fix" in fixing["ruff check"]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class TestLiveLine:
    def test_a_terminal_gets_one_line_that_is_rewritten(self) -> None:
        stream = Terminal()
        live = _terminal.LiveLine(stream)
        live.show("下载 one")
        live.show("下载 two")
        live.clear()
        assert "\n" not in stream.getvalue()
        assert stream.getvalue().split("\r")[-1] == ""
        assert "下载 two" in stream.getvalue()

    def test_a_file_gets_a_plain_line_only_now_and_then(self) -> None:
        often, seldom = io.StringIO(), io.StringIO()
        for stream, seconds in ((often, 0.0), (seldom, 60.0)):
            live = _terminal.LiveLine(stream, plain_every=seconds)
            live.show("下载 one")
            live.clear()
        assert often.getvalue().endswith("秒  下载 one\n")
        assert seldom.getvalue() == ""

    @pytest.mark.parametrize(("columns", "shown"), [(4, "求真"), (3, "求"), (6, "求真ab"), (0, "")])
    def test_a_line_is_cut_to_columns_not_characters(self, columns: int, shown: str) -> None:
        assert _terminal.fit("求真ab", columns) == shown


class TestRunCondensed:
    def run(self, code: str, log: Path, stream: io.StringIO) -> int:
        return _terminal.run_condensed(
            [sys.executable, "-c", code],
            log,
            lambda line: line.strip() or None,
            cwd=log.parent,
            environment={**os.environ, "PYTHONIOENCODING": "utf-8"},
            live=_terminal.LiveLine(stream, plain_every=0.0),
        )

    def test_everything_goes_to_the_log_and_the_exit_code_comes_back(self, tmp_path: Path) -> None:
        log = tmp_path / "setup.log"
        log.write_text("before\n", "utf-8")
        assert self.run("import sys; print('求真'); print('错', file=sys.stderr); sys.exit(3)", log, io.StringIO()) == 3
        assert set(log.read_text("utf-8").splitlines()) == {"before", "求真", "错"}

    def test_a_silent_command_still_shows_its_seconds(self, tmp_path: Path) -> None:
        stream = io.StringIO()
        assert self.run("import time; print('long', flush=True); time.sleep(1.3)", tmp_path / "log", stream) == 0
        assert stream.getvalue().count("long") >= 2


def test_a_failure_shows_the_end_of_the_log_and_what_to_check(checkout: Checkout) -> None:
    _setup.start_log(checkout)
    with pytest.raises(SetupFailed) as caught:
        _setup.run_quietly(checkout, [sys.executable, "-c", "for n in range(50): print(n)\nraise SystemExit(9)"], "试")
    message = str(caught.value)
    assert "退出码 9" in message
    assert "    49\n" in message
    assert "    29\n" not in message
    assert all(word in message for word in ("网络", "PIP_INDEX_URL", "磁盘空间", "setup.log"))


def test_a_failure_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise SetupFailed("磁盘空间不够")

    assert _setup.guarded(work) == 1
    assert capsys.readouterr().err.strip() == "✗ 磁盘空间不够"


def test_ctrl_c_says_that_the_next_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise KeyboardInterrupt

    assert _setup.guarded(work) == 130
    assert "再运行一次" in capsys.readouterr().err


def test_help_is_readable_where_the_locale_is_not_chinese() -> None:
    shown = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "start"), "--help"],
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert "qiuzhen serve" in shown.stdout.decode()


def test_what_builds_the_project_is_installed_from_the_pins_too() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert _setup.requirements(Checkout(), dev=False)[0] == declared["build-system"]["requires"][0]
