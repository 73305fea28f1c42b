"""Typos are answered with what was probably meant."""

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.terminal.formats import PLAIN, Format
from shared.adapters.terminal.suggestions import choice, did_you_mean
from shared.domain.verdict import Severity

KNOWN = ["deployment_type.sku_allowed", "identity.local_auth_disabled", "coverage.readable"]


@pytest.mark.parametrize(
    ("given_text", "meant"),
    [
        ("deployment_type.sku_alowed", "deployment_type.sku_allowed"),
        ("DEPLOYMENT_TYPE.SKU_ALLOWED ", "deployment_type.sku_allowed"),
        ("sku_allowed", "deployment_type.sku_allowed"),
        ("sku_alowed", "deployment_type.sku_allowed"),
        ("local_auth", "identity.local_auth_disabled"),
    ],
)
def test_the_nearest_name_is_suggested(given_text: str, meant: str) -> None:
    """A letter too few, the part behind the dot, or a part of the name is enough."""
    assert did_you_mean(given_text, KNOWN) == f" Did you mean {meant!r}?"


@pytest.mark.parametrize("given_text", ["", "   ", "zzzzzz"])
def test_nothing_is_suggested_for_what_resembles_nothing(given_text: str) -> None:
    """A bad suggestion is worse than none."""
    assert did_you_mean(given_text, KNOWN) == ""


def test_a_choice_takes_its_words_in_any_case() -> None:
    """HIGH and high are the same severity."""
    assert choice(Severity)(" HIGH ") is Severity.HIGH
    assert choice(Format)("json") is Format.JSON


def test_a_wrong_choice_is_told_what_there_is_and_what_is_near() -> None:
    """The message lists the words."""
    with pytest.raises(typer.BadParameter) as refused:
        choice(Format)("jsn")

    message = "'jsn' is none of table, json, sarif, ocsf. Did you mean 'json'?"
    assert refused.value.message == message


def test_a_choice_can_be_among_some_of_the_words() -> None:
    """The others are refused, and not suggested either."""
    with pytest.raises(typer.BadParameter) as refused:
        choice(Format, PLAIN)("ocsf")

    assert refused.value.message == "'ocsf' is none of table, json."
    assert choice(Format, PLAIN)("JSON") is Format.JSON


@given(st.text())
def test_a_suggestion_is_always_one_of_the_known_names(text: str) -> None:
    """Whatever is typed."""
    said = did_you_mean(text, KNOWN)

    assert said == "" or said in {f" Did you mean {name!r}?" for name in KNOWN}
