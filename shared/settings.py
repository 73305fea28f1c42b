"""What is set from outside, by environment variables that begin with `COMPLIANCE_`.

`COMPLIANCE_BACKEND__KIND=local`, `COMPLIANCE_BACKEND__ESTATE=…` set the fields of a nested model.
Monitors' parameters are no settings: they are policy. What a setting means is for readers of this
file: to let pydantic read the docstrings costs every start of the app 15 ms.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeVar
from uuid import UUID

import pydantic_settings
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.domain.verdict import Severity
from shared.domain.web_address import Endpoint, EndpointWithPath

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


_SUBSCRIPTION = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Hours = Annotated[float, Field(ge=0, le=24 * 366, allow_inf_nan=False)]
ApiVersion = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[A-Za-z]{1,20})?$")]


class SettingsError(ValueError):
    """The settings cannot be used; the message names each variable and what is wrong with it."""


class LocalBackend(BaseModel):
    """Everything on this machine: a folder as the estate, a SQLite file for what is remembered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["local"]
    """`local`."""
    estate: Path
    """Folder of ARM JSON."""
    store: Path = Path(".local/compliance.db")
    """SQLite file; made when it is missing."""


class AzureBackend(BaseModel):
    """Azure as the estate, and one storage account for what is remembered; identities, no keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["azure"]
    """`azure`."""
    storage_account: Annotated[str, Field(pattern="^[a-z0-9]{3,24}$")] | None = None
    """Name of the storage account."""
    blob_endpoint: EndpointWithPath | None = None
    """Address of its blobs, https; all three together, instead of the name."""
    queue_endpoint: EndpointWithPath | None = None
    """Address of its queues, https."""
    table_endpoint: EndpointWithPath | None = None
    """Address of its tables, https."""
    dead_letter_account: Annotated[str, Field(pattern="^[a-z0-9]{3,24}$")] | None = None
    """Name of the account where Event Grid leaves dead letters; unset: the same one."""

    @property
    def endpoints(self) -> tuple[str | None, str | None, str | None]:
        """The addresses of blobs, queues and tables as they are set."""
        return self.blob_endpoint, self.queue_endpoint, self.table_endpoint

    @model_validator(mode="after")
    def _check_account(self) -> Self:
        """Want either the name of an account or all of its addresses."""
        given = [each is not None for each in self.endpoints]
        if any(given) is (self.storage_account is not None) or any(given) is not all(given):
            raise ValueError(
                "set either STORAGE_ACCOUNT, or BLOB_ENDPOINT, QUEUE_ENDPOINT and TABLE_ENDPOINT"
            )
        return self


class CloudName(StrEnum):
    """Which Azure: three that Microsoft runs, or one with addresses of its own."""

    PUBLIC = "public"
    US_GOVERNMENT = "usgov"
    CHINA = "china"
    CUSTOM = "custom"


class AzureSettings(BaseSettings):
    """How Azure is reached and asked, whoever asks."""

    model_config = SettingsConfigDict(
        env_prefix="COMPLIANCE_",
        env_nested_delimiter="__",
        frozen=True,
        extra="ignore",
    )

    cloud: CloudName = CloudName.PUBLIC
    """`public`, `usgov`, `china` or `custom`."""
    arm_endpoint: Endpoint | None = None
    """Address of Azure Resource Manager, https; for the cloud `custom`."""
    arm_audience: str | None = None
    """Audience of its tokens; for the cloud `custom`."""
    logs_endpoint: Endpoint | None = None
    """Address of the Log Analytics query API, https; for the cloud `custom`."""
    logs_audience: str | None = None
    """Audience of its tokens; for the cloud `custom`. Unset: that of the public cloud."""
    ca_file: FilePath | None = None
    """PEM file of the authorities to trust in place of the system's; for the cloud `custom`."""
    api_versions: dict[str, ApiVersion] = Field(default_factory=dict)
    """API versions to try first, by resource type or provider, as a JSON object."""
    instances: int = Field(default=1, ge=1)
    """How many instances of the app may run at once: they share ARM's quota."""
    identity_client_id: str | None = None
    """Client id of the user-assigned identity; unset: the system's, or whoever is signed in."""

    @model_validator(mode="after")
    def _check_cloud(self) -> Self:
        """Refuse a custom cloud without addresses, and addresses without a custom cloud."""
        given = {
            "ARM_ENDPOINT": self.arm_endpoint,
            "ARM_AUDIENCE": self.arm_audience,
            "LOGS_ENDPOINT": self.logs_endpoint,
            "LOGS_AUDIENCE": self.logs_audience,
            "CA_FILE": self.ca_file,
        }
        if self.cloud is CloudName.CUSTOM:
            if missing := [each for each in ("ARM_ENDPOINT", "ARM_AUDIENCE") if not given[each]]:
                raise ValueError(f"COMPLIANCE_CLOUD=custom needs COMPLIANCE_{missing[0]}")
        elif stray := [name for name, value in given.items() if value]:
            raise ValueError(f"COMPLIANCE_{stray[0]} needs COMPLIANCE_CLOUD=custom")
        return self


