"""Chains from and to the files of other planning tools; what is not carried is told by name, never dropped quietly."""

from lodeworks.exchange.from_pypsa import import_pypsa
from lodeworks.exchange.to_pypsa import export_pypsa

__all__ = ["export_pypsa", "import_pypsa"]
