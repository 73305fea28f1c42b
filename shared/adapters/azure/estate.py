"""Azure as the estate: the inventory with the connections and the identity that it reads by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from shared.adapters.azure.arm.client import AGENT, ArmClient
from shared.adapters.azure.arm.inventory import ArmInventory
from shared.adapters.azure.arm.quota import PATIENCE, Quota
from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.credential import LONGEST, TokenError, Tokens, credential_of
from shared.ports import Clock, Pace, PortError


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads Azure, and how long it may wait.

    `client_id` is that of a user-assigned identity; `instances` is among how many ARM's quota is
    shared; `api_versions` are to be tried first, by type or provider; `token` is how long a sign-in
    may take, and `paces` how long a read may wait for its share of the quota. `throttled` is called
    whenever ARM refuses a read for now.
    """

    client_id: str | None = None
    instances: int = 1
    api_versions: Mapping[str, str] | None = None
    version: str = "unknown"
    token: timedelta = LONGEST
    paces: Mapping[Pace, timedelta] | None = None
    throttled: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class AzureEstate:
    """An open way into Azure: close it in the event loop that used it."""

    cloud: Cloud
    tokens: Tokens
    client: ArmClient
    inventory: ArmInventory

    @classmethod
    def open(cls, cloud: Cloud, clock: Clock, reader: Reader, tokens: Tokens | None = None) -> Self:
        """Put it together; nothing is asked of Azure before it is needed.

        `tokens` are those of the reader where they are open already; they are closed with the rest.
        """
        tokens = tokens or Tokens(
            credential_of(cloud, reader.client_id), clock, longest=reader.token
        )
        client = ArmClient(
            cloud,
            tokens,
            clock,
            Quota(
                clock,
                instances=reader.instances,
                patience=reader.paces or PATIENCE,
                told=reader.throttled,
            ),
            agent=f"{AGENT}/{reader.version}",
        )
        inventory = ArmInventory(client, clock, reader.api_versions)
        return cls(cloud, tokens, client, inventory)

    async def sign_in(self) -> None:
        """Get a first token, so that nobody waits for a list of failures.

        Raises:
            PortError: there is none; the message says what to do.
        """
        try:
            await self.tokens.get_token(self.cloud.arm_scope)
        except TokenError as error:
            raise PortError(
                f"cannot sign in to Azure: {error}; run `az login`, or where there is a managed"
                " identity see that the app has it"
            ) from error

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()
        await self.tokens.close()
