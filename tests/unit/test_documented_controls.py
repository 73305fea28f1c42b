"""`docs/controls.md` is made from the catalogue and tells of it as it is."""

from pathlib import Path

from monitors import load_catalogue
from tools.document_controls import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "controls.md"


def test_the_page_is_fresh() -> None:
    """`make docs` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == "\n".join(page()) + "\n", "run make docs"


def test_every_control_has_its_section() -> None:
    """With its requirement, in one sentence."""
    text = PAGE.read_text(encoding="utf-8")

    for monitor in load_catalogue():
        assert f"\n### {monitor.id}\n\n{monitor.control.requirement}\n" in text
