"""What `check` found, in the formats of others: written while it judges, nothing is held."""

from collections.abc import Iterator
from typing import TextIO

from shared.adapters.formats.ocsf import compliance_finding_of_evaluation
from shared.adapters.formats.product import Producer, version
from shared.adapters.formats.sarif import Notice
from shared.adapters.formats.sarif_results import result_of_evaluation
from shared.adapters.formats.sarif_rules import Rules
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal.json_output import write_array
from shared.adapters.terminal.notes import InputNotes
from shared.adapters.terminal.sarif_log import write_log
from shared.domain.control import Catalogue
from shared.domain.verdict import Verdict
from shared.pipeline.evaluate import Observation

NOT_AS_IT_SHOULD_BE = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


def write_sarif(
    stream: TextIO, seen: Iterator[Observation], catalogue: Catalogue, notes: InputNotes
) -> None:
    """Write a SARIF log of what fails or is unknown.

    What passes is left out: code scanning would show it as an alert. Files that could not be used
    are in the log: a log of part of the input must not look like one of all.
    """
    rules = Rules({each.id: each.control for each in catalogue})
    told = (each for each in seen if each.judgement.verdict in NOT_AS_IT_SHOULD_BE)
    unusable = [Notice(f"{each.file}: {each.why}", "error") for each in notes.unusable]
    write_log(stream, rules, (result_of_evaluation(each, rules) for each in told), unusable)


def write_ocsf(stream: TextIO, seen: Iterator[Observation]) -> None:
    """Write an array of OCSF events, one a line, of all that a control has something to say of."""
    producer, now = Producer(version()), SystemClock().now()
    told = (each for each in seen if each.judgement.verdict is not Verdict.NOT_APPLICABLE)
    write_array(stream, (compliance_finding_of_evaluation(each, now, producer) for each in told))
    stream.write("\n")
