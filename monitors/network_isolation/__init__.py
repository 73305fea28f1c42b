"""Who can reach the resource, and where it can send."""
