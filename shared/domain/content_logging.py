"""The capability `ContentLogging`: whether Microsoft stores prompts for abuse review.

An account for which Microsoft has switched storing off shows the capability with the value `false`;
every other account does not show it at all.
"""

from typing import NamedTuple

from shared.domain.resource import Resource
from shared.domain.topology import Source
from shared.domain.verdict import Evidence


class ContentLogging(NamedTuple):
    """What an account shows of the capability: `words` say it in a message."""

    is_off: bool
    words: str
    observed: object

    def evidence(self, expected: str) -> Evidence:
        """Return what was found as evidence."""
        path = "properties.capabilities[name=ContentLogging].value"
        return Evidence(Source.ACCOUNT, path, expected, self.observed)


def content_logging(account: Resource) -> ContentLogging:
    """Read the capability of an account."""
    capabilities = account.list("properties.capabilities")
    stated = [
        each.get("value")
        for each in capabilities.value or ()
        if isinstance(each, dict) and _is_text(each.get("name"), "contentlogging")
    ]
    if any(value is False or _is_text(value, "false") for value in stated):
        return ContentLogging(is_off=True, words="false", observed="false")
    if stated:
        return ContentLogging(is_off=False, words="not false", observed=stated[0])
    words = f"absent from the capabilities{capabilities.wrong}"
    return ContentLogging(is_off=False, words=words, observed=None)


def _is_text(value: object, wanted: str) -> bool:
    """Whether a value is this text in any case."""
    return isinstance(value, str) and value.lower() == wanted
