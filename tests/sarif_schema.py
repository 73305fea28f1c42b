"""Whether a SARIF log is valid by the schema, and by what code scanning of GitHub asks beside it.

The schema is Microsoft's copy of that of OASIS, from the npm package @microsoft/jest-sarif, which
`make test` installs. What GitHub asks stands in its "SARIF support for code scanning".
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

SCHEMA = (
    Path(__file__).resolve().parent
    / "sarif/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
)


@cache
def _validator() -> Draft4Validator:
    """Read the schema once."""
    return Draft4Validator(
        json.loads(SCHEMA.read_text("utf-8")), format_checker=Draft4Validator.FORMAT_CHECKER
    )


def problems(log: Any) -> list[str]:  # noqa: ANN401 - whatever was printed
    """Return what is wrong with a log."""
    wrong = [f"{each.json_path}: {each.message}" for each in _validator().iter_errors(log)]
    if wrong:
        return wrong
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        for rule in rules:
            short, full = rule["shortDescription"]["text"], rule["fullDescription"]["text"]
            if not (0 < len(short) <= 1024 and 0 < len(full) <= 1024 and rule["help"]["text"]):
                wrong.append(f"{rule['id']}: a description is missing or too long")
            if "security" not in rule["properties"]["tags"]:
                wrong.append(f"{rule['id']}: security-severity counts only with the tag security")
        wrong += [
            f"{result['ruleId']}: {problem}"
            for result in run["results"]
            for problem in _problems_of(result, rules)
        ]
    return wrong


def _problems_of(result: dict[str, Any], rules: list[dict[str, Any]]) -> list[str]:
    """Return what the schema cannot say of a result."""
    wrong = []
    if "ruleIndex" in result and rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        wrong.append("the index is that of another rule")
    if (result["kind"] == "fail") == (result["level"] == "none"):
        wrong.append("only what fails has a level (3.27.10)")
    place = result["locations"][0]["physicalLocation"]
    if not place["artifactLocation"]["uri"] or place["region"]["startLine"] != 1:
        wrong.append("in no file")
    if not result["partialFingerprints"]["primaryLocationLineHash"]:
        wrong.append("GitHub would not know it again")
    return wrong
