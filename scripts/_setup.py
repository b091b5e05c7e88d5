"""Make a checkout ready: the virtual environment, what is installed in it, the browser the tests drive.

Standard library only, since it runs before anything is installed. What is installed is exactly what `constraints.txt`
pins. A stamp in `.venv` remembers for which files that was done, so a second run costs nothing; the stamp goes before
an installation begins and comes back when it is complete, so one that failed simply goes on. One that was interrupted
may have left half a package, which pip takes for a whole one: then the environment is made anew, from pip's cache.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts._terminal import done, run_condensed, speak_utf8

ROOT = Path(__file__).resolve().parent.parent
GIGABYTE = 10**9
NEEDED_BYTES = 3 * GIGABYTE  # packages, their downloads, the model and room to work
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LAST_LINES = 20
GPU_HINT = "（显卡版，很大；用 PIP_EXTRA_INDEX_URL 指定 PyTorch 的 CPU 源可免）"
_ARCHIVE = re.compile(r"^(?P<name>.+?)-(?P<version>\d[^-]*)(-.*\.whl|\.tar\.gz|\.zip)$")


class SetupFailed(Exception):
    """Something only a person can put right; the message tells them what."""


@dataclass(frozen=True)
class Checkout:
    """Where things are in one checkout."""

    root: Path = ROOT

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.program("python")

    @property
    def constraints(self) -> Path:
        return self.root / "constraints.txt"

    @property
    def log(self) -> Path:
        return self.root / "var" / "setup.log"

    def program(self, name: str) -> Path:
        """Return the path of a program of the virtual environment."""
        return self.venv / "Scripts" / f"{name}.exe" if os.name == "nt" else self.venv / "bin" / name

    @property
    def unfinished(self) -> Path:
        """A file that is there while pip works, and afterwards only if it was interrupted."""
        return self.venv / "qiuzhen-installing"

    def stamp(self, dev: bool) -> Path:
        return self.venv / ("qiuzhen-installed-dev" if dev else "qiuzhen-installed")


def fingerprint(checkout: Checkout) -> str:
    """Return what an installation depends on as one hash: what is asked for, the pins, the Python, the place."""
    digest = hashlib.sha256()
    for part in (
        (checkout.root / "pyproject.toml").read_bytes(),
        checkout.constraints.read_bytes(),
        _minor_version().encode(),
        str(checkout.root).encode(),  # a checkout that was moved has programs that point to the old place
    ):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def is_installed(checkout: Checkout, dev: bool) -> bool:
    """Whether the environment is complete for these very files; one with the development tools is complete without."""
    stamps = [checkout.stamp(True)] if dev else [checkout.stamp(False), checkout.stamp(True)]
    wanted = fingerprint(checkout)
    return checkout.python.exists() and any(s.exists() and s.read_text("utf-8") == wanted for s in stamps)


def make_venv(checkout: Checkout) -> None:
    """Make the virtual environment, or keep the one there is when it is whole and works with this Python.

    Raises: SetupFailed.
    """
    if _venv_works(checkout) and not checkout.unfinished.exists():
        return
    _require_space(checkout)
    began = time.monotonic()
    _run(checkout, [sys.executable, "-m", "venv", "--clear", str(checkout.venv)], lambda _: "建立 .venv")
    done("虚拟环境 virtual environment", began)


def install(checkout: Checkout, dev: bool) -> None:
    """Install torch, then what the project asks for (with its development tools if `dev`), then the project.

    torch goes first and alone: nothing that depends on it can then choose another build of it.

    Raises: SetupFailed.
    """
    _require_space(checkout)
    for stamp in (checkout.stamp(False), checkout.stamp(True)):
        stamp.unlink(missing_ok=True)
    pip = [str(checkout.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip += ["--progress-bar", "off", "--constraint", str(checkout.constraints)]
    for name, what in (
        ("PyTorch", ["torch"]),
        ("其余软件包 other packages", requirements(checkout, dev)),
        ("求真 this project", ["--no-deps", "--no-build-isolation", "--editable", str(checkout.root)]),
    ):
        began = time.monotonic()
        checkout.unfinished.touch()
        code = _exit_code(checkout, [*pip, *what], condensed_pip_line)
        checkout.unfinished.unlink()
        _require_success(checkout, [*pip, *what], code)
        done(name, began)
    _write_whole(checkout.stamp(dev), fingerprint(checkout))


def requirements(checkout: Checkout, dev: bool) -> list[str]:
    """Return what pyproject.toml asks for, and what builds the project, as pip requirements."""
    declared = tomllib.loads((checkout.root / "pyproject.toml").read_text("utf-8"))
    project = declared["project"]
    extras = project.get("optional-dependencies", {}).get("dev", []) if dev else []
    return [*declared["build-system"]["requires"], *project["dependencies"], *extras]


def ensure_ready(checkout: Checkout, dev: bool) -> None:
    """Make the environment and install into it, unless that is done; then it says nothing.

    Raises: SetupFailed.
    """
    if is_installed(checkout, dev):
        return
    print("    安装软件包，首次需要几分钟  Installing packages; this takes some minutes the first time", flush=True)
    start_log(checkout)
    make_venv(checkout)
    install(checkout, dev)


def start_log(checkout: Checkout) -> None:
    """Begin `var/setup.log` anew: it holds what the latest run said in full."""
    checkout.log.parent.mkdir(parents=True, exist_ok=True)
    checkout.log.write_text("", "utf-8")


def condensed_pip_line(line: str) -> str | None:
    """Return what a line of pip's output means for someone who waits, or None when it means nothing to them."""
    verb, _, rest = line.strip().partition(" ")
    if verb == "Collecting":
        return f"查找 {rest.split(' (from')[0]}"
    if verb == "Downloading":
        file, _, size = rest.partition(" ")
        return f"下载 {_package(file)} {size}".rstrip() + (GPU_HINT if file.startswith("nvidia") else "")
    if verb == "Using":
        return f"已有 {_package(rest.removeprefix('cached ').partition(' ')[0])}"
    if verb == "Building" or line.strip().startswith("Preparing"):
        return "构建软件包"
    if line.strip().startswith("Installing collected packages:"):
        return f"安装 {line.count(',') + 1} 个软件包（较慢，请稍候）"
    return None


