"""What a credential may be called: a name stands in logs, metric labels, lists and stored events.

A name is plain words, so that nothing personal and nothing secret becomes one: it has too few
digits for a phone number, no `@` for a mail address, and no word as long as a token.
"""

import re

from receiver.errors import ConfigurationError

# Prefix of the names of access tokens' credentials, which stand in no table.
CLIENT_NAMES = "jwt:"

# The names of a doctor's trial credentials begin with this.
TRIAL_NAMES = "doctor.invalid"

# Prefix of the tokens that are made here, by which secret scanners find a leaked one.
TOKEN_PREFIX = "dsr_"  # noqa: S105 - the part that every token has

NAME_LENGTH_MAX = 100
# Enough for a date; a phone number with its country code has more.
NAME_DIGITS_MAX = 8
# Characters between two of `-`, `_` and `.`; one less than the shortest token.
NAME_WORD_LENGTH_MAX = 19

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_SEPARATOR = re.compile(r"[._-]")
_DIGIT = re.compile(r"[0-9]")

# Digits with separators between; a scheme such as `tel:` may stand in front.
_PHONE_NUMBER = re.compile(r"([A-Za-z]+[:/]+)?[0-9][0-9._~:/-]*")
# Digits of a phone number with or without its country code (ITU-T E.164 allows 15).
_PHONE_NUMBER_DIGITS = range(7, 16)


def require_plain_name(name: str) -> None:
    """Refuses a name that is not made of plain words.

    Raises:
        ConfigurationError: says what a name must be, without the name.
    """
    words = _SEPARATOR.split(name)
    is_plain = (
        _NAME.fullmatch(name) is not None
        and len(name) <= NAME_LENGTH_MAX
        and len(_DIGIT.findall(name)) <= NAME_DIGITS_MAX
        and max(map(len, words)) <= NAME_WORD_LENGTH_MAX
        and not name.startswith(TOKEN_PREFIX)
    )
    if not is_plain:
        raise ConfigurationError(
            f"the name must be plain words, such as operator-prod: at most {NAME_LENGTH_MAX}"
            " letters, digits, '-', '_' and '.', a letter first, no word of more than"
            f" {NAME_WORD_LENGTH_MAX} characters and at most {NAME_DIGITS_MAX} digits in all;"
            " it stands in logs and metrics, so it is never a phone number, address or token"
        )


def is_trial_name(name: str) -> bool:
    """Returns whether a credential was made for a trial of the doctor."""
    return name.startswith(TRIAL_NAMES)


def find_metric_label(name: str) -> str:
    """Returns what stands for a credential in a metric: its name; all trials share one."""
    return TRIAL_NAMES if is_trial_name(name) else name


def may_be_phone_number(text: str) -> bool:
    """Returns whether a text reads as a phone number, as the id of a client may."""
    digits = len(_DIGIT.findall(text))
    return digits in _PHONE_NUMBER_DIGITS and _PHONE_NUMBER.fullmatch(text) is not None
