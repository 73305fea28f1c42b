"""What is set from outside, by environment variables that begin with `COMPLIANCE_`.

`COMPLIANCE_BACKEND__KIND=local`, `COMPLIANCE_BACKEND__ESTATE=…` set the fields of a nested model.
Monitors' parameters are no settings: they are policy.
"""

from pathlib import Path
from typing import Annotated, Literal

import pydantic_settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class SettingsError(ValueError):
    """The settings cannot be used; the message names each variable and what is wrong with it."""


class LocalBackend(BaseModel):
    """Everything on this machine: a folder as the estate, a SQLite file for what is remembered."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Literal["local"]
    """`local`."""
    estate: Path
    """Folder of ARM JSON."""
    store: Path = Path(".local/compliance.db")
    """SQLite file; made when it is missing."""


class Settings(BaseSettings):
    """The settings of the function app."""

    model_config = SettingsConfigDict(
        env_prefix="COMPLIANCE_",
        env_nested_delimiter="__",
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    backend: LocalBackend
    """Where the estate is read and what is remembered is kept."""
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


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a setting is missing or wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [_line(each["loc"], each["msg"]) for each in error.errors()]
    except pydantic_settings.SettingsError:
        hint = "set COMPLIANCE_BACKEND__KIND=local and COMPLIANCE_BACKEND__ESTATE=… instead"
        lines = [f"  COMPLIANCE_BACKEND: is no JSON object; {hint}"]
    # Not `from` the error: it quotes values, which may be secrets, and the host logs it whole.
    raise SettingsError("the settings cannot be used:\n" + "\n".join(lines))


def _line(where: tuple[int | str, ...], what: str) -> str:
    """Name the variable that an error is about."""
    return f"  COMPLIANCE_{'__'.join(str(part).upper() for part in where)}: {what}"
