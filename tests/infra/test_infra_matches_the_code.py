"""What infra/ and the code both know is the same in both."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeGuard

import pytest
from pydantic import BaseModel

from shared.adapters.azure.arm.role import ACTIONS
from shared.adapters.azure.storage import names
from shared.adapters.sinks.log_tables import TABLES, columns_of, stream_declarations
from shared.domain.topology import ROOT_TYPES
from shared.events.subscription_events import TYPES
from shared.pipeline import second_reading
from shared.pipeline.signs_of_sight import DEEP_LATE
from shared.ports import QueueName
from shared.runtime.sink_settings import SinkSettings, read_sink_settings
from shared.settings import AzureBackend, Settings, read_settings
from tests.bicep.deployment import FILES, MAIN, ROOT, module
from tests.bicep.security import at
from tests.bicep.source import BicepFile, bicep, walk
from tests.bicep.values import OneOf, Unknown, value_of
from tests.kql.saved_functions import BODIES, parameter_list
from tools import infra_tables

SETTING = re.compile(r"COMPLIANCE_[A-Z_]+")
LEAST = re.compile(r"@minValue\((\d+)\)\nparam leftoverDays")


def body(file: BicepFile, symbol: str) -> object:
    """Return the value of a resource's body."""
    resource = next(each for each in file.resources if each.symbol == symbol)
    assert resource.body is not None
    return value_of(file, resource.body)


def test_the_tables_are_as_the_code_writes_them() -> None:
    """`python -m tools.infra_tables` was run after the last change of the code."""
    written = {file.name: file.read_text("utf-8") for file in infra_tables.FOLDER.glob("*.json")}

    assert written == infra_tables.contents()


def test_the_role_has_exactly_the_actions_of_the_code() -> None:
    """The identity may do what the code asks for, and nothing else."""
    permissions = at(body(module("role"), "role"), "properties.permissions")

    assert permissions == [
        {"actions": list(ACTIONS), "notActions": [], "dataActions": [], "notDataActions": []}
    ]


def test_the_workspace_has_the_tables_of_the_code() -> None:
    """Each table that rows are written into is made, with its columns and their types."""
    made = value_of(module("workspace_tables"), module("workspace_tables").variables["tables"])
    assert isinstance(made, list)
    spelled = {
        table["name"]: [
            {"name": each["name"], "type": each["type"].lower()} for each in table["columns"]
        ]
        for table in made
    }

    assert spelled == {table.name: columns_of(table) for table in TABLES}


def test_no_table_is_to_be_quick_for_longer_than_it_is_kept() -> None:
    """Azure refuses that, and a workspace that was there may keep its rows for two years."""
    text = module("workspace_tables").text

    assert "retentionInDays: min(workspace.properties.retentionInDays, totalRetention" in text


def test_the_rule_has_the_streams_of_the_code_and_leads_each_to_its_table() -> None:
    """What the code sends is declared, and arrives in the table of its name."""
    file = module("data_collection_rule")
    rule = body(file, "rule")

    assert at(rule, "kind") == "Direct"
    assert at(rule, "properties.streamDeclarations") == stream_declarations()
    assert {f"Custom-{table.name}" for table in TABLES} == stream_declarations().keys()
    assert "outputStream: stream.key" in file.text


def test_the_workspace_has_the_functions_of_the_project() -> None:
    """Every query in infra/kql/functions is saved as one, with the parameters it declares."""
    file = module("saved_functions")
    saved = value_of(file, file.variables["functions"])
    assert isinstance(saved, list)

    assert {each["name"]: (each["parameters"], each["body"]) for each in saved} == {
        name: (parameter_list(name), text) for name, text in BODIES.items()
    }


def test_links_lead_to_the_portal_of_the_cloud_that_is_deployed_to() -> None:
    """What stands for it in the functions is replaced, and nothing else stands for anything."""
    stand_ins = {found for text in BODIES.values() for found in re.findall(r"__\w+__", text)}
    query = "query: replace(each.body, '__PORTAL__', uri(environment().portal, '#resource'))"

    assert stand_ins == {"__PORTAL__"}
    assert query in module("saved_functions").text


def test_the_account_has_what_the_code_names() -> None:
    """Containers, queues with their poison queues, and tables are there before the code runs."""
    known = value_of(module("storage"), module("storage").variables["names"])

    assert isinstance(known, dict)
    assert known["dead_letters"] == names.DEAD_LETTERS
    assert {names.SNAPSHOTS, names.ASIDE, names.BOOKMARKS} <= set(known["containers"])
    assert names.DEAD_LETTERS not in known["containers"]
    assert {names.FINDINGS_TABLE, names.RECEIVED_TABLE} <= set(known["tables"])
    assert set(known["queues"]) == {
        f"{queue}{ending}" for queue in QueueName for ending in ("", names.POISON)
    }


def test_only_what_nobody_needs_any_more_is_removed_by_its_age() -> None:
    """Inputs that were set aside, and snapshots that no look has written for weeks."""
    policy = at(body(module("storage"), "lifecycle"), "properties.policy")
    (rule,) = policy["rules"]

    assert rule["definition"]["filters"] == {
        "blobTypes": ["blockBlob"],
        "prefixMatch": [f"{each}/" for each in (names.ASIDE, names.SNAPSHOTS)],
    }
    (deletion,) = rule["definition"]["actions"]["baseBlob"].values()
    assert deletion.keys() == {"daysAfterModificationGreaterThan"}
    least = min(int(found) for found in LEAST.findall(module("storage").text + MAIN.text))
    assert timedelta(days=least) > max(second_reading.YOUNG, DEEP_LATE)


