"""Wire formats in, `ResourceChange` out. No store, no clock, no judgement may enter."""
