"""Whether a container was scanned, as two controls ask it."""

import pytest
from pydantic import ValidationError

from monitors.catalog_models.model_scanned import MONITOR
from shared.domain.resource import Resource
from shared.domain.scanned_models import ScannedParameters, judge_scan
from shared.domain.verdict import Verdict
from tests.arm import (
    batch_deployment,
    judge,
    managed_compute_deployment,
    online_deployment,
)

UNSCANNED = "azureml://registries/HuggingFace/models/bert/versions/1"


@pytest.mark.parametrize(
    "judged",
    [
        online_deployment(),
        online_deployment(UNSCANNED),
        online_deployment(None),
        batch_deployment(),
        batch_deployment(reference_type="DataPath"),
        managed_compute_deployment(),
        managed_compute_deployment(sku="VmManagedCompute"),
    ],
)
def test_is_what_model_scanned_says(judged: Resource) -> None:
    """The control of that name adds nothing, and what is not known counts as unscanned."""
    parameters = ScannedParameters()
    found = judge_scan(judged, parameters)

    assert found == judge(MONITOR, judged, parameters=parameters)
    assert found.verdict in {Verdict.PASS, Verdict.FAIL}


def test_an_unknown_parameter_is_refused() -> None:
    """A typo in a policy does not go unnoticed."""
    with pytest.raises(ValidationError, match="scaned_models"):
        ScannedParameters.model_validate({"scaned_models": {}})
