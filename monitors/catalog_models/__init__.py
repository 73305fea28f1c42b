"""Models that come from the model catalog."""
