"""The local Azure: managed identity, ARM and Resource Graph on loopback, for tests and the bench.

    async with LocalAzure(account, deployment) as azure:
        azure.environment          # what the product is told, as environment variables
        azure.faults.add(Fault("/deployments", status=429, headers={"Retry-After": "1"}, times=2))
        azure.estate.put(changed)
        azure.log.reads            # what was asked

`python -m tests.local_azure` runs it in a process of its own; see `process`.
"""

import ssl
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import trustme
from aiohttp import web

from shared.domain.resource import Resource
from tests.local_azure.arm import Arm
from tests.local_azure.control import PREFIX, Control
from tests.local_azure.estate import Estate
from tests.local_azure.faults import Fault, Faults
from tests.local_azure.front import Front
from tests.local_azure.identity import PATH as IDENTITY_PATH
from tests.local_azure.identity import Identity
from tests.local_azure.own_affairs import OwnAffairs
from tests.local_azure.permissions import Permissions
from tests.local_azure.request_log import RequestLog
from tests.local_azure.resource_graph import ResourceGraph

if TYPE_CHECKING:
    from tests.local_azure.exchange import Service

HOST = "127.0.0.1"
ARM_AUDIENCE = "https://management.local.example"
LOGS_AUDIENCE = "https://api.loganalytics.io"
OTHER_AUDIENCES = ("https://monitor.azure.com", "https://storage.azure.com")
"""What the product's further clients ask tokens for; their services are elsewhere."""
PATIENCE = 0.1
"""Seconds that open requests have to end when the server stops."""


class LocalAzure:
    """A running local Azure; its parts are attributes, to be steered at any time.

    `actions` are the ARM actions that the identity may do (None: all), `latency` (seconds) passes
    before every answer, and `services` are further ones behind the same TLS endpoint.
    """

    def __init__(
        self,
        *resources: Resource | Mapping[str, object],
        actions: frozenset[str] | None = None,
        latency: float = 0.0,
        quota: bool = False,
        services: Iterable["Service"] = (),
    ) -> None:
        self.estate = Estate()
        self.permissions = Permissions(actions)
        self.identity = Identity()
        self.identity.know((LOGS_AUDIENCE, *OTHER_AUDIENCES))
        self.arm = Arm("", ARM_AUDIENCE, self.estate, self.permissions)
        self.resource_graph = ResourceGraph(
            ARM_AUDIENCE, self.estate, self.permissions, self.arm.versions
        )
        self.own = OwnAffairs(ARM_AUDIENCE, self.estate, self.permissions)
        self.front = Front(
            [*services, self.resource_graph, self.own, self.arm], self.identity, latency=latency
        )
        self.identity.know(service.audience for service in self.front.services)
        self._running = AsyncExitStack()
        self._plain_port = 0
        self._ca_file = Path()
        self.set_quota(is_on=quota)
        self.seed(resources)

    @property
    def faults(self) -> Faults:
        """The faults in force."""
        return self.front.faults

    @property
    def log(self) -> RequestLog:
        """What was asked so far."""
        return self.front.log

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which the product finds this server."""
        return {
            "COMPLIANCE_CLOUD": "custom",
            "COMPLIANCE_ARM_ENDPOINT": self.arm.endpoint,
            "COMPLIANCE_ARM_AUDIENCE": self.arm.audience,
            "COMPLIANCE_LOGS_ENDPOINT": self.arm.endpoint,
            "COMPLIANCE_CA_FILE": str(self._ca_file),
            "IDENTITY_ENDPOINT": f"http://{HOST}:{self._plain_port}{IDENTITY_PATH}",
            "IDENTITY_HEADER": self.identity.header,
        }

    @property
    def control(self) -> str:
        """The address under which another process steers this server."""
        return f"http://{HOST}:{self._plain_port}{PREFIX}"

    def seed(self, resources: Iterable[Resource | Mapping[str, object]]) -> None:
        """Put resources that were always there."""
        self.estate.load(resources)

    def fault(self, match: str, **fields: object) -> None:
        """Add a fault by the fields of `Fault`: `fault("/deployments", kind="reset", times=1)`."""
        self.faults.add(Fault.parse({"match": match, **fields}))

    def set_quota(self, *, is_on: bool) -> None:
        """Turn Azure's quotas on or off."""
        self.arm.quota.is_on = is_on
        self.resource_graph.quota.is_on = is_on

    async def __aenter__(self) -> Self:
        folder = Path(self._running.enter_context(tempfile.TemporaryDirectory()))
        self._ca_file = folder / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self._ca_file)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(HOST, "localhost").configure_cert(context)
        tls_port = await self._listen(web.Server(self.front.over_tls), context)
        self.arm.endpoint = f"https://{HOST}:{tls_port}"
        # In a custom cloud, tokens for Log Analytics are for its endpoint.
        self.identity.aliases[self.arm.endpoint] = LOGS_AUDIENCE
        control = Control(self)

        async def plainly(request: web.BaseRequest) -> web.StreamResponse:
            if request.path.startswith(PREFIX):
                return await control.answer(request)
            return await self.front.for_token(request)

        self._plain_port = await self._listen(web.Server(plainly), None)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.front.closing.set()
        await self._running.aclose()

    async def _listen(self, server: web.Server, tls: ssl.SSLContext | None) -> int:
        """Serve on a free port of loopback until this ends; return the port."""
        runner = web.ServerRunner(server, shutdown_timeout=PATIENCE)
        await runner.setup()
        self._running.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, HOST, 0, ssl_context=tls, backlog=1024).start()
        port: int = runner.addresses[0][1]
        return port
