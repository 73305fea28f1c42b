"""Tokens: from azure-identity always, bounded in time, asked for once by many."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.exceptions import ClientAuthenticationError

from shared.adapters.azure.cloud import Cloud
from shared.adapters.error_text import short
from shared.ports import Clock

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncSupportsTokenInfo

LONGEST = timedelta(seconds=10)
"""How long a token may take. azure-identity itself would try for minutes."""
QUIET = timedelta(seconds=1.5)
"""How long after a failure nobody asks again: a service that is down is not hammered."""
QUIET_WITH_TOKEN = timedelta(seconds=30)
"""The same while an older token still lives, which serves meanwhile."""
LONGEST_REASON = 1_000
"""Characters: azure-identity says of each way to sign in why it did not work."""
_STILL_GOOD = timedelta(minutes=1)

_Request = tuple[tuple[str, ...], frozenset[tuple[str, object]]]


class TokenError(ClientAuthenticationError):
    """No token could be had; the message says why."""


def credential_of(
    cloud: Cloud, client_id: str | None = None, environ: Mapping[str, str] = os.environ
) -> "AsyncSupportsTokenInfo":
    """Return azure-identity's credential for a cloud.

    The managed identity alone where there is one (`IDENTITY_ENDPOINT`; `client_id` or
    `AZURE_CLIENT_ID` chooses a user-assigned one), else whatever azure-identity finds without
    asking anybody.
    """
    # Imported here: azure-identity costs 170 ms of every start, and many need no token.
    from azure.identity.aio import (  # noqa: PLC0415 - see above
        DefaultAzureCredential,
        ManagedIdentityCredential,
    )

    trust: dict[str, Any] = {"connection_verify": str(cloud.ca_file)} if cloud.ca_file else {}
    client_id = client_id or environ.get("AZURE_CLIENT_ID")
    if "IDENTITY_ENDPOINT" in environ:
        return ManagedIdentityCredential(client_id=client_id, **trust)
    host = {"authority": cloud.authority_host} if cloud.authority_host else {}
    return DefaultAzureCredential(
        managed_identity_client_id=client_id,
        **host,
        **trust,
    )


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why there was no token, and until when this is not asked again."""

    message: str
    until: datetime


class Tokens:
    """A credential over another: it answers or fails within `longest`.

    Callers who ask for the same token at once share one request. After a failure they hear of the
    same failure for a moment, or get the token held so far while that still lives.
    """

    def __init__(
        self,
        credential: "AsyncSupportsTokenInfo",
        clock: Clock,
        *,
        longest: timedelta = LONGEST,
        quiet: timedelta = QUIET,
    ) -> None:
        self._credential = credential
        self._clock = clock
        self._longest = longest
        self._quiet = quiet
        self._asking: dict[_Request, asyncio.Task[AccessTokenInfo | _Failure]] = {}
        self._failed: dict[_Request, _Failure] = {}
        self._held: dict[_Request, AccessTokenInfo] = {}

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **_: Any,  # noqa: ANN401 - as azure-core declares it
    ) -> AccessToken:
        """Return a token.

        Raises:
            TokenError: there is none.
        """
        given = {"claims": claims, "tenant_id": tenant_id, "enable_cae": enable_cae}
        options = cast("TokenRequestOptions", {name: each for name, each in given.items() if each})
        found = await self.get_token_info(*scopes, options=options)
        return AccessToken(found.token, found.expires_on)

    async def get_token_info(
        self, *scopes: str, options: TokenRequestOptions | None = None
    ) -> AccessTokenInfo:
        """Return a token with what is known about it.

        Raises:
            TokenError: there is none.
        """
        request = (scopes, frozenset((options or {}).items()))
        outcome = self._remembered(request)
        if outcome is None:
            task = self._asking.get(request)
            if task is None:
                task = asyncio.create_task(self._ask(request))
                self._asking[request] = task
                task.add_done_callback(lambda _: self._asking.pop(request, None))
            # A caller who gives up takes nothing from the others.
            outcome = await asyncio.shield(task)
        if isinstance(outcome, _Failure):
            raise TokenError(outcome.message)
        return outcome

    def _remembered(self, request: _Request) -> AccessTokenInfo | _Failure | None:
        """Return the outcome of a request that failed a moment ago, or None."""
        failure = self._failed.get(request)
        if failure is None or self._clock.now() >= failure.until:
            return None
        return self._living(request) or failure

    def _living(self, request: _Request) -> AccessTokenInfo | None:
        """Return the token that was given last, if it can still be used."""
        held = self._held.get(request)
        soon = (self._clock.now() + _STILL_GOOD).timestamp()
        return held if held is not None and held.expires_on > soon else None

    async def _ask(self, request: _Request) -> AccessTokenInfo | _Failure:
        """Ask once; a failure is an outcome, so that it is told to every caller alike."""
        scopes, options = request
        try:
            async with asyncio.timeout(self._longest.total_seconds()):
                found = await self._credential.get_token_info(
                    *scopes, options=cast("TokenRequestOptions", dict(options))
                )
        except TimeoutError:
            message = f"the identity service did not answer in {self._longest.total_seconds():g} s"
        except Exception as error:  # noqa: BLE001 - whatever a credential raises: there is no token
            message = short(str(error), LONGEST_REASON) or type(error).__name__
        else:
            self._failed.pop(request, None)
            # Claims come from a challenge: each is asked once, and kept by azure-identity.
            if "claims" not in dict(options):
                self._held[request] = found
            return found
        living = self._living(request)
        quiet = QUIET_WITH_TOKEN if living else self._quiet
        now = self._clock.now()
        self._failed = {each: known for each, known in self._failed.items() if known.until > now}
        failure = self._failed[request] = _Failure(message, now + quiet)
        return living or failure

    async def close(self) -> None:
        """Close the credential below, and stop asking."""
        for task in list(self._asking.values()):
            task.cancel()
        await self._credential.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()
