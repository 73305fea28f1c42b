"""ARM JSON in every form that people have it in, and input that is none."""

import codecs
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.adapters.local.documents import (
    DEEPEST,
    LARGEST,
    Skipped,
    UnusableInputError,
    parse_json,
    resources_in,
)
from shared.adapters.local.readings import estate_reading, open_world_snapshot
from shared.adapters.local.resource_index import ResourceIndex
from shared.domain.resource import Resource
from shared.domain.topology import CORE_SOURCES, DEEP_SOURCES, REFERENCED_TYPES, source_of

GROUP = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg/providers"
ACCOUNT = f"{GROUP}/Microsoft.CognitiveServices/accounts/acct"
DEPLOYMENT = f"{ACCOUNT}/deployments/chat"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ws"
SAMPLES = Path(__file__).resolve().parents[6] / "shared" / "samples" / "arm"


def read(value: object) -> list[Resource | Skipped]:
    """Read a document as it is when it was written to a file."""
    return list(resources_in(parse_json(json.dumps(value).encode())))


def resources(value: object) -> list[Resource]:
    """Read a document that holds nothing but resources."""
    found = read(value)
    assert not [each for each in found if isinstance(each, Skipped)]
    return [each for each in found if isinstance(each, Resource)]


def skipped(value: object) -> Skipped:
    """Read a document of which one part is left out, and nothing is judged."""
    (found,) = read(value)
    assert isinstance(found, Skipped)
    return found


def ids(value: object) -> list[str]:
    """Return the ids of the resources of a document."""
    return [each.id.text for each in resources(value)]


# --- forms ---


def test_one_resource_is_read_with_its_id_body_and_api_version() -> None:
    """The answer of one GET, or `az cognitiveservices account show`."""
    body = {"id": ACCOUNT, "kind": "OpenAI", "properties": {"a": None}, "apiVersion": "2026-05-01"}

    (account,) = resources(body)

    assert (account.id.text, account.kind, account.body) == (ACCOUNT, "OpenAI", body)
    assert account.api_version == "2026-05-01"


@pytest.mark.parametrize(
    "form",
    [
        pytest.param([{"id": ACCOUNT}, {"id": DEPLOYMENT}], id="array (az … list)"),
        pytest.param({"value": [{"id": ACCOUNT}, {"id": DEPLOYMENT}]}, id="list answer"),
        pytest.param(
            {"value": [{"id": ACCOUNT}, {"id": DEPLOYMENT}], "nextLink": "https://…"}, id="one page"
        ),
        pytest.param(
            {"count": 2, "data": [{"id": ACCOUNT}, {"id": DEPLOYMENT}], "skip_token": None},
            id="Resource Graph (az graph query)",
        ),
        pytest.param([{"value": [{"id": ACCOUNT}]}, {"data": [{"id": DEPLOYMENT}]}], id="pages"),
        pytest.param([[[{"id": ACCOUNT}]], {"id": DEPLOYMENT}], id="arrays in arrays"),
        pytest.param(
            {"responses": {"200": {"body": [{"id": ACCOUNT}, {"id": DEPLOYMENT}]}}},
            id="REST example with an array",
        ),
    ],
)
def test_lists_in_every_form_are_read_in_order(form: object) -> None:
    """Each resource in them, from the first to the last."""
    assert ids(form) == [ACCOUNT, DEPLOYMENT]


def test_an_empty_list_holds_nothing() -> None:
    """That is no fault: there may be none."""
    forms: list[object] = [[], {"value": []}, {"data": []}]
    for form in forms:
        assert read(form) == []


def test_a_rest_example_states_the_api_version_of_its_bodies() -> None:
    """Its parameter `api-version` was used to read what its responses show."""
    body = {"value": [{"id": ACCOUNT}, {"id": DEPLOYMENT}]}
    example_ = {"parameters": {"api-version": "2025-12-01"}, "responses": {"200": {"body": body}}}

    assert [each.api_version for each in resources(example_)] == ["2025-12-01", "2025-12-01"]


def test_a_rest_example_is_read_once_though_several_answers_show_it() -> None:
    """Of 200 and 201 the first, of an answer and an error the answer, in whichever order."""
    error = {"body": {"error": {"code": "Conflict"}}}
    one, two = {"body": {"id": ACCOUNT}}, {"body": {"id": DEPLOYMENT}}

    assert ids({"responses": {"201": two, "200": one, "202": {}}}) == [ACCOUNT]
    assert ids({"responses": {"default": error, "200": one}}) == [ACCOUNT]


