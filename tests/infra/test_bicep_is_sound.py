"""The Bicep files are what a compiler would take, as far as can be told without one."""

from pathlib import Path

import pytest

from tests.bicep import arm_types, checks
from tests.bicep.deployment import FILES, INFRA, MAIN, PARAMETERS, called
from tests.bicep.source import BicepFile, bicep, walk
from tests.bicep.values import Unknown, value_of

every_file = pytest.mark.parametrize("file", FILES, ids=called)


@every_file
def test_a_file_can_be_parsed(file: BicepFile) -> None:
    """Every file is Bicep."""
    assert file.errors == []


@pytest.mark.parametrize(
    "broken",
    [
        "param name string =",
        "resource a 'b@c' = {\n  name: 'x'\n",
        "var a = { b: [subscription().id] }",
    ],
)
def test_what_is_no_bicep_is_found(broken: str) -> None:
    """A file that breaks off, and one that the grammar misreads, are seen as such."""
    assert bicep(broken).errors != []


@every_file
def test_resources_are_as_their_types_want_them(file: BicepFile) -> None:
    """Each resource has a type and version that exist, and only properties of that type."""
    problems = [
        problem for resource in file.resources for problem in arm_types.problems_of(file, resource)
    ]

    assert problems == []


GOOD_QUEUE = """\
resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  name: 'x'
  properties: {}
}
"""
GOOD_TABLE = """\
resource t 'Microsoft.OperationalInsights/workspaces/tables@2025-02-01' = {
  name: 'x'
  properties: { plan: 'Analytics', schema: { columns: [{ name: 'a', type: 'string' }] } }
}
"""
GOOD_EVENTS = """\
resource e 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  name: 'x'
  properties: { destination: { endpointType: 'AzureFunction', properties: { resourceId: 'y' } } }
}
"""


@pytest.mark.parametrize("good", [GOOD_QUEUE, GOOD_TABLE, GOOD_EVENTS])
def test_a_sound_resource_has_no_problems(good: str) -> None:
    """What is as its type wants it passes."""
    file = bicep(good)

    assert arm_types.problems_of(file, file.resources[0]) == []


@pytest.mark.parametrize(
    ("good", "old", "new", "said"),
    [
        (GOOD_QUEUE, "@2025-01-01", "@2025-01-02", "is not known"),
        (GOOD_QUEUE, "resource q", "targetScope = 'subscription'\nresource q", "cannot be in a"),
        (GOOD_QUEUE, "queues@", "queue@", "is not known"),
        (GOOD_QUEUE, "name: 'x'", "nom: 'x'", ".nom is not known"),
        (GOOD_QUEUE, "  name: 'x'\n", "", ".name is missing"),
        (GOOD_QUEUE, "{}", "{ approximateMessageCount: 1 }", "can only be read"),
        (GOOD_QUEUE, "' = {", "' existing = {", "cannot be set on what exists"),
        (GOOD_TABLE, "'Analytics'", "'Analytic'", "is none of"),
        (GOOD_TABLE, "'Analytics'", "isIt ? 'Basic' : 'Analytic'", "is none of"),
        (GOOD_TABLE, "type: 'string'", "type: 'datetime'", "is none of"),
        (GOOD_TABLE, "[{ name: 'a', type: 'string' }]", "'a'", "is no list"),
        (GOOD_TABLE, "'Analytics'", "'Analytics', retentionInDays: '30'", "is no int"),
        (GOOD_TABLE, "schema: {", "schema: 1, other: {", "is no object"),
        (GOOD_EVENTS, "'AzureFunction'", "'Function'", "is none of"),
        (GOOD_EVENTS, "resourceId:", "queueName:", ".queueName is not known"),
    ],
)
def test_a_resource_that_is_not_as_its_type_wants_it_is_found(
    good: str, old: str, new: str, said: str
) -> None:
    """A wrong version, a misspelt key, a wrong value and a missing one are each named."""
    assert old in good
    file = bicep(good.replace(old, new))

    problems = arm_types.problems_of(file, file.resources[0])

    assert any(said in problem for problem in problems), problems


