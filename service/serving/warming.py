"""What only unusual data needs, the registry of units and the models, is built beside a worker's first answers."""

from __future__ import annotations

import gc
import threading

from mappings import units
from mappings.fhir import models

_NAME = "warming up"


def warm_up_beside() -> None:
    """Begins; a request that needs something of it meanwhile waits for it."""
    threading.Thread(target=_warm_up, name=_NAME, daemon=True).start()


def is_warming_up() -> bool:
    """Whether a request may still have to wait."""
    return any(thread.name == _NAME for thread in threading.enumerate())


def _warm_up() -> None:
    units.warm_up()
    models.warm_up()
    gc.collect()
    gc.freeze()  # all of it stays as long as the worker
