"""Every control that a finding can be of."""

from collections.abc import Mapping

from shared.domain.control import Catalogue, Control
from shared.pipeline.own_sight import OWN_SIGHT


def known_controls(catalogue: Catalogue) -> Mapping[str, Control]:
    """Return the controls by id: those that have a monitor, and those of the monitor's own sight.

    An old finding can be of neither: its control is no longer in the catalogue.
    """
    return {**{each.id: each.control for each in catalogue}, **OWN_SIGHT}
