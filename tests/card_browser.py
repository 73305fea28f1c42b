"""Cards drawn by the real renderer in headless Chromium, and what it says of them.

The renderer is the npm package `adaptivecards`; `make test` installs it, and Chromium where it can.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

FOLDER = Path(__file__).parent / "cards"
LIBRARIES = (
    FOLDER / "node_modules/adaptivecards/dist/adaptivecards.min.js",
    FOLDER / "node_modules/markdown-it/dist/markdown-it.min.js",
)
WIDE, PHONE = 700, 320
PAUSE = 120


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the renderer says of one card in one theme and width.

    `complaints` are of its parser and validator, `cut` what does not fit into the width,
    `formatted` the links, pictures and formatting in it, `words` what is read.
    """

    name: str
    dark: bool
    width: int
    complaints: list[str]
    cut: list[str]
    formatted: list[str]
    height: int
    words: str


def chromium() -> str:
    """Return the path of Chromium; the test is skipped, with the reason, without one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium: `make test` installs it on Debian, as root")
    for library in LIBRARIES:
        if not library.is_file():
            pytest.skip(f"no {library.name}: `make test` installs it with npm")
    return found


def page(folder: Path, cards: Mapping[str, object], *, dark: bool, width: int) -> Path:
    """Write the page that draws these messages below each other."""
    asked = [
        {"name": name, "dark": dark, "width": width, "content": content_of(message)}
        for name, message in cards.items()
    ]
    data = json.dumps(asked).replace("<", "\\u003c")
    scripts = "".join(
        f'<script src="{script.resolve().as_uri()}"></script>'
        for script in (*LIBRARIES, FOLDER / "page.js")
    )
    file = folder / f"cards-{'dark' if dark else 'light'}-{width}.html"
    file.write_text(
        '<!doctype html><meta charset="utf-8"><body>'
        f'<script id="cards" type="application/json">{data}</script>{scripts}',
        encoding="utf-8",
    )
    return file


def content_of(message: object) -> object:
    """Return the card in a message."""
    assert isinstance(message, dict)
    return message["attachments"][0]["content"]


def run(folder: Path, file: Path, *options: str) -> str:
    """Open a page in Chromium, offline; return what it prints."""
    command = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += ["--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
    command += ["--proxy-server=127.0.0.1:9", f"--user-data-dir={folder / 'profile'}", *options]
    done = subprocess.run(
        [*command, file.resolve().as_uri()], capture_output=True, timeout=PAUSE, check=True
    )
    return done.stdout.decode()


def draw(
    folder: Path, cards: Mapping[str, object], *, dark: bool = False, width: int = WIDE
) -> Sequence[Drawn]:
    """Draw messages and return what was found about each, in their order."""
    file = page(folder, cards, dark=dark, width=width)
    return [Drawn(**each) for each in _result(run(folder, file, "--dump-dom"))]


def photograph(
    folder: Path, cards: Mapping[str, object], picture: Path, *, dark: bool, width: int
) -> None:
    """Take a picture of messages below each other."""
    drawn = draw(folder, cards, dark=dark, width=width)
    height = sum(each.height + 24 for each in drawn) + 24
    file = page(folder, cards, dark=dark, width=width)
    size = f"--window-size={width + 24},{height}"
    picture.parent.mkdir(parents=True, exist_ok=True)
    run(folder, file, size, f"--screenshot={picture.resolve()}")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a page is at a width: pixels beyond it, and where its links lead."""

    overflow: int
    links: list[str]


def measure(folder: Path, file: Path, width: int) -> Measured:
    """Open a page in a frame of this width: a window of Chromium is never so narrow."""
    # The page forbids scripts; in the frame of the measure they are allowed.
    source = re.sub(r"<meta http-equiv[^>]*>", "", file.read_text(encoding="utf-8"))
    data = json.dumps(source).replace("<", "\\u003c")
    framing = folder / "framing.html"
    framing.write_text(
        f'<!doctype html><meta charset="utf-8"><iframe width="{width}" height="600"></iframe>'
        f'<script id="page" type="application/json">{data}</script><script>{_MEASURE}</script>',
        encoding="utf-8",
    )
    (found,) = _result(run(folder, framing, "--dump-dom"))
    return Measured(**found)


_MEASURE = """
const inner = document.querySelector("iframe").contentDocument;
inner.write(JSON.parse(document.getElementById("page").textContent));
inner.close();
const root = inner.documentElement;
const links = [...inner.querySelectorAll("a")].map((each) => each.href);
const result = document.createElement("pre");
result.id = "result";
result.textContent = encodeURIComponent(
  JSON.stringify([{ overflow: root.scrollWidth - root.clientWidth, links }]),
);
document.body.append(result);
"""


def _result(dom: str) -> list[dict[str, Any]]:
    """Return what a page found."""
    found = re.search(r'<pre id="result"[^>]*>([^<]*)</pre>', dom)
    assert found is not None, "the page did not finish"
    answer: list[dict[str, Any]] = json.loads(unquote(found[1]))
    return answer
