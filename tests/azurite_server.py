"""Azurite, Microsoft's storage emulator, as a process of its own for one run of the tests."""

import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import trustme
from azure.core.credentials import AccessToken

from shared.adapters.azure.cloud import CLOUDS
from shared.adapters.azure.storage.clients import StorageAccount, StorageClients
from tests.shared_key import signing

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "tests/azurite/node_modules/azurite/dist/src/azurite.js"
KEY = base64.b64encode(b"the key of every account of the tests").decode()
"""No secret: each run makes accounts of its own, on loopback, and forgets them at its end."""
ACCOUNTS = 2000
"""How many tests one Azurite serves: each has an account of its own, and so its own names."""
PATIENCE = 60
"""Seconds that Azurite may take to start; it takes one."""
AUDIENCE = "https://storage.azure.com"
_LISTENING = re.compile(r"(Blob|Queue|Table) service is successfully listening at (\S+)\n")


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running Azurite; `urls` are its addresses by service (blob, queue, table)."""

    urls: dict[str, str]
    ca_file: Path | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def account(self) -> StorageAccount:
        """Return an account that no other test has."""
        name = _account_name(next(self._numbers))
        return StorageAccount(*(f"{self.urls[each]}/{name}" for each in ("blob", "queue", "table")))


def account_name(account: StorageAccount) -> str:
    """Return the name of an account of Azurite: the path of its addresses."""
    return account.blob.rpartition("/")[2]


def clients(account: StorageAccount) -> StorageClients:
    """Return clients of an account as a process of its own would have them."""
    key = signing(account_name(account), KEY)
    return StorageClients(account, key, CLOUDS["public"])


def _account_name(number: int) -> str:
    return f"test{number:04}"


@contextlib.contextmanager
def running_azurite(*, tls: bool = False) -> Iterator[Azurite]:
    """Run Azurite on free ports of loopback, all in memory.

    With `tls` it wants a token (`BearerTokens`), over https, instead of the accounts' key.
    """
    node = shutil.which("node")
    if node is None or not PROGRAM.is_file():
        msg = "Azurite is not installed here, or Node is missing: run `make test` once"
        raise RuntimeError(msg)
    with tempfile.TemporaryDirectory(prefix="azurite-") as folder:
        ca_file = _certificates(Path(folder)) if tls else None
        command = [node, "--require", str(ROOT / "tests/azurite/stop_with_parent.js"), str(PROGRAM)]
        command += ["--silent", "--skipApiVersionCheck", "--disableTelemetry"]
        command += ["--inMemoryPersistence"]
        for service in ("blob", "queue", "table"):
            command += [f"--{service}Host", "127.0.0.1", f"--{service}Port", "0"]
        if tls:
            command += ["--oauth", "basic", "--cert", f"{folder}/cert.pem"]
            command += ["--key", f"{folder}/key.pem"]
        accounts = ";".join(f"{_account_name(number)}:{KEY}" for number in range(1, ACCOUNTS + 1))
        said = Path(folder, "said.txt")
        with (
            said.open("w", encoding="utf-8") as output,
            subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "AZURITE_ACCOUNTS": accounts},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            try:
                yield Azurite(_addresses(process, said), ca_file)
            finally:
                process.kill()


def _addresses(process: subprocess.Popen[bytes], said: Path) -> dict[str, str]:
    """Return where the services listen, once all do; Azurite says it."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        found = {each[1].lower(): each[2] for each in _LISTENING.finditer(said.read_text("utf-8"))}
        if len(found) == 3:
            return found
        time.sleep(0.02)
    msg = f"Azurite did not start: {said.read_text('utf-8')}"
    raise RuntimeError(msg)


def _certificates(folder: Path) -> Path:
    """Write a certificate for loopback with its key; return the file of who signed it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return folder / "ca.pem"


@dataclass
class BearerTokens:
    """An `AsyncTokenCredential` with unsigned tokens, of which Azurite reads what they say.

    `asked` are the scopes that clients asked for.
    """

    audience: str = AUDIENCE
    asked: list[str] = field(default_factory=list)

    async def get_token(self, *scopes: str, **_options: Any) -> AccessToken:  # noqa: ANN401 - as in azure-core
        """Return a token that is valid for an hour."""
        self.asked += scopes
        now = int(time.time())
        claims = {
            "aud": self.audience,
            "iss": "https://sts.windows.net/33333333-3333-3333-3333-333333333333/",
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
            "ver": "1.0",
        }
        parts = [{"alg": "none", "typ": "JWT"}, claims, {}]
        text = ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in parts
        )
        return AccessToken(text, now + 3600)

    async def close(self) -> None:
        """Nothing is held open."""

    async def __aenter__(self) -> Self:
        """Nothing to begin."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing to end."""
