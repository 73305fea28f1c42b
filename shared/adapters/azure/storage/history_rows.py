"""The rows of the history: what one look records at one time is one row, a page.

A page stands at its time, counted down. An entry in the index of its root finds it by the ids of
its transitions, and while sinks are to be told of it, one in the outbox (`outbox.py`) by when it
was recorded.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import orjson

from shared.adapters.azure.storage.operations import Columns
from shared.adapters.azure.storage.row_bodies import body_columns, body_of
from shared.adapters.azure.storage.row_json import StoredRow
from shared.adapters.azure.storage.table_keys import (
    INDEX,
    OUTBOX,
    PAGES,
    backward,
    digest,
    forward,
    key,
    microseconds,
)
from shared.adapters.encoding.findings import (
    decode_transitions,
    encode_transition,
    encode_transitions,
)
from shared.domain.finding import Transition

LARGEST_PAGE = 50
"""Transitions."""
LARGEST_BODY = 500_000
"""Bytes of JSON: less than a row holds even where nothing can be compressed."""
_Part = tuple[tuple[Transition, ...], tuple[bytes, ...]]
"""Transitions, and the same as they are stored."""


@dataclass(frozen=True, slots=True)
class Page:
    """Transitions of one root that were recorded together.

    `recorded` is when, by the clock of whoever did, in microseconds; `number` counts the pages of a
    commit. `at`, the time that the history is read by, is that of every transition. `encoded` are
    the transitions as they are stored, where that is known already; `holding` makes a page of
    others.
    """

    root: str
    recorded: int
    number: int
    transitions: tuple[Transition, ...]
    encoded: tuple[bytes, ...] = field(default=(), compare=False)

    @property
    def key(self) -> str:
        """Where the page stands: newest first, and of one time what was recorded last."""
        at = backward(microseconds(self.transitions[0].at))
        return key(PAGES, at, backward(self.recorded), backward(self.number), digest(self.root))

    @property
    def index_key(self) -> str:
        """Where its entry in the index of the root stands: newest first."""
        return key(INDEX, digest(self.root), backward(self.recorded), backward(self.number))

    @property
    def outbox_key(self) -> str:
        """Where its entry in the outbox stands: oldest first."""
        return key(OUTBOX, forward(self.recorded), forward(self.number), digest(self.root))

    def holding(self, transitions: tuple[Transition, ...]) -> "Page":
        """Return the page with other transitions in its place."""
        return replace(self, transitions=transitions, encoded=())

    def columns(self) -> dict[str, object]:
        """Return the columns of the page."""
        encoded = self.encoded or [encode_transition(each) for each in self.transitions]
        return {
            "root": self.root,
            "recorded": str(self.recorded),
            "number": self.number,
            **body_columns(encode_transitions(encoded)),
        }

    def rows(self) -> Iterator[tuple[str, Columns]]:
        """Go through the rows that it is recorded in, the outbox last."""
        yield self.key, self.columns()
        names = body_columns(orjson.dumps([each.id for each in self.transitions]))
        yield self.index_key, {"page": self.key, **names}
        alerting = [each.id for each in self.transitions if each.alerts]
        if alerting:
            yield self.outbox_key, {"page": self.key, **body_columns(orjson.dumps(alerting))}


def pages_of(root: str, transitions: Sequence[Transition], recorded: int) -> list[Page]:
    """Lay new transitions out on pages, in their order."""
    pages: list[Page] = []
    for _, together in groupby(transitions, key=lambda each: each.at):
        pages += [
            Page(root, recorded, number, *part)
            for number, part in enumerate(_parts(together), len(pages))
        ]
    return pages


def _parts(transitions: Iterable[Transition]) -> Iterator[_Part]:
    """Lay transitions out so that each part fits on a page; also as they are stored."""
    part: list[Transition] = []
    encoded: list[bytes] = []
    size = 0
    for each in transitions:
        text = encode_transition(each)
        if part and (len(part) == LARGEST_PAGE or size + len(text) > LARGEST_BODY):
            yield tuple(part), tuple(encoded)
            part, encoded, size = [], [], 0
        part.append(each)
        encoded.append(text)
        size += len(text)
    yield tuple(part), tuple(encoded)


def decode_page(stored: StoredRow) -> Page:
    """Read a page."""
    columns = stored.columns
    return Page(
        str(columns["root"]),
        int(str(columns["recorded"])),
        int(str(columns["number"])),
        decode_transitions(body_of(columns)),
    )


def decode_ids(columns: Columns) -> list[str]:
    """Return the ids in an entry of the index or the outbox."""
    return [str(each) for each in orjson.loads(body_of(columns))]