def test_events_of_every_provider_that_is_judged_pass_the_filter() -> None:
    """Event Grid lets through what is told of our providers, in the types that the code reads."""
    filters = at(body(module("event_subscription"), "events"), "properties.filter")
    providers = {kind.partition("/")[0] for kind in ROOT_TYPES} - {"microsoft.resources"}

    (only,) = filters["advancedFilters"]
    assert (only["operatorType"], only["key"]) == ("StringContains", "subject")
    assert {value.lower() for value in only["values"]} == {
        f"/providers/{provider}/" for provider in providers
    }
    assert {kind.lower() for kind in filters["includedEventTypes"]} == {
        kind for kind in TYPES if kind.endswith("success")
    }


def test_events_go_to_a_function_that_there_is() -> None:
    """The destination and the always-ready instance name the function of function_app.py."""
    functions = set(
        re.findall(
            r"@app\.event_grid_trigger\((?:.|\n)*?async def (\w+)",
            (ROOT / "function_app.py").read_text("utf-8"),
        )
    )

    assert set(re.findall(r"/functions/(\w+)'", MAIN.text)) == functions
    assert set(re.findall(r"'function:(\w+)'", module("function_app").text)) == functions


# --- settings ---


def variables_of(model: type[BaseModel], prefix: str = "COMPLIANCE_") -> set[str]:
    """Return every variable that a model of settings reads; those of mappings end with `__`."""
    found = set()
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        inner = [
            each for each in (field.annotation, *_arguments(field.annotation)) if _is_model(each)
        ]
        found |= {variable} if not inner else set()
        for each in inner:
            found |= variables_of(each, f"{variable}__")
    return found


def _arguments(annotation: object) -> tuple[type[BaseModel], ...]:
    arguments = getattr(annotation, "__args__", ())
    return tuple(
        each for one in arguments for each in (one, *_arguments(one)) if isinstance(each, type)
    )


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


KNOWN = variables_of(Settings) | variables_of(SinkSettings)


def settings_in(file: BicepFile) -> dict[str, object]:
    """Return the settings of the monitor that a file sets, with what is known of their values."""
    found: dict[str, object] = {}
    for node in walk(file.root):
        value = value_of(file, node) if node.type == "object" else None
        if isinstance(value, Mapping):
            found |= {key: each for key, each in value.items() if SETTING.fullmatch(key)}
    return found


def test_every_setting_that_is_deployed_is_one_of_the_code() -> None:
    """A setting that the code does not read would be set for nothing."""
    deployed = {name for file in FILES for name in settings_in(file)}

    assert deployed
    assert deployed - KNOWN == set()


def test_a_setting_that_the_code_does_not_read_is_found() -> None:
    """The check above sees a misspelt one."""
    deployed = settings_in(bicep("var a = { COMPLIANCE_BACKEND__KINDS: 'azure' }"))

    assert deployed.keys() - KNOWN == {"COMPLIANCE_BACKEND__KINDS"}


def test_the_settings_that_are_deployed_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app starts on what the deployment sets, with storage, dead letters and workspace."""
    samples = {
        "COMPLIANCE_BACKEND__STORAGE_ACCOUNT": "stsample",
        "COMPLIANCE_BACKEND__DEAD_LETTER_ACCOUNT": "stdeadsample",
        "COMPLIANCE_CLOUD": "usgov",
        "COMPLIANCE_INSTANCES": "4",
        "COMPLIANCE_RETENTION_DAYS": "400",
        "COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT": "https://sample.ingest.monitor.azure.com",
        "COMPLIANCE_WATCHED_SUBSCRIPTIONS": "00000000-0000-0000-0000-000000000001",
        "COMPLIANCE_WORKSPACE_ID": "11111111-1111-1111-1111-111111111111",
    }
    for name, value in settings_in(MAIN).items():
        known = not isinstance(value, Unknown | OneOf)
        monkeypatch.setenv(name, str(value) if known else samples.get(name, "sample"))

    settings = read_settings()

    assert isinstance(settings.backend, AzureBackend)
    assert settings.backend.storage_account == "stsample"
    assert settings.backend.dead_letter_account == "stdeadsample"
    assert settings.workspace_id is not None
    assert settings.identity_client_id == "sample"
    logs = read_sink_settings().sinks.log_analytics
    assert logs is not None
    assert logs.rule_id == "sample"


def test_clouds_are_named_as_the_code_names_them() -> None:
    """Each of Microsoft's clouds has the name that the setting takes."""
    clouds = value_of(MAIN, MAIN.variables["clouds"])

    assert clouds == {
        "AzureCloud": "public",
        "AzureUSGovernment": "usgov",
        "AzureChinaCloud": "china",
    }


def test_the_python_of_the_app_is_one_that_is_locked() -> None:
    """The app runs a Python for which azure-functions is locked."""
    locked = Path(ROOT / "requirements.txt").read_text("utf-8")
    offered = [
        re.findall(r"'([\d.]+)'", each) for each in MAIN.parameters["pythonVersion"].decorators
    ]

    assert offered == [["3.11", "3.12", "3.13"]]
    assert "param pythonVersion string = '3.12'" in MAIN.text
    for line, versions in {"1": "< '3.13'", "2": ">= '3.13'"}.items():
        wanted = rf"^azure-functions=={line}\..* ; python_(full_)?version {re.escape(versions)}"
        assert re.search(wanted, locked, re.MULTILINE), versions
