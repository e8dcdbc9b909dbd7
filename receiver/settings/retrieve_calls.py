"""The settings of the retrieve calls, CAMARA's and its vendors'."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class RetrieveSettings(BaseSettings):
    """Whether the retrieve calls are served, and what they answer in doubt."""

    retrieve_calls: Literal["all"] | None = Field(
        default="all",
        description="CAMARA's retrieve calls, answered from stored events: `all` of them, or "
        "`none`.",
    )
    retrieve_last_known: bool = Field(
        default=False,
        description="Whether a retrieve call answers with the last known value, and its old time, "
        "where the value is not known any more; else the answer is an error.",
    )
    retrieve_orange_errors: bool = Field(
        default=False,
        description="Whether an unknown device is a 500 at Orange's path, as Orange answers; else "
        "it is a 404, as CAMARA says.",
    )
