"""Who made the change that an open finding follows from: kept on it, for what is told later."""

from collections.abc import Mapping
from dataclasses import replace

from shared.domain.finding import Finding, FindingState, finding_key
from shared.domain.root_state import Commit


def with_attributions(commit: Commit, stored: Mapping[str, Finding]) -> Commit:
    """Return a commit whose open findings tell of the change that is known by now.

    `stored` are the root's findings, by key. The newest transition of a finding counts.
    """
    newest = {
        finding_key(each.control, each.resource_id): each.attribution
        for each in commit.state.attributable
        if each.control is not None
    }
    if not any(newest.values()):
        return commit
    changed = {each.key: each for each in commit.findings}
    for key, attribution in newest.items():
        finding = changed.get(key) or stored.get(key)
        if attribution is None or finding is None or finding.state is not FindingState.OPEN:
            continue
        if finding.attribution != attribution:
            changed[key] = replace(finding, attribution=attribution)
    return replace(commit, findings=tuple(changed.values()))
