"""Alerts as Adaptive Cards for Teams: pure, small, and safe whatever a name or a tag holds."""
