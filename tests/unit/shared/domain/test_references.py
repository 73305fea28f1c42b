"""What a root names elsewhere, and what it is judged by."""

import pytest

from shared.domain.references import referenced_ids, referenced_root
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem
from shared.domain.topology import Source
from shared.domain.verdict import Cause, UndecidableError
from tests.arm import ACCOUNT_ID, GROUP, account, deployment, resource, snapshot_of

OTHER = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/other"
STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/telemetry"


def test_the_roots_that_accounts_and_deployments_name_are_found() -> None:
    """A model's deployment in another account leads to that account."""
    found = referenced_ids(
        [
            account(raiMonitorConfig={"adxStorageResourceId": STORE.upper()}),
            deployment(model={"source": f"{OTHER}/deployments/base", "sourceAccount": OTHER}),
        ]
    )

    assert set(found) == {OTHER.lower(), STORE.lower()}


@pytest.mark.parametrize("text", [None, "", "text", 7, f"{ACCOUNT_ID}/deployments/base"])
def test_what_is_no_id_or_their_own_root_is_no_reference(text: object) -> None:
    """Monitors judge what is malformed; there is nothing to read."""
    assert referenced_ids([deployment(model={"source": text})]) == {}


def test_only_an_id_has_a_root() -> None:
    """Of an id it is the top-level resource."""
    assert referenced_root(f"{OTHER}/deployments/base") == ResourceId.parse(OTHER)
    assert referenced_root("text") is None


def test_a_referenced_resource_that_was_read_is_found() -> None:
    """In the snapshot of the root that names it."""
    other = resource(OTHER, location="swedencentral")

    assert snapshot_of(account(), other).referenced(other.id) is other


def test_one_that_could_not_be_read_cannot_be_decided_by() -> None:
    """With the cause of the reading, or as one that does not exist."""
    refused = Problem(Cause.UNDETERMINED, "not in the input")
    unread = snapshot_of(account(), problems={Source.REFERENCED: refused})
    with pytest.raises(UndecidableError, match="not in the input") as raised:
        unread.referenced(ResourceId.parse(OTHER))
    assert raised.value.cause is Cause.UNDETERMINED

    with pytest.raises(UndecidableError, match="does not exist") as raised:
        snapshot_of(account()).referenced(ResourceId.parse(OTHER))
    assert raised.value.cause is Cause.UNREADABLE