@pytest.mark.parametrize("responses", [{}, {"204": {}}, {"200": None}, {"200": {"body": "text"}}])
def test_a_rest_example_without_a_body_is_named_as_such(responses: object) -> None:
    """An example of a deletion, say."""
    assert skipped({"responses": responses}).what == "a REST example"


def test_parameters_of_a_rest_example_that_state_no_version_state_none() -> None:
    """Whatever stands there instead."""
    stated: list[object] = [None, [], {}, {"api-version": None}, {"api-version": "latest"}]
    for parameters in stated:
        example_ = {"parameters": parameters, "responses": {"200": {"body": {"id": ACCOUNT}}}}
        (account,) = resources(example_)
        assert account.api_version is None


def test_a_capitalised_export_has_arm_s_names() -> None:
    """`Get-AzResource -ExpandProperties | ConvertTo-Json`, with its doubled and empty keys."""
    export = {
        "ResourceId": ACCOUNT,
        "Id": None,
        "Name": "acct",
        "ResourceName": "acct",
        "ResourceType": "Microsoft.CognitiveServices/accounts",
        "Type": None,
        "Kind": "AIServices",
        "Location": "westus",
        "Tags": {"Data": "regulated"},
        "Sku": {"Name": "S0", "Tier": None},
        "Identity": {"PrincipalId": "p", "Type": "SystemAssigned"},
        "Properties": {"publicNetworkAccess": "Disabled", "Endpoint": "kept as it is"},
        "ApiVersion": "2025-06-01",
        "SubscriptionId": "0",
        "ETag": None,
    }

    (account,) = resources(export)

    assert account.id.text == ACCOUNT
    assert account.kind == "AIServices"
    assert account.text("location").value == "westus"
    assert account.body["tags"] == {"Data": "regulated"}
    assert account.text("sku.name").value == "S0"
    assert account.text("identity.type").value == "SystemAssigned"
    assert account.body["properties"] == export["Properties"]
    assert account.api_version == "2025-06-01"
    assert account.body["type"] == "Microsoft.CognitiveServices/accounts"


def test_a_list_of_capitalised_exports_is_read() -> None:
    """With more than one resource PowerShell writes an array."""
    assert ids([{"ResourceId": ACCOUNT}, {"Id": DEPLOYMENT}]) == [ACCOUNT, DEPLOYMENT]


def test_an_export_may_have_an_id_of_several_spellings() -> None:
    """All name the same resource; one that is there counts before one that is null."""
    for keys in ({"ResourceId": ACCOUNT, "Id": None}, {"Id": None, "ResourceId": ACCOUNT}):
        assert ids(keys) == [ACCOUNT]


def test_arm_s_own_spelling_is_not_changed() -> None:
    """With `id` in it, a document is ARM's, whatever other keys it has."""
    body = {"id": ACCOUNT, "Kind": "x", "sku": {"Name": "S0"}}

    (account,) = resources(body)

    assert account.body == body


def test_a_resource_that_has_a_list_called_value_is_a_resource() -> None:
    """Its id says so."""
    assert ids({"id": ACCOUNT, "value": [{"id": DEPLOYMENT}]}) == [ACCOUNT]
    assert ids({"ResourceId": ACCOUNT, "data": []}) == [ACCOUNT]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2025-12-01", "2025-12-01"),
        ("2026-07-15-preview", "2026-07-15-preview"),
        ("2026-07-15-PREVIEW", None),
        ("2025-12-01-beta", None),
        ("2025-12-1", None),
        ("[parameters('version')]", None),
        ("", None),
        (20251201, None),
        (None, None),
        (["2025-12-01"], None),
    ],
)
def test_only_what_looks_like_an_api_version_is_one(stated: object, expected: object) -> None:
    """Anything else proves nothing about how the resource was read."""
    (account,) = resources({"id": ACCOUNT, "apiVersion": stated})

    assert account.api_version == expected


