"""JSON has one kind of number: a whole number written as a fraction is that number."""


def read_whole_number(value: object) -> int | None:
    """Returns a whole number as an integer; None for everything else, true and false included."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None
