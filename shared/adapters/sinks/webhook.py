"""The sink `webhook`: the alert object as JSON, signed, to an address of the user's own."""

import json
from collections.abc import Sequence

from shared.adapters.formats.alert_object import alert_json
from shared.adapters.formats.portal import PUBLIC
from shared.adapters.sinks.alert_keys import key_of
from shared.adapters.sinks.answers import TooLargeError
from shared.adapters.sinks.endpoint import Endpoint
from shared.adapters.sinks.signature import HEADER, signature
from shared.domain.finding import Transition
from shared.ports import Clock

SECRET = "COMPLIANCE_WEBHOOK_SECRET"  # noqa: S105 - the name of the variable, not its value
BATCH = 100


class Webhook:
    """Posts one alert as an object, several as an array, the oldest first.

    `batch` is how many it takes at once. What is too large for the receiver it sends in halves.
    """

    batch = BATCH

    def __init__(
        self,
        endpoint: Endpoint,
        secret: str | None,
        clock: Clock,
        *,
        name: str = "webhook",
        portal: str | None = PUBLIC,
    ) -> None:
        """Take what to post to, the secret to sign with, and the address of the cloud's portal.

        Raises:
            ValueError: there is no secret, and the endpoint is on another machine.
        """
        if not secret and not endpoint.address.is_loopback:
            raise ValueError(f"a webhook on another machine needs a secret: set {SECRET}")
        self.name = name
        self._endpoint = endpoint
        # As the environment has it, whether that is UTF-8 or not.
        self._secret = secret.encode("utf-8", "surrogateescape") if secret else b""
        self._clock = clock
        self._portal = portal

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Post the alerts; after a failure some of them may have arrived.

        Raises:
            BusyError: send them again later.
            RefusedError: at least one of them will never be taken.
        """
        if not alerts:
            return
        try:
            await self._post(alerts)
        except TooLargeError:
            if len(alerts) == 1:
                raise
            half = len(alerts) // 2
            await self.send(alerts[:half])
            await self.send(alerts[half:])

    async def _post(self, alerts: Sequence[Transition]) -> None:
        """Post them at once."""
        objects = [alert_json(each, self._portal) for each in alerts]
        # ASCII: any text can be written so, also half a surrogate pair from somebody's tag.
        body = json.dumps(objects if len(objects) > 1 else objects[0]).encode("ascii")
        headers = {"Idempotency-Key": key_of(alerts)}
        if self._secret:
            headers[HEADER] = signature(self._secret, body, self._clock.now())
        await self._endpoint.post(body, headers)
