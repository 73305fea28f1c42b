"""A small estate of one subscription, as it was and as somebody changed it."""

from shared.domain.resource import Resource
from tests.worlds import SUBSCRIPTION, resource

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
ALPHA = f"{GROUP}/Microsoft.CognitiveServices/accounts/alpha"
BETA = f"{GROUP}/Microsoft.CognitiveServices/accounts/beta"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ml"
ITSELF = f"/subscriptions/{SUBSCRIPTION}"

PUBLIC = f"network_isolation.public_access_restricted {ALPHA.lower()}"
"""Opens with the change of the account alpha itself."""


def sku_finding(deployment: str) -> str:
    """Return the key of the finding that a deployment's SKU is not allowed."""
    return f"deployment_type.sku_allowed {deployment.lower()}"


OPENS = f"{ALPHA}/deployments/good"
RESOLVES = f"{ALPHA}/deployments/bad"
NEIGHBOUR = f"{BETA}/deployments/chat"
"""Its SKU gets bad too."""


def account(name: str, public: str = "Disabled") -> Resource:
    """Return an account."""
    return resource(
        name,
        kind="AIServices",
        location="swedencentral",
        properties={
            "provisioningState": "Succeeded",
            "publicNetworkAccess": public,
            "disableLocalAuth": True,
        },
    )


def deployment(name: str, sku: str) -> Resource:
    """Return a deployment of a model of OpenAI's."""
    model = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}
    return resource(name, sku={"name": sku, "capacity": 1}, properties={"model": model})


def before() -> list[Resource]:
    """Return the estate as it was."""
    connection = {"category": "ApiKey", "target": "https://tools.example", "authType": "ApiKey"}
    return [
        account(ALPHA),
        deployment(OPENS, "Standard"),
        deployment(RESOLVES, "GlobalStandard"),
        resource(f"{ALPHA}/projects/p", location="swedencentral", properties={}),
        resource(f"{ALPHA}/projects/p/connections/c", properties=connection),
        account(BETA),
        deployment(NEIGHBOUR, "Standard"),
        resource(
            WORKSPACE,
            kind="Default",
            location="swedencentral",
            properties={"publicNetworkAccess": "Enabled"},
        ),
    ]


def changes() -> list[Resource]:
    """Return what somebody wrote then, the neighbour first."""
    return [
        deployment(NEIGHBOUR, "GlobalStandard"),
        account(ALPHA, "Enabled"),
        deployment(OPENS, "GlobalStandard"),
        deployment(RESOLVES, "Standard"),
    ]
