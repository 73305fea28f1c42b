"""How things are written down in a store: plain bytes and back, of whichever store it is."""
