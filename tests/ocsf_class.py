"""The rules of OCSF 1.8.0 for a Compliance Finding, written down by hand, and who holds to them.

Source: ocsf-schema, release 1.8.0 (2026-03-16): events/base_event.json, finding.json and
compliance_finding.json under events/findings/, the objects of the same names under objects/,
profiles/cloud.json and datetime.json, and the types in dictionary.json. Of each object only
attributes are here that are not deprecated and that a monitor of cloud resources could come to use:
any other one is refused.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Json = Mapping[str, Any]

CLASS = "compliance_finding"
ATTRIBUTES: Mapping[str, str] = {
    # A name with ! is required. [] is an array. All else is the name of a type or of an object.
    CLASS: (
        "activity_id!:integer activity_name:string category_uid!:integer category_name:string"
        " class_uid!:integer class_name:string type_uid!:integer type_name:string time!:timestamp"
        " timezone_offset:integer severity_id!:integer severity:string status_id:integer"
        " status:string status_code:string status_detail:string message:string count:integer"
        " start_time:timestamp end_time:timestamp confidence_id:integer metadata!:metadata"
        " finding_info!:finding_info compliance!:compliance resources:[]resource_details"
        " remediation:remediation evidences:[]evidences observables:[]observable"
        " raw_data:string unmapped:json cloud!:cloud"
    ),
    "metadata": (
        "version!:string product!:product profiles:[]string uid:string event_code:string"
        " correlation_uid:string log_name:string log_provider:string log_version:string"
        " logged_time:timestamp processed_time:timestamp original_time:string sequence:integer"
        " labels:[]string tenant_uid:string"
    ),
    "product": (
        "name:string uid:string vendor_name:string version:string feature:json lang:string"
        " path:string url_string:string"
    ),
    "finding_info": (
        "uid!:string title:string desc:string types:[]string analytic:analytic src_url:string"
        " created_time:timestamp modified_time:timestamp first_seen_time:timestamp"
        " last_seen_time:timestamp data_sources:[]string uid_alt:string"
    ),
    "analytic": (
        "uid:string name:string type_id!:integer type:string category:string desc:string"
        " version:string"
    ),
    "compliance": (
        "control:string standards:[]string requirements:[]string category:string desc:string"
        " status_id:integer status:string status_code:string status_details:[]string"
    ),
    "resource_details": (
        "uid:string name:string type:string role_id:integer role:string group:group owner:user"
        " region:string cloud_partition:string provider:string namespace:string labels:[]string"
        " data:json version:string"
    ),
    "group": "uid:string name:string type:string desc:string",
    "user": "uid:string name:string type_id:integer type:string email_addr:string",
    "cloud": "provider!:string account:account cloud_partition:string region:string zone:string",
    "account": "uid:string name:string type_id:integer type:string",
    "remediation": "desc!:string references:[]string",
    "evidences": "uid:string name:string data:json actor:actor resources:[]resource_details",
    "actor": "user:user app_name:string app_uid:string",
    "observable": "name:string value:string type_id!:integer type:string",
}
AT_LEAST_ONE: Mapping[str, frozenset[str]] = {
    "product": frozenset({"name", "uid"}),
    "analytic": frozenset({"name", "uid"}),
    "resource_details": frozenset({"name", "uid"}),
    "group": frozenset({"name", "uid"}),
    "user": frozenset({"account", "name", "uid"}),
    "account": frozenset({"name", "uid"}),
    "evidences": frozenset({"actor", "data", "resources"}),
    "actor": frozenset({"user", "app_name", "app_uid"}),
}
ENUMS: Mapping[tuple[str, str], Mapping[int, str]] = {
    (CLASS, "activity_id"): {0: "Unknown", 1: "Create", 2: "Update", 3: "Close", 99: "Other"},
    (CLASS, "category_uid"): {2: "Findings"},
    (CLASS, "class_uid"): {2003: "Compliance Finding"},
    (CLASS, "severity_id"): {
        0: "Unknown",
        1: "Informational",
        2: "Low",
        3: "Medium",
        4: "High",
        5: "Critical",
        6: "Fatal",
        99: "Other",
    },
    (CLASS, "status_id"): {
        0: "Unknown",
        1: "New",
        2: "In Progress",
        3: "Suppressed",
        4: "Resolved",
        5: "Archived",
        6: "Deleted",
        99: "Other",
    },
    ("compliance", "status_id"): {0: "Unknown", 1: "Pass", 2: "Warning", 3: "Fail", 99: "Other"},
    ("analytic", "type_id"): {0: "Unknown", 1: "Rule", 99: "Other"},
    ("resource_details", "role_id"): {1: "Target", 2: "Actor", 3: "Affected", 4: "Related"},
    ("account", "type_id"): {0: "Unknown", 13: "Azure Subscription", 99: "Other"},
    ("observable", "type_id"): {4: "User Name", 10: "Resource UID", 99: "Other"},
    ("user", "type_id"): {0: "Unknown", 1: "User", 99: "Other"},
}
SIBLINGS = {
    "activity_id": "activity_name",
    "category_uid": "category_name",
    "class_uid": "class_name",
    "severity_id": "severity",
    "status_id": "status",
    "type_id": "type",
    "role_id": "role",
}
DATETIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
IS_OF_TYPE: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    # A year in seconds or microseconds is far from what this millennium is in milliseconds.
    "timestamp": lambda value: type(value) is int and 10**12 <= value < 10**13,
    "datetime": lambda value: isinstance(value, str) and DATETIME.fullmatch(value) is not None,
    "json": lambda _: True,
}


def problems(event: Json) -> list[str]:
    """Return what is wrong with an event."""
    wrong = list(_problems_of(event, CLASS, ""))
    if wrong:
        return wrong
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        wrong.append("type_uid is not made of the class and the activity")
    if event["type_name"] != f"{event['class_name']}: {event['activity_name']}":
        wrong.append("type_name is not made of the class and the activity")
    if event["metadata"]["version"] != "1.8.0":
        wrong.append("metadata.version is another one")
    if set(event["metadata"]["profiles"]) != {"cloud", "datetime"}:
        wrong.append("metadata.profiles are not those that are used")
    return wrong


def _problems_of(value: Json, kind: str, path: str) -> list[str]:
    """Return what is wrong with an object."""
    if not isinstance(value, dict):
        return [f"{path} is no object"]
    known = dict(each.split(":") for each in ATTRIBUTES[kind].split())
    types = {name.rstrip("!"): each for name, each in known.items()}
    # The profile datetime puts a text beside every time.
    types |= {f"{name}_dt": "datetime" for name, each in types.items() if each == "timestamp"}
    wrong = [
        f"{path}.{name[:-1]} is required"
        for name in known
        if name.endswith("!") and value.get(name[:-1]) is None
    ]
    if kind in AT_LEAST_ONE and not AT_LEAST_ONE[kind] & value.keys():
        wrong.append(f"{path} needs one of {', '.join(sorted(AT_LEAST_ONE[kind]))}")
    for name, each in value.items():
        if name not in types:
            wrong.append(f"{path}.{name} is no attribute of {kind}")
            continue
        wrong += _problems_of_value(each, types[name], f"{path}.{name}")
        wrong += _problems_of_word(value, kind, name, path)
    return wrong


def _problems_of_value(value: Any, kind: str, path: str) -> list[str]:  # noqa: ANN401 - JSON
    """Return what is wrong with the value of an attribute."""
    if kind.startswith("[]"):
        if not isinstance(value, list):
            return [f"{path} is no array"]
        return [
            problem
            for at, item in enumerate(value)
            for problem in _problems_of_value(item, kind[2:], f"{path}[{at}]")
        ]
    if kind in ATTRIBUTES:
        return _problems_of(value, kind, path)
    return [] if IS_OF_TYPE[kind](value) else [f"{path} is no {kind}: {value!r}"]


def _problems_of_word(value: Json, kind: str, name: str, path: str) -> list[str]:
    """Return what is wrong with a number of an enumeration, and with the caption beside it."""
    if (kind, name) not in ENUMS:
        return []
    words, number = ENUMS[kind, name], value[name]
    if number not in words:
        return [f"{path}.{name} is none of its numbers: {number!r}"]
    caption = value.get(SIBLINGS[name])
    # What Other is, the source says.
    right = bool(caption) if number == 99 else caption == words[number]
    return [] if right else [f"{path}.{SIBLINGS[name]} is not the caption of {number}: {caption!r}"]
