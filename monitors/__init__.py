"""Every monitor: one folder a family, one module a control, found by scanning.

May hold nothing but monitors. A family's `__init__` is one docstring; each module in it has a
`MONITOR`, and its control's id is the module's path: `family.name`.
"""

from collections.abc import Iterator
from importlib import import_module, resources
from importlib.machinery import all_suffixes
from pkgutil import ModuleInfo, iter_modules
from types import ModuleType

from shared.domain.control import AnyMonitor, Catalogue, Monitor


class BrokenCatalogueError(Exception):
    """The monitors cannot all be loaded; the message names the module and what is wrong with it."""


def load_catalogue(package: str = __name__) -> Catalogue:
    """Import every module of every family and return their monitors.

    Raises:
        BrokenCatalogueError: a module cannot be imported or has no monitor of its own, a family has
            no `__init__`, or something lies where it does not belong.
    """
    root = _import(package)
    return Catalogue(
        [_monitor(module) for family in _families(root) for module in _modules(family)]
    )


def _families(root: ModuleType) -> Iterator[ModuleType]:
    """Import the family packages, each by itself: pkgutil would pass over one that fails."""
    found = list(iter_modules(root.__path__))
    for each in found:
        if not each.ispkg:
            raise BrokenCatalogueError(
                f"{root.__name__}.{each.name} lies outside any family folder"
            )
    _refuse_lost_folders(root, found)
    for each in found:
        yield _import(f"{root.__name__}.{each.name}")


def _refuse_lost_folders(root: ModuleType, found: list[ModuleInfo]) -> None:
    """Raise for a folder of modules that has no `__init__`: scanning does not see it."""
    families = {each.name for each in found}
    for entry in resources.files(root).iterdir():
        if entry.name.startswith(("_", ".")) or entry.name in families or not entry.is_dir():
            continue
        if any(file.name.endswith(tuple(all_suffixes())) for file in entry.iterdir()):
            raise BrokenCatalogueError(f"{root.__name__}.{entry.name} has no __init__")


def _modules(family: ModuleType) -> Iterator[ModuleType]:
    """Import the modules of a family."""
    for each in iter_modules(family.__path__):
        if each.ispkg:
            raise BrokenCatalogueError(f"{family.__name__}.{each.name} is a folder inside a family")
        yield _import(f"{family.__name__}.{each.name}")


def _import(name: str) -> ModuleType:
    """Import a module, whatever it raises told with its name."""
    try:
        return import_module(name)
    except Exception as error:
        raise BrokenCatalogueError(f"{name} cannot be imported: {error!r}") from error


def _monitor(module: ModuleType) -> AnyMonitor:
    """Return a module's monitor, which must name the module as its own."""
    monitor = getattr(module, "MONITOR", None)
    if not isinstance(monitor, Monitor):
        raise BrokenCatalogueError(f"{module.__name__} has no MONITOR")
    if monitor.module != module.__name__:
        raise BrokenCatalogueError(
            f"the MONITOR of {module.__name__} says that it is of {monitor.module}; "
            "write Monitor(module=__name__, …)"
        )
    return monitor