class FollowUpSettings(BaseSettings):
    """How open findings are followed up."""

    model_config = SettingsConfigDict(
        env_prefix="COMPLIANCE_",
        env_nested_delimiter="__",
        frozen=True,
        extra="ignore",
    )

    remind_after_hours: dict[Severity, Hours] = Field(default_factory=dict)
    """Hours after which an open finding is told again, by severity; 0: never.

    Unset: critical 4, high 24, medium 168, low never.
    """
    escalate_to: str | None = None
    """Name of the sink that hears of reminders of what nobody has acknowledged, and of little else.

    Unset: none.
    """
    longest_snooze_days: int = Field(default=14, ge=1, le=90)
    """How many days a snooze may last."""


class Settings(AzureSettings, FollowUpSettings):
    """The settings of the function app."""

    backend: Annotated[LocalBackend | AzureBackend, Field(discriminator="kind")]
    """Where the estate is read and what is remembered is kept."""
    workspace_id: UUID | None = None
    """Workspace id of the Log Analytics workspace with the Activity Log; unset: it is not read."""
    retention_days: int = Field(default=400, ge=1, le=36_500)
    """How long history and closed findings are kept; what is open is never removed."""
    watched_subscriptions: Annotated[frozenset[str] | None, NoDecode] = Field(default=None)
    """Ids of the subscriptions to watch, separated by commas.

    Unset: those of the estate or known already.
    """

    @field_validator("watched_subscriptions", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Read a comma-separated list; ids compare without regard to case."""
        if not isinstance(value, str):
            return value
        return frozenset(part.strip().lower() for part in value.split(",") if part.strip()) or None

    @field_validator("watched_subscriptions")
    @classmethod
    def _check_ids(cls, value: frozenset[str] | None) -> frozenset[str] | None:
        """Refuse a name or half an id: nothing would be watched, and nobody would know why."""
        if wrong := sorted(each for each in value or () if not _SUBSCRIPTION.fullmatch(each)):
            example = "00000000-0000-0000-0000-000000000000"
            raise ValueError(f"{wrong[0][:40]!a} is no subscription id such as {example}")
        return value

    @model_validator(mode="after")
    def _check_storage(self) -> Self:
        """Refuse an account by its name in a cloud whose addresses are not known."""
        backend = self.backend
        if (
            self.cloud is CloudName.CUSTOM
            and isinstance(backend, AzureBackend)
            and (backend.storage_account or backend.dead_letter_account)
        ):
            raise ValueError(
                "COMPLIANCE_CLOUD=custom needs COMPLIANCE_BACKEND__BLOB_ENDPOINT, "
                "COMPLIANCE_BACKEND__QUEUE_ENDPOINT and COMPLIANCE_BACKEND__TABLE_ENDPOINT, "
                "and knows no other account by its name"
            )
        return self


S = TypeVar("S", bound=BaseSettings)


def read_settings() -> Settings:
    """Read what the function app is set to.

    Raises:
        SettingsError: a setting is missing or wrong.
    """
    return _read(Settings)


def read_azure_settings() -> AzureSettings:
    """Read how Azure is reached, for a command that keeps what it remembers elsewhere.

    Raises:
        SettingsError: a setting is wrong.
    """
    return _read(AzureSettings)


def read_follow_up_settings() -> FollowUpSettings:
    """Read how open findings are followed up, for a command.

    Raises:
        SettingsError: a setting is wrong.
    """
    return _read(FollowUpSettings)


def _read(kind: type[S]) -> S:
    """Read the environment."""
    try:
        return kind()
    except ValidationError as error:
        lines = [_line(each) for each in error.errors()]
    except pydantic_settings.SettingsError as error:
        # It says which field; the value is not JSON, and may be anything.
        name = str(error).split('"')[1].upper() if '"' in str(error) else "API_VERSIONS"
        example = _EXAMPLES.get(name, '{"Microsoft.CognitiveServices": "2025-12-01"}')
        lines = [f"  COMPLIANCE_{name}: is no JSON object; give one, such as {example}"]
    # Not `from` the error: it quotes values, which may be secrets, and the host logs it whole.
    raise SettingsError("the settings cannot be used:\n" + "\n".join(lines))


def _line(error: "ErrorDetails") -> str:
    """Name the variable that an error is about, and say what is wrong with it."""
    where, text = list(error["loc"]), error["msg"].removeprefix("Value error, ")
    if where[:1] == ["backend"]:
        # The kind stands in the place, though it is no variable's name.
        where[1:2] = []
        text = _BACKEND_TEXTS.get(error["type"], text)
        if error["type"] in {"union_tag_invalid", "union_tag_not_found"}:
            where.append("kind")
    name = "__".join(str(part).upper() for part in where)
    return f"  COMPLIANCE_{name}: {text}" if name else f"  {text}"


_EXAMPLES = {"REMIND_AFTER_HOURS": '{"critical": 4, "high": 24}'}
_BACKEND_TEXTS = {
    "union_tag_invalid": "Input should be 'local' or 'azure'",
    "union_tag_not_found": "Field required",
    "model_attributes_type": (
        "is no JSON object; set COMPLIANCE_BACKEND__KIND=local and COMPLIANCE_BACKEND__ESTATE=…,"
        " or COMPLIANCE_BACKEND__KIND=azure and COMPLIANCE_BACKEND__STORAGE_ACCOUNT=…, instead"
    ),
}
