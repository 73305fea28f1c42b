"""Whether a data collection rule would take rows is found out without writing one."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from shared.adapters.azure.checks.ingestion import Ingestion
from shared.adapters.azure.cloud import custom_cloud
from shared.adapters.azure.credential import Tokens, credential_of
from shared.adapters.sinks.log_tables import ALERTS, stream_declarations
from shared.adapters.system_clock import SystemClock
from shared.domain.health import Health
from tests.local_azure.log_ingestion import AUDIENCE, RULE, LogIngestionService
from tests.local_azure.server import LocalAzure

SERVICE = LogIngestionService(stream_declarations())


@pytest.fixture
async def azure() -> AsyncIterator[LocalAzure]:
    """A local Azure with a rule."""
    async with LocalAzure(services=[SERVICE]) as running:
        yield running


@pytest.fixture
async def check(azure: LocalAzure) -> AsyncIterator[Ingestion]:
    """The check of it."""
    said = azure.environment
    cloud = custom_cloud(azure.arm.endpoint, ca_file=Path(said["COMPLIANCE_CA_FILE"]))
    with mock.patch.dict(os.environ, said):
        credential = credential_of(cloud)
    async with Tokens(credential, SystemClock()) as tokens:
        endpoint = azure.arm.endpoint
        yield Ingestion(cloud, tokens, endpoint, RULE, ALERTS.stream, AUDIENCE, "me")


async def test_a_rule_that_answers_is_in_order(check: Ingestion) -> None:
    """And has no more rows than before."""
    (found,) = await check.ask()

    assert found.health is Health.OK
    assert SERVICE.rows[ALERTS.stream] == []


async def test_a_refusal_names_the_role(check: Ingestion, azure: LocalAzure) -> None:
    """On the rule, which the command finds by its immutable id."""
    azure.fault("/dataCollectionRules/", status=403)
    (found,) = await check.ask()

    assert found.health is Health.FAULT
    assert '--role "Monitoring Metrics Publisher" --assignee me' in str(found.command)
    assert RULE in str(found.command)


async def test_a_rule_that_is_not_there_is_a_fault(check: Ingestion) -> None:
    """It is named."""
    (found,) = await replace(check, rule="dcr-none").ask()

    assert (found.health, "dcr-none" in found.message) == (Health.FAULT, True)


async def test_an_endpoint_that_does_not_answer_is_a_fault(check: Ingestion) -> None:
    """It is named, and how to ask it by hand."""
    (found,) = await replace(check, endpoint="https://127.0.0.1:1").ask()

    assert found.health is Health.FAULT
    assert found.command == "curl --head https://127.0.0.1:1"


async def test_no_token_is_a_fault(check: Ingestion) -> None:
    """Another one than that for ARM."""
    (found,) = await replace(check, audience="https://nobody.example").ask()

    assert (found.health, found.command) == (Health.FAULT, "az login")
