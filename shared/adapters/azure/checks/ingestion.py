"""Whether the data collection rule would take rows: one post of none at all, with a token.

"Logs Ingestion API in Azure Monitor", Microsoft Learn, has the statuses: 403 where the identity may
not, 404 where the rule or its stream is not there. What it says of an empty list is not documented;
a 400 about the body comes after both of these checks, and counts as reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import aiohttp

from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.credential import TokenError, Tokens
from shared.adapters.azure.session import open_session
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health

NAME: Final = "ingestion"
WHY: Final = "Alerts, health records and canaries are written through it: without it none arrives."
ROLE: Final = "Monitoring Metrics Publisher"
_VERSION: Final = "2023-01-01"
_OK: Final = frozenset({200, 204, 400, 413})
_NOT_ALLOWED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Posts an empty list to a stream of the rule; `assignee` is who needs the role on it."""

    cloud: Cloud
    tokens: Tokens
    endpoint: str
    rule: str
    stream: str
    audience: str
    assignee: str

    async def ask(self) -> Sequence[Diagnosis]:
        """Tell what it answers."""
        try:
            status = await self._status()
        except TokenError as error:
            return [self._fault(f"No token for {self.audience}: {error}.", "az login")]
        except (aiohttp.ClientError, OSError) as error:
            name = type(error).__name__
            said = f"The endpoint {self.endpoint} cannot be reached ({name})."
            return [self._fault(said, f"curl --head {self.endpoint}")]
        if status in _OK:
            return [Diagnosis(NAME, Health.OK, f"The rule {self.rule} answers.")]
        find = (
            "az monitor data-collection rule list --query"
            f" \"[?immutableId=='{self.rule}'].id\" --output tsv"
        )
        if status in _NOT_ALLOWED:
            said = f"The rule {self.rule} refuses whoever is signed in (status {status})."
            command = (
                f'az role assignment create --role "{ROLE}" --assignee {self.assignee}'
                f' --scope "$({find})"'
            )
            return [self._fault(said, command)]
        said = f"The endpoint answers {status}: the rule {self.rule} or its stream is not there."
        return [self._fault(said, find)]

    async def _status(self) -> int:
        """Post nothing, and return the status of the answer."""
        token = await self.tokens.get_token(f"{self.audience}/.default")
        path = f"dataCollectionRules/{quote(self.rule)}/streams/{quote(self.stream)}"
        async with (
            open_session(self.cloud, self.endpoint) as session,
            session.post(
                f"{self.endpoint}/{path}?api-version={_VERSION}",
                json=[],
                headers={"Authorization": f"Bearer {token.token}"},
                allow_redirects=False,
            ) as answer,
        ):
            return answer.status

    def _fault(self, said: str, command: str) -> Diagnosis:
        remedy = "Correct COMPLIANCE_SINKS__LOG_ANALYTICS__…, or give the role on the rule."
        return Diagnosis(NAME, Health.FAULT, said, WHY, remedy, command)
