"""What looks came to, as it is kept for those who ask for the posture of any time."""

from dataclasses import dataclass
from datetime import datetime

from shared.pipeline.evaluate import Observation


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An observation, with the root that was looked at (its key) and when the look began (UTC)."""

    root: str
    looked_at: datetime
    seen: Observation
