"""What ARM's answers say of a source: resources, and what is not known of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from shared.adapters.azure.arm.asking import Answer, unreadable
from shared.domain.resource import Resource
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.topology import Source


def reading_of(source: Source, answers: Sequence[Answer], within: ResourceId) -> SourceReading:
    """Fold the answers to every read of a source into its reading.

    It began with the first of them. An item that shows twice, as when a list moves between two
    pages, counts once, as it was last.
    """
    found: dict[str, Resource] = {}
    problems = [each.problem for each in answers if each.problem is not None]
    for answer in answers:
        for body in answer.items:
            item = _resource(body, within, answer.api_version)
            if isinstance(item, Problem):
                problems.append(item)
            else:
                found[item.id.key] = item
    versions = [each.api_version for each in answers if each.api_version is not None]
    return SourceReading(
        source,
        tuple(found.values()),
        min(each.began_at for each in answers),
        folded(problems),
        complete=not problems,
        # Of several the oldest, which shows the least.
        api_version=min(versions, default=None),
    )


def _resource(
    body: Mapping[str, object], within: ResourceId, api_version: str | None
) -> Resource | Problem:
    """Read an item; ids come from `id`, as a name can be `account/project`."""
    try:
        found = ResourceId.parse(body.get("id"))
    except MalformedResourceIdError as error:
        return unreadable(f"Azure listed a resource whose id cannot be used: it {error}")
    if not found.is_within(within):
        return unreadable(f"Azure listed {found.text}, which does not lie in {within.text}")
    return Resource(found, body, api_version)


def folded(problems: Iterable[Problem]) -> Problem | None:
    """Return one problem for several: a missing permission first, for somebody can give it.

    It is worth trying again as long as one of them is.
    """
    known = sorted(dict.fromkeys(problems), key=lambda each: each.permission is None)
    if not known:
        return None
    more = f" (and {len(known) - 1} more)" if len(known) > 1 else ""
    waits = [each.retry_after for each in known if each.retry_after is not None]
    first = known[0]
    return replace(first, detail=f"{first.detail}{more}", retry_after=max(waits) if waits else None)


def with_problem(reading: SourceReading, problem: Problem | None) -> SourceReading:
    """Return the reading with one more problem, if there is one."""
    if problem is None:
        return reading
    known = [] if reading.problem is None else [reading.problem]
    return replace(reading, problem=folded([*known, problem]), complete=False)


def because_of(problem: Problem | None, what: str) -> Problem | None:
    """Return the problem that another source's is to this one."""
    return None if problem is None else replace(problem, detail=f"{what}: {problem.detail}")
