"""What went wrong with a call to ARM, in words for people: what failed, and what to do about it."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NoReturn

import aiohttp
from azure.core.exceptions import AzureError, ClientAuthenticationError

from shared.adapters.azure.arm.quota import QuotaExhaustedError
from shared.adapters.azure.arm.retry import is_passing
from shared.adapters.error_text import short
from shared.adapters.outbound import OutboundError
from shared.domain.snapshot import Problem
from shared.domain.verdict import Cause

AT_ONCE = timedelta(0)
"""Trying again helps, and ARM does not say when: the queue's own delay will do."""
_UNREGISTERED = "missingsubscriptionregistration"
"""The code (lower case) of a 409 that no waiting helps: somebody must register the provider."""
# What ARM says in a 403: "… does not have authorization to perform action 'X/read' over scope …".
_ACTION = re.compile(r"perform action '([A-Za-z0-9.*_/-]{1,200})'")

FAILURES = (AzureError, aiohttp.ClientError, TimeoutError, OSError)
"""Whatever a call raises when the answer did not come, or was none."""


class ArmError(Exception):
    """ARM did not give what was asked for.

    `status` is None when no answer came. `code` and `message` are ARM's own (`error.code`,
    `error.message`); without them `message` is the problem's detail.
    """

    def __init__(
        self,
        problem: Problem,
        status: int | None = None,
        code: str | None = None,
        message: str | None = None,
    ) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.status = status
        self.code = code
        self.message = message or problem.detail


class NoAnswerError(AzureError):
    """What came with status 200 is no answer of ARM's; worth another try."""


def refused(
    status: int, body: object, permission: str, wait: timedelta | None, now: datetime
) -> ArmError:
    """Describe an answer that is no success; `wait` is its Retry-After."""
    code, message = _stated(body)
    said = f"{code}: {message}" if code and message else code or message
    words = f" ({short(said)})" if said else ""
    missing = None
    again = None
    if status == 403:  # noqa: PLR2004 - of HTTP
        named = _ACTION.search(message or "")
        missing = named[1] if named else permission
        detail = f"ARM refused the read{words}; give the monitor's identity a role with {missing}"
    elif status == 401:  # noqa: PLR2004 - of HTTP
        detail = f"ARM did not accept the token{words}; check the identity's tenant and the cloud"
        again = AT_ONCE
    elif status == 404:  # noqa: PLR2004 - of HTTP
        detail = f"it does not exist{words}"
    elif status == 429:  # noqa: PLR2004 - of HTTP
        again = wait or AT_ONCE
        detail = _throttled(now + again)
    elif is_passing(status) and (code or "").lower() != _UNREGISTERED:
        again = wait or AT_ONCE
        detail = f"ARM answered with status {status}{words}; it is tried again"
    elif 300 <= status < 400:  # noqa: PLR2004 - of HTTP
        detail = f"ARM answered with a redirect (status {status}), which is not followed"
    else:
        detail = f"ARM answered with status {status}{words}"
    problem = Problem(Cause.UNREADABLE, detail, missing, again)
    return ArmError(problem, status, code and short(code), message and short(message))


def unreadable(detail: str, status: int | None = None, again: timedelta | None = None) -> ArmError:
    """Describe an answer that cannot be used."""
    return ArmError(Problem(Cause.UNREADABLE, detail, retry_after=again), status)


def raise_unanswered(error: Exception, whole: float) -> NoReturn:
    """Describe why no answer came.

    Raises:
        ArmError: always.
    """
    if isinstance(error, ClientAuthenticationError):
        detail = f"no token for ARM: {short(str(error))}; check the monitor's identity"
    elif isinstance(error, NoAnswerError):
        detail = str(error)
    elif isinstance(error, OutboundError):
        detail = f"ARM was not asked: {short(str(error))}"
    elif isinstance(error, TimeoutError):
        detail = f"ARM did not answer within {whole:g} s"
    else:
        why = short(str(error)) or type(error).__name__
        detail = f"ARM could not be reached: {why}"
    raise unreadable(detail, again=AT_ONCE) from error


def exhausted(error: QuotaExhaustedError) -> ArmError:
    """Describe a read for which there is no quota."""
    if error.throttled_until is not None:
        return unreadable(_throttled(error.throttled_until), 429, error.wait)
    return unreadable(
        f"ARM's quota of reads is used up for the next {error.wait.total_seconds():.0f} s",
        again=error.wait,
    )


def _throttled(until: datetime) -> str:
    """Say until when ARM wants no reads."""
    return f"throttled by ARM until {until:%Y-%m-%d %H:%M:%S}Z"


def _stated(body: object) -> tuple[str | None, str | None]:
    """Return ARM's code and message; some providers leave out the `error` around them."""
    error = body.get("error", body) if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return None, None
    code, message = error.get("code"), error.get("message")
    return (
        code if isinstance(code, str) else None,
        message if isinstance(message, str) else None,
    )
