"""Addresses from outside: what will do, and what is said of the rest without showing it."""

import pytest

from shared.domain.web_address import address_parts, service_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://arm.local", "https://arm.local"),
        (" https://arm.local:8443/ ", "https://arm.local:8443"),
        ("HTTPS://[::1]:1/", "https://[::1]:1"),
        ("https://arm.local:65535", "https://arm.local:65535"),
        ("https://my_arm.Local.", "https://my_arm.Local."),
    ],
)
def test_the_address_of_a_service_is_a_host_with_or_without_a_port(text: str, address: str) -> None:
    """Blanks around it and a slash at its end do not matter."""
    assert service_address(text) == address


def test_a_service_may_lie_below_a_path_where_that_is_allowed() -> None:
    """A topic of Event Grid does, and storage in a private cloud."""
    assert service_address("https://a.b/api/events/", with_path=True) == "https://a.b/api/events"
    with pytest.raises(ValueError, match="without a path"):
        service_address("https://a.b/api/events")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://s3cret", "must begin with https://"),
        ("s3cret", "must begin with https://"),
        ("", "must begin with https://"),
        ("https://", "must be https://<host>"),
        ("https:///s3cret", "must be https://<host>"),
        ("https://s3cret:0", "a number from 1 to 65535"),
        ("https://s3cret:70000", "a number from 1 to 65535"),
        ("https://s3cret:-1", "a number from 1 to 65535"),
        ("https://s3cret:port", "a number from 1 to 65535"),
        ("https://[s3cret", "must be https://<host>"),
        ("https://s3cret..b", "must be https://<host>"),
        ("https://" + "s3cret" * 11 + ".b", "must be https://<host>"),
        ("https://s3cret\n.b", "must be https://<host>"),
        ("https://s3cret .b", "must be https://<host>"),
        ("https://s3cret\\@a.b", "must be https://<host>"),
        ("https://s3cret\N{SNOWMAN}", "must be https://<host>"),
        ("https://" + "s3cret" * 1000, "must be https://<host>"),
        ("https://user:s3cret@a.b", "without a user"),
        ("https://s3cret@a.b", "without a user"),
        ("https://@a.b/s3cret", "without a user"),
        ("https://user:s3/cret@a.b", "must be https://<host>"),
        ("https://a.b?sig=s3cret", "without a user, a signature or a key"),
        ("https://a.b#s3cret", "without a user, a signature or a key"),
    ],
)
def test_what_will_not_do_is_refused_without_showing_it(text: str, words: str) -> None:
    """It may hold a password, whatever is wrong with it."""
    for with_path in (False, True):
        with pytest.raises(ValueError, match="must ") as caught:
            service_address(text, with_path=with_path)

        assert words in str(caught.value)
        assert "s3cret" not in str(caught.value)
        assert "s3cret" not in str(caught.value.__cause__ or "")


def test_an_address_of_any_scheme_can_be_taken_apart() -> None:
    """Whoever asks says which schemes will do."""
    parts = address_parts("http://127.0.0.1:80/a?b#c")

    assert parts is not None
    assert (parts.scheme, parts.hostname, parts.port) == ("http", "127.0.0.1", 80)
