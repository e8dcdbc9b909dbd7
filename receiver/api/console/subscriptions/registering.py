"""The form that tells of a subscription: its fields, and the question that they become."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from receiver.errors import InvalidArgument


@dataclass(frozen=True, slots=True)
class Told:
    """The form as it was filled in.

    Attributes:
        subscription: the provider's answer, as JSON.
        phone_number: of a three-legged subscription; empty: its notifications name the device.
    """

    credential: str = ""
    subscription: str = ""
    phone_number: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "Told":
        return cls(
            form.get("credential", ""), form.get("subscription", ""), form.get("phoneNumber", "")
        )

    def ask(self) -> dict[str, Any]:
        """Returns the body of `POST /subscriptions`.

        Raises:
            InvalidArgument: the provider's answer is no JSON object.
        """
        try:
            subscription = orjson.loads(self.subscription)
        except orjson.JSONDecodeError:
            raise InvalidArgument("subscription: not JSON") from None
        body = {"credential": self.credential, "subscription": subscription}
        if self.phone_number:
            body["device"] = {"phoneNumber": self.phone_number}
        return body
