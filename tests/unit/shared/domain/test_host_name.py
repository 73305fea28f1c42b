"""Hosts are read strictly, so that nobody can make one place look like another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.domain.host_name import Domain, Fqdn, covers, fqdn, host_name, host_of, is_under

DOMAINS = frozenset({"azure.com", "contoso.example"})
APPROVED = frozenset({"github.com", "*.contoso.com"})


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("https://models.contoso.com/v1?x=1#y", "models.contoso.com"),
        ("HTTPS://Models.Contoso.COM", "models.contoso.com"),
        ("https://models.contoso.com.:8443/", "models.contoso.com"),
        ("models.contoso.com", "models.contoso.com"),
        ("models.contoso.com:443/v1", "models.contoso.com"),
        ("//models.contoso.com/v1", "models.contoso.com"),
        (" https://models.contoso.com ", "models.contoso.com"),
        ("contoso.com//v1", "contoso.com"),
        ("https://me@dev.azure.com/org", "dev.azure.com"),
        ("git@ssh.dev.azure.com:v3/org", "ssh.dev.azure.com"),
        ("https://münchen.example", "xn--mnchen-3ya.example"),
        ("https://xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("https://10.0.0.4/", "10.0.0.4"),
        ("localhost", "localhost"),
    ],
)
def test_reads_the_host_of_a_target(target: str, host: str) -> None:
    """With and without scheme, port, path and user; compared in ASCII and lower case."""
    assert host_of(target) == host


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("https://azure.com@evil.example", "evil.example"),
        ("https://azure.com:443@evil.example/", "evil.example"),
        ("https://azure.com.evil.example", "azure.com.evil.example"),
        ("https://evil.example/azure.com", "evil.example"),
        ("https://evil.example?https://azure.com", "evil.example"),
        ("evil.example?next=https://azure.com", "evil.example"),
        ("evil.example/path//azure.com", "evil.example"),
        ("https://evil.example#@azure.com", "evil.example"),
        ("https://xn--zure-43d.com", "xn--zure-43d.com"),
        ("https://аzure.com", "xn--zure-43d.com"),  # noqa: RUF001 - a Cyrillic letter
        ("https:/evil.example", "https"),
        ("https://notazure.com", "notazure.com"),
    ],
)
def test_is_not_deceived(target: str, host: str) -> None:
    """What only looks approved is read as the host that it leads to."""
    assert host_of(target) == host
    assert not is_under(host, DOMAINS)


@pytest.mark.parametrize(
    "target",
    [
        "",
        " ",
        "/subscriptions/s/resourceGroups/g",
        "https://",
        "https:///azure.com",
        "https://evil.example\\@azure.com",
        "https://a@evil.example@azure.com",
        "https://azure.com%2eevil.example",
        "https://azure.com\n.evil.example",
        "https://azure.com evil.example",
        "https://azure..com",
        "https://.azure.com",
        "https://-azure.com",
        "https://azure.com..",
        "https://[::1]/",
        "https://[::1",
        "https://azure.com℀.evil.example",
        "https://" + "a" * 64 + ".azure.com",
        "https://" + "a." * 130 + "azure.com",
        "https://" + "ü" * 70 + ".azure.com",
        "https://azure.com/" + "a" * 3000,
    ],
)
def test_names_no_host_where_two_readers_could_differ(target: str) -> None:
    """Malformed targets have no host, so nothing approves them."""
    assert host_of(target) is None


@given(st.text())
def test_any_text_has_a_host_or_none(text: str) -> None:
    """Nothing crashes, and what comes out is a host name in its compared form."""
    host = host_of(text)

    assert host is None or host_name(host) == host
    assert (name := fqdn(text)) is None or covers({name}, text)


@pytest.mark.parametrize(
    ("host", "is_inside"),
    [
        ("azure.com", True),
        ("openai.azure.com", True),
        ("a.b.azure.com", True),
        ("notazure.com", False),
        ("azure.com.evil.example", False),
        ("com", False),
        ("", False),
    ],
)
def test_a_host_is_under_a_domain_at_the_border_of_a_label(host: str, *, is_inside: bool) -> None:
    """A domain holds itself and what lies below it, not what merely ends alike."""
    assert is_under(host, DOMAINS) is is_inside


@pytest.mark.parametrize(
    ("destination", "is_covered"),
    [
        ("github.com", True),
        ("GitHub.com.", True),
        ("files.github.com", False),
        ("a.contoso.com", True),
        ("a.b.contoso.com", True),
        ("contoso.com", False),
        ("*.contoso.com", True),
        ("*.CONTOSO.com", True),
        ("*.a.contoso.com", False),
        ("*.github.com", False),
        ("*", False),
        ("*.*", False),
        ("a.*.contoso.com", False),
        ("evilcontoso.com", False),
        ("", False),
    ],
)
def test_a_wildcard_covers_what_lies_below_and_only_itself_among_wildcards(
    destination: str, *, is_covered: bool
) -> None:
    """A plain entry covers itself alone."""
    assert covers(APPROVED, destination) is is_covered


@pytest.mark.parametrize("text", ["contoso.com", " Contoso.COM. "])
def test_a_policy_names_domains_in_any_spelling(text: str) -> None:
    """They are kept as they are compared."""
    assert TypeAdapter(Domain).validate_python(text) == "contoso.com"


@pytest.mark.parametrize("text", ["https://contoso.com", "com", "*.contoso.com", "", "a b.com"])
def test_a_domain_that_is_none_is_refused(text: str) -> None:
    """The message shows how to write it."""
    with pytest.raises(ValidationError, match=r"is no domain; write it like contoso\.com"):
        TypeAdapter(Domain).validate_python(text)


@pytest.mark.parametrize(
    ("text", "kept"), [("GitHub.com", "github.com"), ("*.Contoso.com", "*.contoso.com")]
)
def test_a_policy_names_hosts_and_wildcards(text: str, kept: str) -> None:
    """They are kept as they are compared."""
    assert TypeAdapter(Fqdn).validate_python(text) == kept


@pytest.mark.parametrize(
    "text", ["*", "*.com", "https://github.com", "github.com:443", "", "a.*.b"]
)
def test_a_destination_that_is_none_or_too_wide_is_refused(text: str) -> None:
    """The message shows how to write it."""
    with pytest.raises(ValidationError, match=r"is no destination; write a host like github\.com"):
        TypeAdapter(Fqdn).validate_python(text)