@every_file
def test_names_modules_and_outputs_fit(file: BicepFile) -> None:
    """Whatever is named is declared, and each module gets exactly what it asks for."""
    assert checks.problems_of(file) == []


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Put a small module in a folder; return where a file that calls it would be."""
    (tmp_path / "part.bicep").write_text(
        "param name string\nparam size int = 1\nparam tags string[]\n"
        "output id string = '${name}${size}${tags[0]}'\n",
        encoding="utf-8",
    )
    return tmp_path / "main.bicep"


GOOD_CALL = """\
param name string
module part 'part.bicep' = {
  name: 'part'
  params: {
    name: name
    tags: ['a']
  }
}
resource v 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: name
}
output id string = part.outputs.id
output uri string = v.properties.vaultUri
"""


def test_a_sound_call_has_no_problems(beside: Path) -> None:
    """A call that fits passes."""
    assert checks.problems_of(bicep(GOOD_CALL, beside)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    name: name\n", "", "name is not passed"),
        ("tags: ['a']", "tags: ['a']\n    sort: 1", "has no parameter sort"),
        ("tags: ['a']", "tags: 'a'", "tags is to be string[]"),
        ("tags: ['a']", "tags: ['a']\n    size: 'big'", "size is to be int"),
        ("part.bicep", "parts.bicep", "there is no parts.bicep"),
        ("part.outputs.id", "part.outputs.ids", "no such output"),
        ("part.outputs.id", "part.properties.id", "a module has outputs"),
        ("v.properties.vaultUri", "v.properties.uri", "there is no uri"),
        ("v.properties.vaultUri", "vault.properties.vaultUri", "vault is not declared"),
        ("param name string", "param name string\nparam unused string", "unused is not used"),
        ("  params: {", "  parent: name\n  params: {", "parent is nothing of a module"),
        ("'part'\n", "toUpperCase('part')\n", "toUpperCase() is not known"),
        ("'part'\n", "'part'\n  scope: subscription()\n", "is for a resourceGroup"),
    ],
)
def test_what_does_not_fit_is_found(beside: Path, old: str, new: str, said: str) -> None:
    """A call that lacks something, a name that nobody declared, a scope that is not meant."""
    assert old in GOOD_CALL

    problems = checks.problems_of(bicep(GOOD_CALL.replace(old, new, 1), beside))

    assert any(said in problem for problem in problems), problems


def test_the_names_of_a_loop_and_of_a_lambda_are_known_only_inside() -> None:
    """What a loop or a lambda brings is no name elsewhere."""
    inside = (
        "var all = [for one in range(0, 2): map([one], each => '${each}${one}')]\n"
        "output o array = all\n"
    )

    assert checks.problems_of(bicep(inside)) == []
    assert checks.problems_of(bicep(f"{inside}output e string = each\n")) != []
    assert checks.problems_of(bicep(f"{inside}output e int = one\n")) != []


ROWS = """\
param given row[]
type row = { id: string, more: inner? }
type inner = { name: string }
var rows = [{ name: 'a', size: 1 }, { name: 'b' }]
var words = { hello: 'a' }
output a array = [for row in rows: row.name]
output b array = map(given, row => row.id)
output c array = [for (row, index) in given: { n: row.?more.name, i: index }]
output d string = '${words.hello}${subscription().subscriptionId}'
output e array = filter(rows, row => { x: row.name })
var few = filter(rows, row => row.name == 'a')
output f array = [for row in few: { some: row.name }]
"""


def test_members_that_are_there_are_no_problems() -> None:
    """Rows of a table, parameters of a type, and what functions return."""
    assert checks.problems_of(bicep(ROWS)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rows: row.name", "rows: row.nom"),
        ("rows: row.name", "rows: row.size"),
        ("row => row.id", "row => row.ids"),
        ("row.?more.name", "row.?other.name"),
        ("row.?more.name", "row.?more.nom"),
        ("words.hello", "words.bye"),
        ("subscription().subscriptionId", "subscription().uuid"),
        ("x: row.name", "x: row.size"),
        ("some: row.name", "some: row.size"),
        ("[for row in few: { some: row.name }]", "map(items(union(few[0], words)), e => e.keys)"),
    ],
)
def test_a_member_that_is_not_there_is_found(old: str, new: str) -> None:
    """Also one that only some rows of a table have."""
    assert old in ROWS

    problems = checks.problems_of(bicep(ROWS.replace(old, new)))

    assert len(problems) == 1
    assert "there is no" in problems[0]


def test_the_parameters_file_fits() -> None:
    """It sets nothing that is unknown, everything that must be, and values that are allowed."""
    assert PARAMETERS.errors == []
    assert PARAMETERS.assigned.keys() <= MAIN.parameters.keys()
    assert {name for name, each in MAIN.parameters.items() if each.required} <= (
        PARAMETERS.assigned.keys()
    )
    for name, node in PARAMETERS.assigned.items():
        value = value_of(PARAMETERS, node)
        assert isinstance(value, Unknown), f"{name} is not taken from the environment"


def test_every_module_is_deployed() -> None:
    """No module lies about unused."""
    used = {
        (file.path.parent / module.target).resolve() for file in FILES for module in file.modules
    }

    assert used == set((INFRA / "modules").glob("*.bicep"))


def test_every_file_that_is_loaded_is_there() -> None:
    """Queries and tables that Bicep loads exist, and each query is loaded."""
    loaded = {
        (file.path.parent / text).resolve()
        for file in FILES
        for node in walk(file.root)
        if node.type == "call_expression" and file.loaded(node) is not None
        for text in [str(node.text).split("'")[1]]
    }

    assert set((INFRA / "alerts").glob("*.kql")) <= loaded
    assert set((INFRA / "modules").glob("*.json")) <= loaded


def test_deployments_of_a_file_have_names_of_their_own() -> None:
    """Two modules of one file and scope cannot overwrite each other's record."""
    for file in FILES:
        names = [
            file.text[node.start_byte : node.end_byte]
            for each in file.modules
            if (node := each.properties.get("name")) is not None
        ]
        assert len(names) == len(set(names)), file.path.name
