"""The back office: sign-in for the whole blueprint, and a permission that each view names.

Every module of this folder hangs its pages onto the blueprint; a new one needs no list.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from portal.staff.blueprint import staff

__all__ = ["staff"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
