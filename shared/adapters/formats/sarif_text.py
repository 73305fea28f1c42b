"""Text of ours and of others as SARIF messages take it."""

from urllib.parse import quote


def plain(text: str) -> str:
    """Return a text as a SARIF message that shows just this.

    Braces are doubled, as a literal one is written (SARIF 2.1.0, 3.11.5). What would be an embedded
    link (3.11.6) is broken: names and values are data, and no data may become a link.
    """
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def markdown(text: str) -> str:
    """Return a text as Markdown that shows just this, with no markup, link or HTML of its own."""
    escaped = "".join(f"\\{each}" if each in _MARKUP else each for each in text)
    return escaped.replace("{", "{{").replace("}", "}}")


def artifact_uri(resource_id: str) -> str:
    """Return a relative address for a resource: the same in every run, however its id is spelt.

    GitHub code scanning takes only results that are in a file; this one stands for the resource. No
    name leads up and out of it.
    """
    parts = [part for part in resource_id.lower().split("/") if part]
    safe = (f"_{part}_" if part in {".", ".."} else part for part in parts)
    return quote("/".join(safe).encode("utf-8", "surrogatepass"), safe="/")


_MARKUP = frozenset("\\`*_[]<>#|~")
