"""The sinks that a command names, as it tells them."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal.telling import Telling
from shared.domain.control import Control
from shared.settings import read_azure_settings

if TYPE_CHECKING:
    from shared.adapters.azure.cloud import Cloud
    from shared.adapters.azure.credential import Tokens


def telling_of(names: Sequence[str], controls: Mapping[str, Control], longest: int) -> Telling:
    """Return what tells the sinks that are named, `KIND:URL` each, for so many seconds.

    Raises:
        SettingsError: a sink or a setting that it needs cannot be used.
    """
    clock, stack = SystemClock(), AsyncExitStack()
    if not names:
        return Telling(clock)
    # Imported here: the libraries of the sinks cost a start what few commands need.
    from shared.adapters.sinks.webhook import SECRET  # noqa: PLC0415 - see above
    from shared.runtime.sinks import IN_AZURE, SinkParts, named_sinks  # noqa: PLC0415 - see above

    chosen = named_sinks(names)
    in_azure = any(each.kind in IN_AZURE for each in chosen)
    azure = partial(_azure, stack, clock) if in_azure else None
    given = os.environ.get(SECRET, "")
    secret = given if given.strip() else None
    parts = SinkParts(clock, controls, secret, azure, closing=stack)
    return Telling(clock, lambda: parts.open(chosen), stack, timedelta(seconds=longest))


def _azure(stack: AsyncExitStack, clock: SystemClock) -> "tuple[Cloud, Tokens]":
    """Open the cloud that is set, with the identity that is found."""
    # Imported here: the Azure libraries cost a start what other sinks do not need.
    from shared.adapters.azure.credential import Tokens, credential_of  # noqa: PLC0415 - see above
    from shared.runtime.azure import SIGN_IN  # noqa: PLC0415 - see above
    from shared.runtime.azure_place import cloud_of  # noqa: PLC0415 - see above

    settings = read_azure_settings()
    cloud = cloud_of(settings)
    credential = credential_of(cloud, settings.identity_client_id)
    tokens = Tokens(credential, clock, longest=SIGN_IN)
    stack.push_async_exit(tokens)
    return cloud, tokens
