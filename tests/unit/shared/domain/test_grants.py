"""What role assignments allow is added up as Azure does it."""

import pytest

from shared.domain.grants import Grant, not_granted

READ = "Microsoft.CognitiveServices/accounts/read"


@pytest.mark.parametrize(
    ("actions", "exceptions", "allowed"),
    [
        (["*"], [], True),
        (["*/read"], [], True),
        (["microsoft.cognitiveservices/ACCOUNTS/read"], [], True),
        (["Microsoft.CognitiveServices/*"], [], True),
        (["Microsoft.CognitiveServices/*/read"], [], True),
        (["Microsoft.CognitiveServices/accounts/*"], ["*/write"], True),
        (["*/read"], ["Microsoft.CognitiveServices/*"], False),
        (["*/write"], [], False),
        (["Microsoft.CognitiveServices"], [], False),
        (["MicrosoftXCognitiveServices/accounts/read"], [], False),
        ([], [], False),
    ],
)
def test_wildcards_and_exceptions(
    actions: list[str], exceptions: list[str], *, allowed: bool
) -> None:
    """A star stands for anything, in any case of letters; a dot is a dot."""
    grant = Grant.of({"actions": actions, "notActions": exceptions})

    assert grant.allows(READ) is allowed
    assert not_granted([READ], [grant]) == (() if allowed else (READ,))


def test_an_exception_of_one_grant_takes_nothing_from_another() -> None:
    """Role assignments are added up."""
    without = Grant(("*",), (READ,))

    assert not_granted([READ], [without]) == (READ,)
    assert not_granted([READ], [without, Grant(("*/read",))]) == ()


def test_an_answer_without_actions_allows_nothing() -> None:
    """What is missing is never a right."""
    assert not_granted([READ], [Grant.of({}), Grant.of({"actions": "*"})]) == (READ,)
    assert not_granted([READ], []) == (READ,)
