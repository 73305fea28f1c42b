"""The capability ContentLogging."""

import pytest

from shared.domain.content_logging import ContentLogging, content_logging
from shared.domain.topology import Source
from shared.domain.verdict import Evidence
from tests.arm import account

OTHER = {"name": "VirtualNetworks"}


@pytest.mark.parametrize("value", ["false", "FALSE", False])
def test_false_means_that_nothing_is_stored(value: object) -> None:
    """As text or as a boolean, in any case, wherever it stands in the list."""
    capabilities = [OTHER, {"name": "contentLOGGING", "value": value}]

    assert content_logging(account(capabilities=capabilities)) == (True, "false", "false")


@pytest.mark.parametrize("value", ["true", True, 0, None, "no", {}])
def test_anything_else_does_not(value: object) -> None:
    """What is there is kept as it is."""
    capabilities = [{"name": "ContentLogging", "value": value}, OTHER]

    assert content_logging(account(capabilities=capabilities)) == (False, "not false", value)


@pytest.mark.parametrize("capabilities", [None, [], [OTHER], ["ContentLogging", 5]])
def test_absent_means_that_content_may_be_stored(capabilities: object) -> None:
    """Azure shows the capability only where storing is off."""
    found = content_logging(account(capabilities=capabilities))

    assert found == ContentLogging(
        is_off=False, words="absent from the capabilities", observed=None
    )


def test_what_was_found_is_evidence() -> None:
    """With what is expected."""
    found = content_logging(account(capabilities=[{"name": "ContentLogging", "value": "false"}]))
    path = "properties.capabilities[name=ContentLogging].value"

    assert found.evidence("false") == Evidence(Source.ACCOUNT, path, "false", "false")
