"""Whether the storage account can be reached with the identity: blobs, queues and tables."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.failures import BLOB_ROLE, QUEUE_ROLE, TABLE_ROLE, port_errors
from shared.adapters.azure.storage.names import DEAD_LETTERS
from shared.domain.diagnosis import Diagnosis, one_line
from shared.domain.health import Health
from shared.ports import PortError

NAME: Final = "storage"
WHY: Final = "Work, findings and history are there: without it nothing is looked at or remembered."


@dataclass(frozen=True, slots=True)
class Storage:
    """Lists a little of what each service holds; `account` is its name, `assignee` who needs it."""

    clients: StorageClients
    account: str
    assignee: str

    def services(self) -> dict[str, Callable[[], Awaitable[Sequence[Diagnosis]]]]:
        """Return the examination of each service, by the name of its check."""
        made = {
            "blobs": (BLOB_ROLE, lambda: self.clients.blobs.list_containers(results_per_page=1)),
            "queues": (QUEUE_ROLE, lambda: self.clients.queues.list_queues(results_per_page=1)),
            "tables": (TABLE_ROLE, lambda: self.clients.tables.list_tables(results_per_page=1)),
        }
        return {
            f"{NAME}.{name}": _asking(self, f"{NAME}.{name}", role, reach)
            for name, (role, reach) in made.items()
        }

    def role_command(self, role: str) -> str:
        """Return the command that gives a role on the account."""
        return (
            f'az role assignment create --role "{role}" --assignee {self.assignee}'
            f' --scope "$(az storage account show --name {self.account} --query id --output tsv)"'
        )


def _asking(
    storage: Storage, name: str, role: str, reach: Callable[[], AsyncIterator[Any]]
) -> Callable[[], Awaitable[Sequence[Diagnosis]]]:
    """Return the examination of one service."""

    async def ask() -> Sequence[Diagnosis]:
        try:
            with port_errors(f"listing the {name.partition('.')[2]}", role):
                async for _ in reach():
                    break
        except PortError as error:
            said = one_line(error)
            remedy = f"Give the role {role}, and see that the account's firewall lets you in."
            command = storage.role_command(role)
            return [Diagnosis(name, Health.FAULT, said, WHY, remedy, command)]
        return [Diagnosis(name, Health.OK, f"The {name.partition('.')[2]} can be reached.")]

    return ask


@dataclass(frozen=True, slots=True)
class DeadLetterPlace:
    """Whether the container is there in which Event Grid leaves what it cannot deliver."""

    clients: StorageClients
    account: str

    async def ask(self) -> Sequence[Diagnosis]:
        """Tell whether it is.

        Raises:
            PortError: there is no telling.
        """
        name = f"{NAME}.dead_letters"
        with port_errors("looking for the container of the dead letters", BLOB_ROLE):
            try:
                await self.clients.blobs.get_container_client(
                    DEAD_LETTERS
                ).get_container_properties()
            except ResourceNotFoundError:
                return [
                    Diagnosis(
                        name,
                        Health.WARN,
                        f"There is no container {DEAD_LETTERS}.",
                        "What Event Grid cannot deliver within a day is lost.",
                        "Make it.",
                        f"az storage container create --auth-mode login --name {DEAD_LETTERS}"
                        f" --account-name {self.account}",
                    )
                ]
        return [Diagnosis(name, Health.OK, "Event Grid has a place for what it cannot deliver.")]
