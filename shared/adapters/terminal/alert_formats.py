"""Alerts in the formats of others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from shared.adapters.formats.ocsf import compliance_finding_of_alert
from shared.adapters.formats.product import Producer, version
from shared.adapters.formats.sarif import Notice
from shared.adapters.formats.sarif_results import result_of_alert
from shared.adapters.formats.sarif_rules import Rules
from shared.adapters.terminal.json_output import write_array
from shared.adapters.terminal.sarif_log import write_log
from shared.domain.control import Control
from shared.domain.finding import Transition, finding_uid


def write_ocsf(
    stream: TextIO, alerts: Sequence[Transition], controls: Mapping[str, Control]
) -> None:
    """Write an array of OCSF events, one a line: every alert, newest first."""
    producer = Producer(version())
    write_array(
        stream,
        (
            compliance_finding_of_alert(each, controls.get(each.control or ""), producer)
            for each in alerts
        ),
    )
    stream.write("\n")


def write_sarif(
    stream: TextIO, alerts: Sequence[Transition], controls: Mapping[str, Control]
) -> None:
    """Write a SARIF log: a result for each finding, as its newest alert tells of it.

    Alerts that are of no control, such as a baseline, are no results: the log carries them as
    notifications. `alerts` come newest first.
    """
    rules = Rules(controls)
    notices = [Notice(each.message, at=each.at) for each in alerts if each.control is None]
    write_log(stream, rules, _results(alerts, rules), notices)


def _results(alerts: Sequence[Transition], rules: Rules) -> Iterator[dict[str, object]]:
    """Go through the newest alert of each finding."""
    told = set[str]()
    for each in alerts:
        if each.control is None:
            continue
        uid = finding_uid(each.control, each.resource_id)
        if uid not in told:
            told.add(uid)
            yield result_of_alert(each, each.control, rules)
