"""The product's own package: everything but the monitors and the two entry points."""
