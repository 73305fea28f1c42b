"""ARM: reading resources by their ids, and lists of them page by page."""

import base64
import binascii
import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import quote, urlencode

import orjson

from tests.local_azure import arm_path
from tests.local_azure.api_versions import ApiVersions
from tests.local_azure.arm_path import ArmPath
from tests.local_azure.estate import Estate
from tests.local_azure.exchange import Answer, Asked, error
from tests.local_azure.faults import Fault, Kind
from tests.local_azure.identity import CLIENT, PRINCIPAL
from tests.local_azure.permissions import Permissions
from tests.local_azure.quota import ReadQuota

Edit = Callable[[dict[str, object], str], dict[str, object]]
"""Changes a body to what an API version shows of it."""

_SKIP = "$skiptoken"
PAGE = 500


@dataclass(slots=True)
class Arm:
    """Azure Resource Manager on an estate.

    `edits` change the bodies of a type (lower case) by API version; `page_size` is the number of
    items on a page of any list.
    """

    endpoint: str
    audience: str
    estate: Estate
    permissions: Permissions
    quota: ReadQuota = field(default_factory=ReadQuota)
    versions: ApiVersions = field(default_factory=ApiVersions)
    page_size: int = PAGE
    edits: dict[str, Edit] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)

    def answers(self, asked: Asked) -> bool:
        """Whether the path is in a subscription."""
        return asked.path.lower().startswith("/subscriptions")

    def answer(self, asked: Asked, fault: Fault | None) -> Answer:
        """Answer a read as ARM does, with its headers."""
        path = arm_path.parse(asked.path)
        if path is None:
            return error(404, "InvalidResourceNamespace", f"{asked.path} is no path of ARM.")
        remaining, wait = self.quota.take(path.subscription)
        answer = self._throttled(path, wait) if wait else self._read(path, asked, fault)
        answer.headers["x-ms-ratelimit-remaining-subscription-reads"] = str(remaining)
        answer.headers["x-ms-request-id"] = f"{next(self._numbers):032x}"
        if fault is not None and fault.kind is Kind.VANISH:
            self.estate.delete(fault.resource)
        return answer

    def _throttled(self, path: ArmPath, wait: float) -> Answer:
        seconds = math.ceil(wait)
        text = (
            f"Number of 'read' requests for subscription '{path.subscription}' actor "
            f"'{PRINCIPAL}' exceeded. Please try again after '{seconds}' seconds after additional "
            "tokens are available. Refer to https://aka.ms/arm-throttling for additional "
            "information."
        )
        return error(429, "SubscriptionRequestsThrottled", text, Retry_After=str(seconds))

    def _read(self, path: ArmPath, asked: Asked, fault: Fault | None) -> Answer:
        """Answer what is not throttled: the checks in ARM's order, then the contents."""
        if asked.method != "GET":
            text = f"The HTTP method '{asked.method}' is not supported at scope '{asked.path}'."
            return error(405, "HttpMethodNotAllowed", text)
        version = asked.query.get("api-version")
        refusal = self._unknown_subscription(path) or self._forbidden(path)
        refusal = refusal or self.versions.refusal(path, version, self._location)
        if refusal is not None:
            return refusal
        stale = fault is not None and fault.kind is Kind.STALE
        if path.is_list:
            return self._list(path, asked, fault, stale=stale)
        body = self.estate.shown(path.key, stale=stale)
        if body is None:
            return self._missing(path)
        return Answer(body=self._edited(path, body, version or ""))

    def _unknown_subscription(self, path: ArmPath) -> Answer | None:
        if not path.subscription or self.estate.exists(f"/subscriptions/{path.subscription}"):
            return None
        text = f"The subscription '{path.subscription}' could not be found."
        return error(404, "SubscriptionNotFound", text)

    def _forbidden(self, path: ArmPath) -> Answer | None:
        action = f"{path.type}/read"
        scope = path.parent if path.is_list else path.key
        if self.permissions.allows(action, scope or "/"):
            return None
        text = (
            f"The client '{CLIENT}' with object id '{PRINCIPAL}' does not have authorization to "
            f"perform action '{action}' over scope '{scope or '/'}' or the scope is invalid. If "
            "access was recently granted, please refresh your credentials."
        )
        return error(403, "AuthorizationFailed", text)

    def _location(self, path: ArmPath) -> str:
        """Return the location of the top-level resource that a path is under, for messages."""
        end = path.key.find("/providers/")
        top = "/".join(path.key[end:].split("/")[:5]) if end > 0 else ""
        body = self.estate.shown(path.key[: max(end, 0)] + top)
        return str(orjson.loads(body).get("location", "")) if body else ""

    def _missing(self, path: ArmPath) -> Answer:
        """Return the 404 of a resource that is not there, or of one below such."""
        if self._lacks_parent(path):
            return self._no_parent(path)
        parts = path.key.split("/")
        group = parts[4] if "/resourcegroups/" in path.key else "<null>"
        text = (
            f"The Resource '{path.type}/{parts[-1]}' under resource group '{group}' was not found."
            " For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        )
        return error(404, "ResourceNotFound", text)

    def _lacks_parent(self, path: ArmPath) -> bool:
        return arm_path.has_keeper(path.parent) and not self.estate.exists(path.parent)

    def _no_parent(self, path: ArmPath) -> Answer:
        text = (
            f"Failed to perform 'read' on resource(s) of type '{path.type.partition('/')[2]}', "
            f"because the parent resource '{path.parent}' could not be found."
        )
        return error(404, "ParentResourceNotFound", text)

    def _edited(self, path: ArmPath, body: bytes, version: str) -> bytes:
        edit = self.edits.get(path.type.lower())
        return body if edit is None else orjson.dumps(edit(orjson.loads(body), version))

    # --- lists ---

    def _list(self, path: ArmPath, asked: Asked, fault: Fault | None, *, stale: bool) -> Answer:
        """Answer one page of a list."""
        if self._lacks_parent(path):
            return self._no_parent(path)
        version = asked.query.get("api-version", "")
        keys = self.estate.listed(path.key, stale=stale)
        token = asked.query.get(_SKIP, "")
        try:
            after = _key_in(token)
        except ValueError:
            return error(400, "InvalidSkipToken", f"The skip token '{token}' is invalid.")
        start = _after(keys, after)
        page = keys[start : start + self.page_size]
        bodies = [self.estate.shown(key, stale=stale) for key in page]
        items = [self._edited(path, body, version) for body in bodies if body is not None]
        if not keys:
            items = self._shown_in_parent(path, stale=stale)
        more = start + self.page_size < len(keys)
        following = self._link(asked, _token(page[-1])) if more else ""
        if fault is not None:
            following = self._faulty_link(asked, fault, after, following)
        tail = b'],"nextLink":' + orjson.dumps(following) + b"}" if following else b"]}"
        return Answer(body=b'{"value":[' + b",".join(items) + tail)

    def _shown_in_parent(self, path: ArmPath, *, stale: bool) -> list[bytes]:
        """Return children that the estate gives in the body of their parent only."""
        name = path.key.rpartition("/")[2]
        body = self.estate.shown(path.parent, stale=stale)
        properties = orjson.loads(body).get("properties") if body else None
        if not isinstance(properties, dict):
            return []
        if name == "privateendpointconnections":
            return [orjson.dumps(each) for each in properties.get("privateEndpointConnections", ())]
        if name != "outboundrules":
            return []
        network = properties.get("managedNetwork")
        rules = network.get("outboundRules") if isinstance(network, dict) else None
        return [
            orjson.dumps(
                {"id": f"{path.key}/{rule}", "name": rule, "type": path.type, "properties": body}
            )
            for rule, body in (rules if isinstance(rules, dict) else {}).items()
        ]

    def _link(self, asked: Asked, token: str) -> str:
        query = {**asked.query, _SKIP: token}
        return f"{self.endpoint}{quote(asked.path)}?{urlencode(query)}"

    def _faulty_link(self, asked: Asked, fault: Fault, after: str, following: str) -> str:
        """Return the link to the next page as a fault has it; `after` is where this one began."""
        again = self._link(asked, _token(after, next(self._numbers)))
        if fault.kind is Kind.REPEAT_PAGE:
            return f"{self.endpoint}{asked.target}"
        if fault.kind is Kind.ENDLESS:
            return following or again
        if fault.kind is Kind.FOREIGN_PAGE:
            return fault.host + (following or again).removeprefix(self.endpoint)
        return following


def _token(key: str, number: int = 0) -> str:
    """Return the skip token of the page behind a key; lists change while they are read.

    Tokens of one page that differ in their `number` make links that differ.
    """
    return base64.urlsafe_b64encode(f"{number} {key}".encode()).decode()


def _key_in(token: str) -> str:
    """Read a skip token.

    Raises:
        ValueError: it is none.
    """
    try:
        plain = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except binascii.Error as wrong:
        raise ValueError(token) from wrong
    return plain.partition(" ")[2]


def _after(keys: list[str], last: str) -> int:
    """Return where the page behind a key begins."""
    return bisect_right(keys, last) if last else 0
