"""`check` judges snapshots, prints, and ends with the status that people and pipelines rely on."""

import json
from collections.abc import Sequence

import pytest

from shared.adapters.terminal.check import judge_input
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.notes import InputNotes, LeftOut
from shared.domain.resource import Resource
from shared.domain.verdict import Severity
from tests import arm
from tests.unit.shared.adapters.terminal.samples import CATALOGUE

BROKEN = InputNotes([LeftOut("broken.json", "", "empty")])


def account(name: str, answer: object, kind: str = "OpenAI") -> Resource:
    """Make an account."""
    resource_id = arm.ACCOUNT_ID[:-4] + name
    return arm.resource(resource_id, properties={"answer": answer}, kind=kind)


def status(
    *resources: Resource,
    notes: InputNotes | None = None,
    output: Format = Format.TABLE,
    fail_on: Severity = Severity.HIGH,
) -> int:
    """Judge resources, each a root."""
    snapshots = [arm.snapshot_of(each) for each in resources]
    return judge_input(snapshots, notes or InputNotes(), CATALOGUE, output, fail_on)


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(
    ("answers", "fail_on", "expected"),
    [
        (["yes"], Severity.INFO, 0),
        (["no"], Severity.HIGH, 1),
        (["no"], Severity.CRITICAL, 0),
        (["no", "yes"], Severity.LOW, 1),
        ([None], Severity.INFO, 0),
        (["crash"], Severity.INFO, 0),
        ([], Severity.INFO, 0),
    ],
)
def test_the_status_says_whether_something_fails(
    answers: Sequence[object], fail_on: Severity, expected: int
) -> None:
    """At or above the severity that is asked for; what is unknown does not fail."""
    resources = [account(f"a{at}", answer) for at, answer in enumerate(answers)]

    assert status(*resources, fail_on=fail_on) == expected


def test_an_unusable_input_is_status_2_and_the_rest_is_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also when the rest fails."""
    assert status(account("a", "no"), notes=BROKEN) == 2

    out, err = capsys.readouterr()
    assert "1 resource judged: 2 failing" in out
    assert err == "error: broken.json: empty\n"


def test_nothing_of_ours_is_said_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """An account of another kind is judged and not concerned; a type without control is not."""
    assert status(arm.online_deployment()) == 0

    kind = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
    assert capsys.readouterr().err.splitlines() == [
        f"note: 1 of type {kind} read, which no control of this version judges",
        "note: nothing was judged: the input holds no resource of a type that a control judges",
    ]


def test_the_result_in_json_has_every_evaluation_and_the_summary(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Remediation for what fails or is unknown, a cause for what is unknown."""
    status(
        account("a", "no"),
        account("b", "yes"),
        account("c", None),
        account("d", "no", kind="Face"),
        output=Format.JSON,
    )

    result = json.loads(capsys.readouterr().out)
    first, told = result["evaluations"][0], result["evaluations"][::2]
    assert first == {
        "control": "family.answer_allowed",
        "resource_id": arm.ACCOUNT_ID[:-4] + "a",
        "resource_type": "Microsoft.CognitiveServices/accounts",
        "verdict": "fail",
        "cause": None,
        "severity": "high",
        "message": "The answer no is not allowed.",
        "evidence": [
            {
                "source": "account",
                "path": "properties.answer",
                "expected": ["yes"],
                "observed": "no",
            }
        ],
        "remediation": "Give another answer: az resource update --ids"
        f" {arm.ACCOUNT_ID[:-4]}a --set properties.answer=yes\nIn the portal: a in rg-ai.",
        "exemption": None,
    }
    assert [(each["verdict"], each["cause"], bool(each["remediation"])) for each in told] == [
        ("fail", None, True),
        ("pass", None, False),
        ("unknown", "undetermined", True),
        ("not_applicable", None, False),
    ]
    assert result["summary"] == {
        "resources": 4,
        "pass": 2,
        "fail": 2,
        "unknown": 2,
        "not_applicable": 2,
        "exempt": 0,
    }


def test_the_table_has_the_worst_first_and_tells_a_remediation_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Failing before unknown; what passes is only counted."""
    status(
        account("unsure", None), account("good", "yes"), account("bad", "no"), account("bad2", "no")
    )

    assert capsys.readouterr().out.splitlines() == [
        "bad  accounts",
        "  /subscriptions/00000000…/resourceGroups/rg-ai/…/accounts/bad",
        "  FAIL     high      family.answer_allowed",
        "           The answer no is not allowed.",
        "           Mend it:",
        "             Give another answer:",
        "               az resource update \\",
        f"                 --ids {arm.ACCOUNT_ID[:-4]}bad \\",
        "                 --set properties.answer=yes",
        "             In the portal: bad in rg-ai.",
        "  FAIL     low       family.second_control",
        "           The answer no is not allowed.",
        "           Mend it:",
        "             Give another answer:",
        "               az resource update \\",
        f"                 --ids {arm.ACCOUNT_ID[:-4]}bad \\",
        "                 --set properties.answer=yes",
        "             In the portal: bad in rg-ai.",
        "",
        "bad2  accounts",
        "  /subscriptions/00000000…/resourceGroups/rg-ai/…/accounts/bad2",
        "  FAIL     high      family.answer_allowed",
        "           The answer no is not allowed.",
        "           Mend it as told above for bad.",
        "  FAIL     low       family.second_control",
        "           The answer no is not allowed.",
        "           Mend it as told above for bad.",
        "",
        "unsure  accounts",
        "  /subscriptions/00000000…/resourceGroups/rg-ai/…/accounts/unsure",
        "  UNKNOWN  high      family.answer_allowed",
        "           There is no answer. (undetermined)",
        "  UNKNOWN  low       family.second_control",
        "           There is no answer. (undetermined)",
        "",
        "4 resources judged: 4 failing (2 high, 2 low), 2 unknown, 2 passing, 0 not",
        "applicable.",
        "`cli.py controls ID` explains a control.",
    ]
