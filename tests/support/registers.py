"""Registers, as far as they are the same for any order of the same events."""

from collections.abc import Mapping

from receiver.events.axes import Axis
from receiver.projection.status import Register


def but_since(registers: Mapping[Axis, Register]) -> dict[Axis, Register]:
    """Returns registers without what the order decides: whether since when is known."""
    return {axis: register._replace(since=None) for axis, register in registers.items()}