def test_a_resource_s_own_api_version_counts_before_its_document_s() -> None:
    """It is the closer statement."""
    bodies = [{"id": ACCOUNT, "apiVersion": "2024-10-01"}, {"id": DEPLOYMENT, "apiVersion": "?"}]
    example_ = {
        "parameters": {"api-version": "2025-12-01"},
        "responses": {"200": {"body": {"value": bodies}}},
    }

    assert [each.api_version for each in resources(example_)] == ["2024-10-01", "2025-12-01"]


@pytest.mark.parametrize(
    "text",
    [
        ACCOUNT.upper(),
        ACCOUNT.lower(),
        f" {ACCOUNT}/ ",
        "/subscriptions/{id}/resourceGroups/{rg}/providers/Microsoft.CognitiveServices/accounts/{a}",
        "/subscriptions/s/providers/Microsoft.CognitiveServices/accounts/a",
    ],
)
def test_ids_are_taken_as_azure_and_its_documentation_spell_them(text: str) -> None:
    """In any case, with a slash at the end, with placeholders for names."""
    (account,) = resources({"id": text})

    assert account.id.text == text.strip().rstrip("/")


# --- what is left out ---


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null is no ARM resource"),
        ("text", "str is no ARM resource"),
        (1, "int is no ARM resource"),
        (1.5, "float is no ARM resource"),
        (True, "bool is no ARM resource"),
    ],
)
def test_what_is_no_object_is_named(value: object, words: str) -> None:
    """A stray value in a list spoils nothing."""
    assert skipped(value) == Skipped("a JSON value", words)
    assert [each for each in read([value, {"id": ACCOUNT}]) if isinstance(each, Resource)]


