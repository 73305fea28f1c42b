"""Controls, monitors and the catalogue."""

import shlex
from dataclasses import replace

import pytest
from pydantic import ValidationError

from shared.domain.control import AppliesTo, Catalogue, Control, Monitor, Parameters
from shared.domain.resource_id import ResourceId
from shared.domain.topology import ResourceType
from shared.domain.verdict import Severity, passed
from tests.arm import ACCOUNT_ID, GROUP, SUBSCRIPTION

CONTROL = Control(
    requirement="It is so.",
    why="Otherwise it is not.",
    fails_when="It is not so.",
    severity=Severity.LOW,
    remediation=("first {name} of {parent}", "then {root} in {resource_group} of {subscription}"),
    references=("https://learn.microsoft.com/",),
)


def monitor(module: str, *types: ResourceType) -> Monitor[Parameters]:
    """Return a monitor of that module which passes everything."""
    return Monitor(
        module=module,
        control=CONTROL,
        applies_to=tuple(map(AppliesTo, types)),
        evaluate=lambda *_: passed("good"),
        parameters=Parameters(),
    )


def test_the_id_follows_from_the_module() -> None:
    """Family and name are the last two parts of the path."""
    found = monitor("monitors.identity.keys_off", ResourceType.ACCOUNT)

    assert (found.id, found.family) == ("identity.keys_off", "identity")


def test_remediation_names_the_resource() -> None:
    """One step a line, every name filled in."""
    judged = ResourceId.parse(f"{ACCOUNT_ID}/deployments/chat")

    assert CONTROL.remediation_for(judged) == (
        f"first chat of acct\nthen acct in rg-ai of {SUBSCRIPTION}"
    )


def test_remediation_can_name_the_whole_id() -> None:
    """Quoted for the shell like the rest."""
    control = replace(CONTROL, remediation=("az resource delete --ids {id}",))
    text = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/a b';rm -rf ~"

    step = control.remediation_for(ResourceId.parse(text))

    assert shlex.split(step) == ["az", "resource", "delete", "--ids", text]


def test_parameters_refuse_what_they_do_not_have_and_do_not_change() -> None:
    """A typo in a policy is an error, and what evaluations share stays as it is."""
    with pytest.raises(ValidationError):
        Parameters.model_validate({"alowed": []})
    with pytest.raises(ValidationError):
        Parameters().allowed = ()  # type: ignore[attr-defined] # that is the point


def test_a_catalogue_finds_monitors_by_id_and_by_type() -> None:
    """In the order of their ids."""
    second = monitor("monitors.b.two", ResourceType.ACCOUNT, ResourceType.WORKSPACE)
    first = monitor("monitors.a.one", ResourceType.ACCOUNT)
    catalogue = Catalogue([second, first])

    assert list(catalogue) == [first, second]
    assert len(catalogue) == 2
    assert catalogue.get("b.two") is second
    assert catalogue.get("b.three") is None
    assert [each for _, each in catalogue.judging(ResourceType.ACCOUNT)] == [first, second]
    assert catalogue.judging(ResourceType.WORKSPACE) == [
        (AppliesTo(ResourceType.WORKSPACE), second)
    ]
    assert list(catalogue.judging(ResourceType.REGISTRY)) == []


def test_a_catalogue_refuses_a_repeated_id() -> None:
    """The error names it."""
    one = monitor("monitors.a.one", ResourceType.ACCOUNT)
    other = monitor("elsewhere.a.one", ResourceType.WORKSPACE)

    with pytest.raises(ValueError, match=r"two monitors have the same id: a\.one"):
        Catalogue([one, other])