def has_browser() -> bool:
    """Whether a browser the tests can drive is on the path."""
    return any(shutil.which(name) for name in BROWSERS)


def ensure_browser(checkout: Checkout) -> None:
    """Install Chromium where that can be done without asking: on Debian and its relatives, as root.

    Raises: SetupFailed.
    """
    if has_browser():
        return
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        raise SetupFailed(
            "网页测试要用 Chromium 或 Chrome，没有找到。请先安装，并让 chromium 或 google-chrome 命令可用。\n"
            "Debian/Ubuntu：sudo apt install chromium fonts-noto-cjk\n"
            "The web tests need Chromium or Chrome on the PATH; please install it."
        )
    began = time.monotonic()
    print("安装 Chromium（网页测试用）  Installing Chromium for the web tests", flush=True)
    start_log(checkout)
    _run(checkout, ["apt-get", "update"], _apt_line)
    _run(checkout, ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"], _apt_line)
    done("Chromium 已就绪", began)


def run_quietly(checkout: Checkout, command: Sequence[str], doing: str) -> None:
    """Run a command with its output in the log, showing only that it runs.

    Raises: SetupFailed.
    """
    start_log(checkout)
    _run(checkout, command, lambda _: doing)


def guarded(work: Callable[[], int]) -> int:
    """Run a command's work; turn what stops it into words on the terminal and an exit code."""
    speak_utf8()
    try:
        return work()
    except SetupFailed as failure:
        print(f"\n✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已中断。再运行一次会接着做。  Interrupted; run it again to go on.", file=sys.stderr)
        return 130


def _run(checkout: Checkout, command: Sequence[str], condense: Callable[[str], str | None]) -> None:
    _require_success(checkout, command, _exit_code(checkout, command, condense))


def _exit_code(checkout: Checkout, command: Sequence[str], condense: Callable[[str], str | None]) -> int:
    environment = {
        **os.environ,
        "PYTHONIOENCODING": "utf-8",
        "PIP_USER": "0",  # a machine set to install for the user would refuse to install into an environment
        "DEBIAN_FRONTEND": "noninteractive",
    }
    checkout.log.parent.mkdir(parents=True, exist_ok=True)
    return run_condensed(command, checkout.log, condense, cwd=checkout.root, environment=environment)


def _require_success(checkout: Checkout, command: Sequence[str], code: int) -> None:
    if code:
        raise SetupFailed(_what_went_wrong(checkout, command, code))


def _what_went_wrong(checkout: Checkout, command: Sequence[str], code: int) -> str:
    last = checkout.log.read_text("utf-8", errors="replace").splitlines()[-LAST_LINES:]
    free = shutil.disk_usage(checkout.root).free / GIGABYTE
    shown = " ".join(Path(command[0]).name if i == 0 else part for i, part in enumerate(command[:4]))
    return "\n".join(
        (
            f"没有成功（{shown} …，退出码 {code}）。最后 {len(last)} 行：",
            *(f"    {line}" for line in last),
            "请检查 Please check:",
            "  · 网络是否通畅；内网或国内可用环境变量 PIP_INDEX_URL 指定镜像、HTTPS_PROXY 指定代理",
            "    (the network; PIP_INDEX_URL names a mirror, HTTPS_PROXY a proxy)",
            f"  · 磁盘空间：还剩 {free:.1f} GB，需要约 {NEEDED_BYTES / GIGABYTE:.0f} GB  (disk space)",
            f"  · 完整记录 full log: {checkout.log}",
            "改好后再运行一次，会接着做。  Then run it again; it goes on from here.",
        )
    )


def _require_space(checkout: Checkout) -> None:
    free = shutil.disk_usage(checkout.root).free
    if free < NEEDED_BYTES and not _has_torch(checkout):
        raise SetupFailed(
            f"磁盘空间不够：{checkout.root} 所在的磁盘还剩 {free / GIGABYTE:.1f} GB，安装需要约 "
            f"{NEEDED_BYTES / GIGABYTE:.0f} GB。请清理后再运行。\n"
            f"Not enough disk space: {free / GIGABYTE:.1f} GB free, about {NEEDED_BYTES / GIGABYTE:.0f} GB needed."
        )


def _has_torch(checkout: Checkout) -> bool:
    """Whether the largest part is already there, so that little room is needed."""
    return any(any(checkout.venv.glob(f"{lib}/site-packages/torch")) for lib in ("lib/python*", "Lib"))


def _venv_works(checkout: Checkout) -> bool:
    if not checkout.python.exists():
        return False
    ask = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([str(checkout.python), "-c", ask], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == _minor_version()


def _minor_version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _write_whole(path: Path, text: str) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(text, "utf-8")
    beside.replace(path)


def _package(file: str) -> str:
    found = _ARCHIVE.match(file.rpartition("/")[2].removesuffix(".metadata"))
    return f"{found['name']} {found['version']}" if found else file


def _apt_line(line: str) -> str | None:
    return line.strip() if line.startswith(("Get:", "Unpacking", "Setting up")) else None
