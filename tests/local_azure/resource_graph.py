"""Resource Graph: finding and counting resources by query."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

import orjson

from tests.local_azure import arm_path, kql
from tests.local_azure.api_versions import ApiVersions
from tests.local_azure.arm_path import ArmPath
from tests.local_azure.estate import TENANT, Estate
from tests.local_azure.exchange import Answer, Asked, error
from tests.local_azure.faults import Fault, Kind
from tests.local_azure.permissions import Permissions
from tests.local_azure.quota import QueryQuota

ACTION = "Microsoft.ResourceGraph/resources/read"
"""What whoever asks must be allowed to."""
PATH = "/providers/microsoft.resourcegraph/resources"
LARGEST_PAGE = 1000
"""Records of a page, also where a query asks for more."""
_ITSELF = ArmPath(
    PATH, "Microsoft.ResourceGraph/resources", is_list=True, subscription="", parent=""
)
_SUBSCRIPTION = "microsoft.resources/subscriptions"


@dataclass(slots=True)
class ResourceGraph:
    """Queries on an estate, which they may lag behind.

    `page_size` limits every page. `hide` and `keep` are how the graph lags.
    """

    audience: str
    estate: Estate
    permissions: Permissions
    versions: ApiVersions = field(default_factory=ApiVersions)
    quota: QueryQuota = field(default_factory=QueryQuota)
    page_size: int = LARGEST_PAGE
    _hidden: set[str] = field(default_factory=set)
    _kept: dict[str, bytes] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)
    _last: tuple[object, list[dict[str, object]]] = (None, [])
    """The last result and what it depends on: its further pages cost nothing more."""

    def hide(self, resource_id: str) -> None:
        """Do not show a resource yet, though it exists."""
        self._hidden.add(resource_id.lower())

    def keep(self, resource_id: str) -> None:
        """Go on showing a resource as it is now, also when it is deleted.

        Raises:
            KeyError: it does not exist.
        """
        body = self.estate.shown(resource_id.lower())
        if body is None:
            raise KeyError(resource_id)
        self._kept[resource_id.lower()] = body

    def catch_up(self) -> None:
        """Show the estate as it is."""
        self._hidden.clear()
        self._kept.clear()

    def answers(self, asked: Asked) -> bool:
        """Whether it is a query."""
        return asked.path.lower() == PATH

    def answer(self, asked: Asked, fault: Fault | None) -> Answer:
        """Answer a query, with the headers of the quota."""
        is_answered, remaining, seconds = self.quota.take()
        if is_answered:
            answer = self._checked(asked, fault)
        else:
            text = "Client application has been throttled and should not attempt to repeat."
            answer = error(429, "RateLimiting", text, Retry_After=str(seconds))
        if fault is not None and fault.kind is Kind.VANISH:
            self.estate.delete(fault.resource)
        answer.headers["x-ms-user-quota-remaining"] = str(remaining)
        answer.headers["x-ms-user-quota-resets-after"] = f"00:00:{seconds:02}"
        return answer

    def _checked(self, asked: Asked, fault: Fault | None) -> Answer:
        """Answer a query that is not throttled."""
        if asked.method != "POST":
            text = f"The HTTP method '{asked.method}' is not supported at scope '{asked.path}'."
            return error(405, "HttpMethodNotAllowed", text)
        refusal = self.versions.refusal(_ITSELF, asked.query.get("api-version"), lambda _: "global")
        if refusal is not None:
            return refusal
        try:
            wanted = orjson.loads(asked.body)
            query = kql.parse(wanted["query"])
            options = wanted.get("options") or {}
            start = _start(options.get("$skipToken")) + int(options.get("$skip", 0))
            top = min(int(options.get("$top", LARGEST_PAGE)), self.page_size)
            scope = self._scope(wanted)
        except (kql.InvalidQueryError, KeyError, TypeError, ValueError) as wrong:
            return _invalid(str(wrong))
        if not self._may_ask(scope):
            text = f"The client does not have authorization to perform action '{ACTION}'."
            return error(403, "AuthorizationFailed", text)
        rows = self._result(query, str(wanted["query"]), scope)
        return _page(query, rows, (start, top), options, self._turn(fault))

    def _may_ask(self, scope: frozenset[str] | None) -> bool:
        """Whether the query itself is allowed anywhere that it asks about."""
        places = ["/"] if scope is None else [f"/subscriptions/{each}" for each in scope]
        return not places or any(self.permissions.allows(ACTION, each) for each in places)

    def _turn(self, fault: Fault | None) -> str | None:
        """Return the skip token that a fault gives in place of the right one."""
        if fault is None or fault.kind not in {Kind.ENDLESS, Kind.REPEAT_PAGE}:
            return None
        return _token(0, next(self._numbers) if fault.kind is Kind.ENDLESS else 0)

    def _scope(self, wanted: Mapping[str, object]) -> frozenset[str] | None:
        """Return the subscriptions that a request asks about; None: all."""
        named, groups = wanted.get("subscriptions"), wanted.get("managementGroups")
        if isinstance(named, list) and named:
            return frozenset(str(each).lower() for each in named)
        if isinstance(groups, list) and groups:
            above = {str(each).lower() for each in groups}
            return frozenset(
                subscription
                for subscription, ancestors in self.estate.management_groups.items()
                if above & {each.lower() for each in ancestors}
            )
        return None

    def _result(
        self, query: kql.Query, text: str, scope: frozenset[str] | None
    ) -> list[dict[str, object]]:
        """Return all rows of a result, from the last time if nothing has changed."""
        lag = (frozenset(self._hidden), tuple(self._kept.items()))
        groups = tuple((name, *above) for name, above in self.estate.management_groups.items())
        depends = (text, scope, self.estate.writes, self.permissions.changes, lag, groups)
        if self._last[0] != depends:
            rows = self._rows(query, scope)
            is_counted = query.count_as is not None
            shaped = query.counted(rows) if is_counted else [query.shape(row) for row in rows]
            self._last = (depends, shaped)
        return self._last[1]

    def _rows(self, query: kql.Query, scope: frozenset[str] | None) -> list[kql.Row]:
        """Return the rows that a query selects, in its order, not yet reduced to columns."""
        found: list[kql.Row] = []
        for path in self._candidates(query):
            hidden = path.key in self._hidden or (
                scope is not None and path.subscription not in scope
            )
            if hidden or not self.permissions.allows(f"{path.type}/read", path.key):
                continue
            body = self._kept.get(path.key) or self.estate.shown(path.key)
            row = self._row(path, orjson.loads(body or b"{}"))
            if query.meets(row):
                found.append(row)
        # Always in some fixed order, so that pages cover everything once.
        order = query.order or "id"
        return sorted(found, key=lambda row: str(row.get(order)).lower(), reverse=query.descending)

    def _candidates(self, query: kql.Query) -> Iterator[ArmPath]:
        """Go through what may be in the result: top-level resources, or subscriptions."""
        if query.table == "resourcecontainers":
            keys = [f"/subscriptions/{each}" for each in self.estate.subscriptions]
        else:
            types = self.estate.types if query.types is None else query.types
            keys = [key for kind in types for key in self.estate.of_type(kind)]
            keys = [*dict.fromkeys([*keys, *self._kept])]
        for key in keys:
            path = arm_path.parse(key)
            if path is not None and (
                path.type.lower() == _SUBSCRIPTION or arm_path.subscription_list(path) is not None
            ):
                yield path

    def _row(self, path: ArmPath, body: Mapping[str, object]) -> kql.Row:
        """Return a resource with the columns of Resource Graph."""
        parts = path.key.split("/")
        properties = body.get("properties") or {}
        if path.type.lower() == _SUBSCRIPTION:
            groups = self.estate.management_groups.get(path.subscription, [])
            chain = [{"displayName": each, "name": each} for each in groups]
            properties = {"state": "Enabled", "managementGroupAncestorsChain": chain}
        return {
            "id": body.get("id"),
            "name": body.get("displayName") or body.get("name") or parts[-1],
            "type": path.type.lower(),
            "tenantId": TENANT,
            "kind": body.get("kind") or "",
            "location": str(body.get("location") or "").lower().replace(" ", ""),
            "resourceGroup": parts[4] if len(parts) > 4 else "",
            "subscriptionId": path.subscription,
            "managedBy": body.get("managedBy") or "",
            "sku": body.get("sku"),
            "plan": body.get("plan"),
            "properties": properties,
            "tags": body.get("tags"),
            "identity": body.get("identity"),
            "zones": body.get("zones"),
            "extendedLocation": body.get("extendedLocation"),
        }


def _invalid(why: str) -> Answer:
    """Return the refusal of a query, in the form of Resource Graph."""
    text = "Please provide below info when asking for support."
    details = [{"code": "InvalidQuery", "message": f"Query is invalid: {why}"}]
    content = {"error": {"code": "BadRequest", "message": text, "details": details}}
    return Answer(400, orjson.dumps(content))


def _page(
    query: kql.Query,
    rows: list[dict[str, object]],
    window: tuple[int, int],
    options: Mapping[str, object],
    turn: str | None,
) -> Answer:
    """Return one page of a result."""
    start, top = window
    page = rows[start : start + top]
    cut = start + top < len(rows)
    content: dict[str, object] = {
        "totalRecords": len(rows),
        "count": len(page),
        "data": _table(page) if options.get("resultFormat") == "table" else page,
        "facets": [],
        # Rows without their id are cut off; the rest is to be had by `$skip` alone.
        "resultTruncated": "true" if cut and not query.pages else "false",
    }
    if cut and query.pages:
        content["$skipToken"] = _token(start + top)
    if turn is not None:
        content["$skipToken"] = turn
    return Answer(body=orjson.dumps(content))


def _table(rows: list[dict[str, object]]) -> dict[str, object]:
    """Return rows in the form `table`."""
    names = list(rows[0]) if rows else []
    columns = [{"name": name, "type": "string"} for name in names]
    return {"columns": columns, "rows": [list(row.values()) for row in rows]}


def _token(start: int, number: int = 0) -> str:
    return base64.b64encode(f"{start} {number}".encode()).decode()


def _start(token: object) -> int:
    """Read a skip token.

    Raises:
        ValueError: it is none.
    """
    if token is None:
        return 0
    try:
        return int(base64.b64decode(str(token), validate=True).split()[0])
    except (binascii.Error, IndexError) as wrong:
        raise ValueError(token) from wrong
