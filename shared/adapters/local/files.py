"""Finding and reading the JSON files that people name: files, folders, `-` for standard input."""

import errno
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.local.documents import LARGEST, UnusableInputError

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Unusable:
    """An input that could not be used, and why."""

    name: str
    reason: str


def json_files(folder: Path) -> list[Path]:
    """Return every `.json` file below a folder, in a fixed order; hidden folders are passed over.

    A folder that cannot be listed is returned like a file that cannot be read: it is not to be
    overlooked. Links to folders are followed, after the folders themselves; each folder is listed
    once, and one that holds `folder` itself is not.
    """
    found: list[Path] = []
    closed: list[Path] = []
    seen = {os.fspath(parent) for parent in Path(os.path.realpath(folder)).parents}
    waiting = [folder]
    for start in waiting:
        for parent, folders, names in os.walk(
            start, onerror=lambda error: closed.append(Path(error.filename))
        ):
            real = os.path.realpath(parent)
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            folders[:] = sorted(n for n in folders if not n.startswith("."))
            found += [Path(parent, n) for n in sorted(names) if n.lower().endswith(".json")]
            # Links are not gone into by the walk: each begins one of its own.
            waiting += [link for n in folders if (link := Path(parent, n)).is_symlink()]
    return found + closed


def read_inputs(names: Sequence[str]) -> Iterator[tuple[str, bytes] | Unusable]:
    """Read every input that is named, one at a time: its name and its bytes."""
    for name in names:
        path = Path(name)
        if name == STDIN:
            yield _read(name, None)
        elif not name:
            yield Unusable("''", "an empty name")
        elif os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where it may not look
            files = json_files(path)
            if not files:
                yield Unusable(name, "the folder holds no .json files")
            for file in files:
                yield _read(str(file), file)
        else:
            yield _read(name, path)


def _read(name: str, path: Path | None) -> tuple[str, bytes] | Unusable:
    try:
        return name, read_bytes(path)
    except UnusableInputError as error:
        return Unusable("standard input" if path is None else name, str(error))


def _content(path: Path) -> bytes:
    """Read a file; what is neither file nor folder (a pipe, a device) might never end.

    Raises:
        OSError: it cannot be read.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "neither a file nor a folder; pipe it in and name it -")
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def read_bytes(path: Path | None) -> bytes:
    """Read a file (None: standard input) that is not larger than `LARGEST`.

    Raises:
        UnusableInputError: it cannot be opened or read, or is too large.
    """
    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if path is None else _content(path)
    except FileNotFoundError as error:
        msg = "there is no such file or folder"
        raise UnusableInputError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"cannot be read: {error.strerror if isinstance(error, OSError) else error}"
        raise UnusableInputError(msg) from error
    if len(data) > LARGEST:
        msg = f"larger than {LARGEST // 1024**2} MiB; split it"
        raise UnusableInputError(msg)
    return data
