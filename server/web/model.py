"""What all models of the contract have in common."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError


class Model(BaseModel):
    """Unknown fields are refused, so that a typing error in a client is noticed."""

    model_config = ConfigDict(extra="forbid")

    def model_dump_json(self, **options: Any) -> str:
        """As pydantic does it; half a character in somebody's text (a cut emoji), which UTF-8 can't say, becomes
        U+FFFD, so that one reply does not keep all others from being shown."""
        try:
            return super().model_dump_json(**options)
        except PydanticSerializationError:
            text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False)
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
