"""Whether this Python can run the project. Written so that Python 3.6 can read it and say what is wrong."""

import importlib.util
import platform
import sys

NEEDS = (3, 11)


def problem(version: "tuple[int, ...]", is_64_bit: bool, has_venv: bool, system: str, machine: str) -> str:
    """Return what a person must change before anything can be installed, in Chinese and English, or ""."""
    found = "{}.{}".format(*version[:2])
    if tuple(version[:2]) < NEEDS:
        return (
            "需要 Python 3.11 或更新的版本，现在用的是 {0}。请先安装新版 Python，再用它运行本程序。\n"
            "Python 3.11 or newer is needed; this is {0}. Install it (https://www.python.org/downloads/), then retry."
        ).format(found)
    if not is_64_bit:
        return "需要 64 位的 Python，现在用的是 32 位。\nA 64-bit Python is needed; this one is 32-bit."
    if system == "Darwin" and machine == "x86_64":
        return (
            "Intel 芯片的 Mac 没有可用的 PyTorch 安装包，请换用 Apple 芯片的 Mac、Windows 或 Linux。\n"
            "PyTorch is no longer published for Macs with an Intel chip; use Apple silicon, Windows or Linux."
        )
    if not has_venv:
        return (
            "这个 Python 缺少 venv/ensurepip。Debian/Ubuntu 请运行：sudo apt install python{0}-venv\n"
            "其他系统请安装完整的 Python。\n"
            "This Python lacks venv/ensurepip: install the package python{0}-venv, or elsewhere a full Python."
        ).format(found)
    return ""


def require_usable() -> None:
    """Exit with the problem of the Python that is running, if it has one."""
    has_venv = all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))
    found = problem(tuple(sys.version_info[:2]), sys.maxsize > 2**32, has_venv, platform.system(), platform.machine())
    if found:
        sys.exit(found)
