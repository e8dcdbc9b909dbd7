"""Counts the instructions that Python executes."""

import gc
import sys
from types import FrameType
from typing import Any


class Instructions:
    """Counts the bytecode instructions that run within the block, in this thread.

    Without those of the garbage collector: others may have left it callbacks in Python, which run
    as often as it does.
    """

    def __init__(self) -> None:
        self.number = 0

    def __enter__(self) -> "Instructions":
        self._before = sys.gettrace()
        gc.disable()
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)
        gc.enable()

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._ran

    def _ran(self, _frame: FrameType, event: str, _argument: Any) -> Any:
        self.number += event == "opcode"
        return self._ran
