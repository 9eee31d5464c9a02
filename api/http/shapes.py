"""Pieces of request bodies that several operations share: amounts, days and texts, narrow from the start."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StringConstraints
from pydantic.config import JsonDict

from domain.money import AMOUNT_CAP


def example(value: JsonDict) -> ConfigDict:
    """The settings of a body that has an example in the documentation."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [value]})


class Body(BaseModel):
    """A request body; a field that is not known is refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


def _written_day(value: object) -> object:
    """Only text is a day; a number would be taken for seconds since 1970."""
    if not isinstance(value, str):
        raise ValueError("a day is written as text")
    return value


Amount = Annotated[StrictInt, Field(gt=0, le=AMOUNT_CAP, description="Số đồng nguyên")]
Day = Annotated[date, BeforeValidator(_written_day), Field(description="Ngày dạng NNNN-TT-NN")]
#: One line of text without control characters.
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