def test_an_object_without_an_id_is_no_resource() -> None:
    """An event, a parameter file, a schema, an empty object."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    values = ({"eventType": "x"}, {"value": {"id": ACCOUNT}}, schema, {"$schema": 7})
    for value in ({}, {"id": None}, *values):
        assert skipped(value) == Skipped("a JSON object", "no ARM resource: it has no id")


@pytest.mark.parametrize(
    "schema",
    [
        "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
        "http://schema.management.azure.com/schemas/2019-08-01/tenantDeploymentTemplate.json#",
    ],
)
def test_a_template_is_named_and_skipped(schema: str) -> None:
    """It says what would be deployed, not what is, and its ids are expressions."""
    template = {"$schema": schema, "resources": [{"type": "x", "id": ACCOUNT}]}

    assert skipped(template).what == "an ARM template"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("string", "does not begin with /subscriptions/<id>"),
        ("", "does not begin with /subscriptions/<id>"),
        ("[resourceId('a', 'b')]", "does not begin with /subscriptions/<id>"),
        (7, "a resource id must be text, not int"),
        ({"id": ACCOUNT}, "a resource id must be text, not dict"),
        ([ACCOUNT], "a resource id must be text, not list"),
        (False, "a resource id must be text, not bool"),
        (f"{ACCOUNT}\n", "holds control characters"),
        ("/subscriptions/s/resourceGroups/g", "names a resource group, not a resource"),
        (ACCOUNT + "x" * 2100, "longer than 2048 characters"),
    ],
)
def test_an_id_that_is_none_is_named_with_what_is_wrong(text: object, reason: str) -> None:
    """Shortened where it is long."""
    found = skipped({"id": text})

    assert found.reason.endswith(reason)
    assert found.reason.startswith("no ARM resource by its id: ")
    assert found.what == str(text)[:200]


@pytest.mark.parametrize(
    ("below", "kind"),
    [
        ("Microsoft.Compute/disks/d", "Microsoft.Compute/disks"),
        (
            "Microsoft.CognitiveServices/accounts/a/commitmentPlans/p",
            "Microsoft.CognitiveServices/accounts/commitmentPlans",
        ),
        (
            "Microsoft.CognitiveServices/accounts/a/providers/Microsoft.Insights/settings/s",
            "Microsoft.Insights/settings",
        ),
        (
            "Microsoft.Foo/bars/b/providers/Microsoft.CognitiveServices/accounts/a",
            "Microsoft.CognitiveServices/accounts",
        ),
        (
            "Microsoft.Foo/bars/b/providers/Microsoft.CognitiveServices/accounts/a/deployments/d",
            "Microsoft.CognitiveServices/accounts/deployments",
        ),
    ],
)
def test_a_resource_of_no_type_of_ours_is_named_with_its_type(below: str, kind: str) -> None:
    """A type that no control judges, and one of ours where it cannot be."""
    found = skipped({"id": f"{GROUP}/{below}"})

    assert found == Skipped(f"{GROUP}/{below}", f"no control judges {kind}")


def test_one_broken_part_leaves_the_others() -> None:
    """Each part stands for itself."""
    found = read([{"id": 1}, {"id": ACCOUNT}, {}, {"value": [{"id": DEPLOYMENT}, None]}])

    assert [type(each).__name__ for each in found] == [
        "Skipped",
        "Resource",
        "Skipped",
        "Resource",
        "Skipped",
    ]


# --- encodings and limits ---


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"id": "ü"}, ensure_ascii=False).encode(),
        codecs.BOM_UTF8 + json.dumps({"id": "ü"}, ensure_ascii=False).encode(),
        json.dumps({"id": "ü"}, ensure_ascii=False).encode("utf-16"),
        json.dumps({"id": "ü"}, ensure_ascii=False).encode("utf-16-le"),
        json.dumps({"id": "ü"}, ensure_ascii=False).encode("utf-16-be"),
        json.dumps({"id": "ü"}, ensure_ascii=False).encode("utf-32"),
        b'{"id": "\\u00fc"}',
        b'\r\n\t {"id": "\xc3\xbc"} \n',
    ],
)
def test_unicode_in_any_encoding_is_read(data: bytes) -> None:
    """PowerShell writes UTF-16 or UTF-8 with a byte order mark."""
    assert parse_json(data) == {"id": "ü"}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \r\n\t", id="white space"),
        pytest.param(codecs.BOM_UTF8, id="byte order mark"),
        pytest.param(codecs.BOM_UTF16_LE, id="UTF-16 byte order mark"),
        pytest.param(b"{", id="broken off"),
        pytest.param(b'{"id": 1} {"id": 2}', id="two values"),
        pytest.param(b"{'id': 1}", id="single quotes"),
        pytest.param(b'{"id": 1,}', id="trailing comma"),
        pytest.param(b"// comment\n{}", id="comment"),
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b'{"a": Infinity}', id="Infinity"),
        pytest.param(b'{"a": 1e999}', id="a number out of range"),
        pytest.param(b'{"a": "\\ud800"}', id="lone surrogate, escaped"),
        pytest.param(b'{"a": "\xed\xa0\x80"}', id="lone surrogate, encoded"),
        pytest.param('{"a": "'.encode("utf-16-le") + b'\x00\xd8"\x00}\x00', id="in UTF-16"),
        pytest.param(b'{"a": "\xff"}', id="Latin-1"),
        pytest.param(b"\xff\xfe{", id="half a UTF-16 character"),
        pytest.param(b"\x00", id="NUL"),
        pytest.param(b"PK\x03\x04 a zip file \x00\x00\x00\x00", id="a zip file"),
        pytest.param(b"[" * 200_000, id="200,000 brackets"),
        pytest.param(b"[" * 200_000 + b"]" * 200_000, id="200,000 pairs of brackets"),
        pytest.param(b'{"a":' * 200_000 + b"1" + b"}" * 200_000, id="200,000 objects"),
    ],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    """With a reason, which is one line."""
    with pytest.raises(UnusableInputError) as refused:
        parse_json(data)

    reason = str(refused.value)
    assert reason
    assert "\n" not in reason


def test_a_document_may_be_nested_so_deep_and_no_deeper() -> None:
    """Everything that goes through it by recursion can rely on it."""
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        parse_json(opening * DEEPEST + b"1" + closing * DEEPEST)
        parse_json(opening * DEEPEST + b"[]" + closing * DEEPEST)
        with pytest.raises(UnusableInputError, match="nested deeper than 100 levels"):
            parse_json(opening * (DEEPEST + 2) + b"1" + closing * (DEEPEST + 2))


def test_more_than_the_limit_is_refused_before_it_is_parsed() -> None:
    """So much JSON would take several times as much memory."""
    with pytest.raises(UnusableInputError, match="larger than 64 MiB; split it"):
        parse_json(b" " * (LARGEST + 1))
    with pytest.raises(UnusableInputError, match="empty"):
        parse_json(b" " * LARGEST)


def test_huge_integers_are_read() -> None:
    """Beyond 64 bits they lose precision, which no control looks at."""
    value = parse_json(b'{"id": 123456789012345678901234567890, "a": -9223372036854775808}')

    assert value == {"id": 1.2345678901234568e29, "a": -(2**63)}
    assert (
        skipped(value).reason == "no ARM resource by its id: a resource id must be text, not float"
    )


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    """As JSON parsers everywhere have it, Azure's included."""
    data = f'{{"id": "x", "kind": "A", "id": "{ACCOUNT}", "kind": "B"}}'.encode()

    (account,) = resources_in(parse_json(data))

    assert isinstance(account, Resource)
    assert (account.id.text, account.kind) == (ACCOUNT, "B")


