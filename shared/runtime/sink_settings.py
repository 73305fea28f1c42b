"""Which sinks alerts go to, by environment variables: `COMPLIANCE_SINKS__TEAMS__URL` and so on.

Addresses of webhooks and their secret are secrets: the platform fills them in from Key Vault
references, and no error shows them.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

import pydantic_settings
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.adapters.sinks.secret_address import SecretAddress
from shared.domain.web_address import Endpoint, EndpointWithPath, address_parts
from shared.pipeline.keep import Keep
from shared.settings import SettingsError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_UNRESOLVED = "@microsoft.keyvault("


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _address(value: SecretStr) -> SecretStr:
    """Refuse what is no address to post to.

    Raises:
        ValueError: it is none; the message shows nothing of it.
    """
    SecretAddress.parse(_resolved(value).get_secret_value())
    return value


def _resolved(value: SecretStr) -> SecretStr:
    """Refuse the reference to a secret in place of the secret: who may read settings knows it.

    Raises:
        ValueError: it is one.
    """
    if value.get_secret_value().strip().lower().startswith(_UNRESOLVED):
        raise ValueError("the platform could not read this Key Vault reference; see its page")
    return value


def _link(value: str | None) -> str | None:
    """Refuse a link that would show a password to a whole channel.

    Raises:
        ValueError: it is one, or none that leads anywhere; the message shows nothing of it.
    """
    if value is None:
        return None
    parts = address_parts(value)
    if parts is None or parts.scheme != "https" or parts.username is not None:
        raise ValueError(
            "must be https://<host>[:<port>][/<path>…] in ASCII (percent-encode other letters),"
            " without a user"
        )
    return value


class WebhookSettings(_Part):
    """A webhook of the user's own."""

    url: SecretStr
    """Address, https; plain http to this machine alone."""

    _check_url = field_validator("url")(_address)


class TeamsSettings(_Part):
    """A channel of Teams."""

    url: SecretStr
    """Address of the channel's workflow, https."""
    list_link: str | None = None
    """Address, https, that a digest sends its readers to for the whole list."""

    _check_url = field_validator("url")(_address)
    _check_link = field_validator("list_link")(_link)


class LogAnalyticsSettings(_Part):
    """The tables of a Log Analytics workspace."""

    endpoint: Endpoint
    """Address of the data collection endpoint, https."""
    rule_id: str = Field(pattern="^[A-Za-z0-9-]+$")
    """Immutable id of the data collection rule."""
    audience: str | None = Field(default=None, pattern="^https://")
    """Audience of its tokens; unset: that of the cloud."""


class EventGridSettings(_Part):
    """A custom topic of Event Grid."""

    topic: EndpointWithPath
    """Address of the topic, https."""


class Sinks(_Part):
    """Where alerts go; unset: not there."""

    teams: TeamsSettings | None = None
    """A channel of Teams."""
    webhook: WebhookSettings | None = None
    """A webhook of the user's own."""
    log_analytics: LogAnalyticsSettings | None = None
    """The tables of a Log Analytics workspace."""
    event_grid: EventGridSettings | None = None
    """A custom topic of Event Grid."""

    @property
    def names(self) -> frozenset[str]:
        """The names of those that are set: what all of them were told of can be cleared."""
        return frozenset(each for each, value in self if value is not None)


class SinkSettings(BaseSettings):
    """Where alerts go, and how they are told."""

    model_config = SettingsConfigDict(
        env_prefix="COMPLIANCE_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
    )

    sinks: Sinks = Sinks()
    """Where alerts go; none: they wait until a sink is set."""
    webhook_secret: SecretStr | None = None
    """Secret that posts to the webhook are signed with."""
    digest_seconds: int = Field(default=60, ge=1, le=3600)
    """How long alerts are collected for a digest."""
    evaluations: Keep = Keep.CHANGES
    """Which looks go to Log Analytics with what every control came to: `off`, `changes` or `all`.

    `changes`: those that found something changed, and the first of each root on a day.
    """
    give_up_days: float = Field(default=7, gt=0, le=365, allow_inf_nan=False)
    """How long an alert is tried before it is parked."""

    @field_validator("webhook_secret")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse a secret that is none."""
        if value is not None and not value.get_secret_value().strip():
            raise ValueError("must not be blank")
        return None if value is None else _resolved(value)

    @property
    def window(self) -> timedelta:
        """How long alerts are collected for a digest."""
        return timedelta(seconds=self.digest_seconds)

    @property
    def give_up_after(self) -> timedelta:
        """How long an alert is tried before it is parked."""
        return timedelta(days=self.give_up_days)

    @model_validator(mode="after")
    def _check_second_sink(self) -> Self:
        """Refuse Teams as the only sink, and a webhook that could not be told from an impostor."""
        sinks = self.sinks
        others = (sinks.webhook, sinks.log_analytics, sinks.event_grid)
        if sinks.teams is not None and not any(others):
            raise ValueError(
                "COMPLIANCE_SINKS__TEAMS__URL needs a second sink: Teams says that it has accepted"
                " a card, not that anybody was shown it; set COMPLIANCE_SINKS__LOG_ANALYTICS__…"
                " or another"
            )
        if sinks.webhook is not None and not self.webhook_secret:
            address = SecretAddress.parse(sinks.webhook.url.get_secret_value())
            if not address.is_loopback:
                raise ValueError(
                    "COMPLIANCE_SINKS__WEBHOOK__URL needs COMPLIANCE_WEBHOOK_SECRET to sign with"
                )
        return self


def read_sink_settings() -> SinkSettings:
    """Read which sinks there are.

    Raises:
        SettingsError: a setting is missing or wrong; the message shows no value.
    """
    try:
        return SinkSettings()
    except ValidationError as error:
        lines = [_line(each) for each in error.errors(include_input=False, include_url=False)]
    except pydantic_settings.SettingsError:
        # It quotes the value, which holds secrets.
        lines = ["  COMPLIANCE_SINKS: set COMPLIANCE_SINKS__TEAMS__URL and the like instead"]
    raise SettingsError("the settings cannot be used:\n" + "\n".join(lines))


def check_escalation(name: str | None, known: frozenset[str]) -> None:
    """Refuse a sink that there is not, and one beside which there is none for other alerts.

    Raises:
        SettingsError: it is so.
    """
    if not name:
        return
    if name not in known:
        raise SettingsError(
            "the settings cannot be used:\n  COMPLIANCE_ESCALATE_TO: is the name of no sink; "
            f"set are {', '.join(sorted(known)) or 'none'}"
        )
    if known == {name}:
        raise SettingsError(
            "the settings cannot be used:\n  COMPLIANCE_ESCALATE_TO: is the only sink that is set, "
            "and would be told of reminders alone; set another one for the other alerts"
        )


def _line(error: "ErrorDetails") -> str:
    """Name the variable that an error is about, and say what is wrong with it."""
    name = "__".join(str(part).upper() for part in error["loc"])
    text = error["msg"].removeprefix("Value error, ")
    return f"  COMPLIANCE_{name}: {text}" if name else f"  {text}"
