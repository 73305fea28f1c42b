"""Text of others made safe to show: no terminal acts on it, and what is invisible is seen."""


def shown(text: str) -> str:
    r"""Return the text with every character escaped that is not plainly printable.

    Control characters (ANSI sequences begin with one), bidirectional overrides, zero-width and
    other invisible characters, unusual spaces and lone surrogates become `\x1b`, `\u202e`, `\n`…
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    """Return a character as Python spells it in ASCII."""
    return character.encode("unicode_escape").decode("ascii")
