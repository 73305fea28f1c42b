"""An estate file that breaks: what it held is not gone, not fixed, and no false alarm."""

import json
from pathlib import Path

import pytest

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.topology import DEEP_SOURCES
from shared.pipeline.messages import LookMessage, Trigger
from shared.runtime.assembly import Runtime, assemble
from shared.runtime.local import local_ports
from tests.arm import SUBSCRIPTION, account, managed_network, perimeter, resource
from tests.worlds import CATALOGUE

CONNECTION = f"{account().id}/privateEndpointConnections/pe"
APPROVED = {"privateLinkServiceConnectionState": {"status": "Approved"}}


@pytest.mark.parametrize(
    ("child", "control", "before"),
    [
        (perimeter("Enforced"), "network_isolation.public_access_restricted", False),
        (managed_network("Disabled"), "network_isolation.managed_network_isolated", True),
        (
            resource(CONNECTION, properties=APPROVED),
            "network_isolation.private_endpoint_approved",
            False,
        ),
    ],
    ids=["perimeter", "managed network", "private endpoint connection"],
)
async def test_what_was_found_stays_while_the_file_cannot_be_read(
    tmp_path: Path,
    child: Resource,
    control: str,
    before: bool,  # noqa: FBT001 - a parameter
) -> None:
    """`unknown` neither resolves a finding nor opens one."""
    estate = tmp_path / "estate"
    estate.mkdir()
    owner = account(kind="AIServices", publicNetworkAccess="Enabled")
    body = child.body
    (estate / "account.json").write_text(json.dumps(owner.body), encoding="utf-8")
    (estate / "child.json").write_text(json.dumps(body), encoding="utf-8")
    runtime = assemble(local_ports(estate, tmp_path / "s.db"), CATALOGUE, frozenset({SUBSCRIPTION}))
    assert (control in await _open(runtime, owner.id)) is before

    (estate / "child.json").write_text('{"id":', encoding="utf-8")
    assert (control in await _open(runtime, owner.id)) is before

    (estate / "child.json").write_text(json.dumps(body), encoding="utf-8")
    assert (control in await _open(runtime, owner.id)) is before
    history = await runtime.ports.findings.findings(owner.id.key)
    assert [each.control for each in history.values() if each.control == control] == (
        [control] if before else []
    )


async def _open(runtime: Runtime, root: ResourceId) -> list[str]:
    """Look at everything of a root, and return the controls of its open findings."""
    deep = DEEP_SOURCES[root.type.lower()]
    now = runtime.ports.clock.now()
    await runtime.looks.look(LookMessage(root.text, now, Trigger.CHANGE, sources=deep))
    found = await runtime.ports.findings.findings(root.key)
    return [each.control for each in found.values() if each.state == "open"]
