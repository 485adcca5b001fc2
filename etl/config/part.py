"""What all parts of the configuration have in common."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of all parts: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
