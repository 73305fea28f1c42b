"""Starting without looking for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Collect no garbage meanwhile, and never go through again what is there afterwards.

    For imports: they make objects by the hundred thousand, which stay, and hardly a cycle that is
    garbage. Python would go through all of them time and again while they are made, and with every
    full collection later on.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        # Not where it failed: what is there then is garbage, and whoever tries again makes it anew.
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