# --- anything ---

keys = st.sampled_from(
    ["id", "Id", "ResourceId", "value", "data", "responses", "body", "200", "parameters",
     "api-version", "apiVersion", "$schema", "sku", "Sku", "identity", "properties", "Properties",
     "kind", "hubResourceId", "privateEndpointConnections"]
)  # fmt: skip
names = st.sampled_from(
    ["subscriptions", "s", "resourceGroups", "providers", "Microsoft.CognitiveServices",
     "Microsoft.MachineLearningServices", "accounts", "deployments", "workspaces", "registries",
     "onlineEndpoints", "privateEndpointConnections", "managedNetworks", "a", "ß", " "]
)  # fmt: skip
near_ids = st.one_of(
    st.lists(names, min_size=1, max_size=10).map(lambda parts: "/" + "/".join(parts)),
    st.lists(names, max_size=6).map(lambda parts: "/".join([ACCOUNT, *parts])),
    st.lists(names, max_size=6).map(lambda parts: "/".join([WORKSPACE, *parts])),
)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | near_ids,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(keys | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(value=anything)
@example(value={"id": f"{GROUP}/A/b/c/providers/Microsoft.CognitiveServices/accounts/d"})
@example(
    value={
        "id": f"{GROUP}/A/b/c/providers/Microsoft.CognitiveServices/accounts/a"
        "/privateEndpointConnections/p"
    }
)
def test_any_json_becomes_resources_and_parts_that_are_left_out(value: object) -> None:
    """Nothing else comes of it, and nothing goes wrong in sorting it or reading it back."""
    found = read(value)

    assert all(isinstance(each, Resource | Skipped) for each in found)
    kept = [each for each in found if isinstance(each, Resource)]
    kinds = {each.id.type.lower() for each in kept}
    assert all(source_of(kind) or kind in REFERENCED_TYPES for kind in kinds)
    index = ResourceIndex()
    index.add(kept)
    for root in index.roots():
        open_world_snapshot(index, root, frozenset(), {})
        kind = root.type.lower()
        for source in (*CORE_SOURCES[kind], *DEEP_SOURCES.get(kind, ())):
            estate_reading(index, root, source, None)


@given(data=st.binary() | st.text().map(str.encode) | st.text().map(lambda t: t.encode("utf-16")))
def test_any_bytes_are_json_or_are_refused(data: bytes) -> None:
    """With a reason; nothing else is raised."""
    try:
        list(resources_in(parse_json(data)))
    except UnusableInputError as error:
        assert str(error)  # noqa: PT017 - both ways are right


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not beside this checkout")
def test_the_public_examples_are_read_with_their_api_version() -> None:
    """Of every example of a type of ours, all resources are read; the rest is named."""
    read_ids, left_out = set(), set()
    for file in sorted(SAMPLES.rglob("*.json")):
        for each in resources_in(parse_json(file.read_bytes())):
            if isinstance(each, Skipped):
                left_out.add(each.reason)
                continue
            assert each.api_version is not None
            assert f".{each.api_version}.json" in file.name
            read_ids.add(each.id.type)

    assert {
        "Microsoft.CognitiveServices/accounts",
        "Microsoft.CognitiveServices/accounts/deployments",
        "Microsoft.CognitiveServices/accounts/managedComputeDeployments",
        "Microsoft.CognitiveServices/accounts/networkSecurityPerimeterConfigurations",
        "Microsoft.CognitiveServices/accounts/privateEndpointConnections",
        "Microsoft.CognitiveServices/accounts/managedNetworks",
        "Microsoft.MachineLearningServices/workspaces",
    } <= read_ids
    assert all(reason.startswith(("no control judges ", "no ARM resource")) for reason in left_out)
