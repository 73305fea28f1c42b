"""What the local Azure holds at first: an estate folder, or a generated estate of any size."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from shared.adapters.local.documents import parse_json, resources_in
from shared.adapters.local.files import json_files, read_bytes
from shared.domain.resource import Resource
from tests.local_azure import arm_path
from tools.bench_estate import account, deployment


def folder_bodies(folder: Path) -> Iterator[Mapping[str, object]]:
    """Go through the resources in the JSON files of a folder, of any type.

    Raises:
        UnusableInputError: a file cannot be read; a test estate must not be half there.
    """
    for path in json_files(folder):
        yield from _bodies(parse_json(read_bytes(path)))


def _bodies(value: object) -> Iterator[Mapping[str, object]]:
    """Go through the resources in a document.

    The product's reader passes over types that no control judges; ARM has them all the same.
    """
    if isinstance(value, list):
        for item in value:
            yield from _bodies(item)
    elif isinstance(value, dict) and arm_path.parse(str(value.get("id", ""))) is not None:
        yield value
    elif isinstance(value, dict) and isinstance(value.get("value"), list):
        yield from _bodies(value["value"])
    else:
        yield from (each.body for each in resources_in(value) if isinstance(each, Resource))


def generated(accounts: int, deployments: int) -> Iterable[Mapping[str, object]]:
    """Go through the estate of the benchmark with so many deployments in each account."""
    for number in range(accounts):
        owner = account(number)
        yield owner
        for each in range(deployments):
            yield deployment(owner, each)
