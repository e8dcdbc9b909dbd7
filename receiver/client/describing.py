"""Gives the methods of the clients the names, the parameters and the words of their calls."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_args, get_type_hints

MethodT = TypeVar("MethodT")


def describe(method: MethodT, make: Callable[..., object], answer: str) -> MethodT:
    """Makes a method look as what makes its call does.

    Args:
        method: a function whose first parameter is `self`.
        make: returns the call.
        answer: what the method returns; `{}` stands for what is in the answer to the call, `[]` for
            an item of its page.
    """
    shown = inspect.signature(make)
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    parameters = [itself, *shown.parameters.values()]
    signature = shown.replace(parameters=parameters, return_annotation=_name(make, answer))
    described: Any = method
    described.__signature__, described.__doc__ = signature, make.__doc__
    return method


def _name(make: Callable[..., object], answer: str) -> str:
    [kind] = get_args(get_type_hints(make)["return"]) or [None]
    if "[]" in answer:
        [item, _] = get_args(get_type_hints(kind)["items"])
        return answer.replace("[]", f"[{item.__name__}]")
    name = "None" if kind in (None, type(None)) else kind.__name__
    return answer.replace("{}", name)
