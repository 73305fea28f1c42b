"""`card` draws any alert as Teams shows it, on a page of HTML."""

from pathlib import Path
from typing import Any

import pytest

from shared.domain.finding import finding_uid
from tests.e2e.command_line import ACCOUNT, RUNS, call, run

pytestmark = pytest.mark.e2e


@pytest.fixture(name="store", scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Remember Monday and Tuesday."""
    store = tmp_path_factory.mktemp("store") / "compliance.db"
    for events, day in (("monday.json", "monday"), ("tuesday.jsonl", "tuesday")):
        call("replay", RUNS / events, "--estate", RUNS / day, "--store", store)
    return store


def alerts(store: Path) -> list[dict[str, Any]]:
    """Return all alerts, newest first."""
    return list(call("alerts", "--store", store, "--since", "all", "--format", "json").result)


def test_every_alert_has_a_card(store: Path) -> None:
    """By its whole id or some digits, on standard output; it says what the alert says."""
    for alert in alerts(store):
        ended = call("card", alert["id"], "--store", store)

        assert (ended.status, ended.err) == (0, "")
        assert ended.out.startswith("<!doctype html>")
        assert ended.out.count("<article>") == 1
        assert f"Alert {alert['id']} · Finding {alert['finding']}" in ended.out


def test_a_card_is_written_to_a_file(store: Path, tmp_path: Path) -> None:
    """With the change, who made it, and how long it took to be seen."""
    file = tmp_path / "card.html"
    uid = finding_uid("identity.local_auth_disabled", ACCOUNT)

    ended = run("card", uid[:8], "--store", store, "-o", file)

    assert (ended.status, ended.out, ended.err) == (0, "", "")
    page = file.read_text("utf-8")
    assert "Opened" in page
    assert "Before true → now false · wanted true" in page
    assert "jo@contoso" in page
    assert "after the change" in page


def test_a_finding_shows_its_newest_alert(store: Path) -> None:
    """And several cards stand on one page."""
    uid = finding_uid("deployment_type.sku_allowed", f"{ACCOUNT}/deployments/gpt-support")
    newest = next(each for each in alerts(store) if each["finding"] == uid)

    page = call("card", uid, newest["id"], "--store", store).out

    assert newest["kind"] == "resolved"
    assert page.count("Resolved: fixed") == page.count("<article>") == 2
    assert "Was GlobalStandard → now Standard" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("abc", "is no id"),
        ("", "is no id"),
        ("0" * 32, "the id of no alert and no finding"),
        ("<b>\x1b[2J</b>", "the id of no alert and no finding"),
    ],
)
def test_what_is_no_id_is_said(store: Path, given: str, said: str) -> None:
    """Status 2, one line, and no page."""
    ended = call("card", given, "--store", store)

    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert said in ended.err
    assert "\x1b" not in ended.err


def test_without_an_id_the_usage_is_said(store: Path) -> None:
    """And a file that cannot be written."""
    uid = finding_uid("identity.local_auth_disabled", ACCOUNT)

    assert run("card", "--store", store).status == 2
    ended = run("card", uid, "--store", store, "-o", store.parent)
    assert ended.status == 2
    assert ended.err.startswith("error: the system refused: ")


def test_a_store_without_alerts_says_so(tmp_path: Path) -> None:
    """Rather than that the id is wrong."""
    store = tmp_path / "quiet.db"
    nothing = tmp_path / "nothing.json"
    nothing.write_text("[]", "utf-8")
    call("replay", nothing, "--estate", RUNS / "monday", "--store", store)

    ended = call("card", "0" * 32, "--store", store)

    assert (ended.status, ended.err) == (2, "error: there are no alerts yet\n")
