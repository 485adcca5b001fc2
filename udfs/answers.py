"""The base of the stages' answer models: one pydantic class gives the JSON schema, the parser and the Spark type."""

import types
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict

DOMAINS = (
    "math", "technology_engineering", "coding", "social_science", "natural_science",
    "travel_lifestyle", "commerce_economics", "medicine_health", "education", "other",
)  # fmt: skip
Domain = Literal[
    "math", "technology_engineering", "coding", "social_science", "natural_science",
    "travel_lifestyle", "commerce_economics", "medicine_health", "education", "other",
]  # fmt: skip
AnswerType = Literal["integer", "number", "date", "name", "phrase", "boolean", "choice", "expression", "list", "code"]

_YES, _NO = {"true", "yes", "y"}, {"false", "no", "n"}


def _strict_bool(value: object) -> object:
    """Accept JSON booleans and their plain words; anything else stays what it is and fails validation."""
    word = value.strip().rstrip(".").lower() if isinstance(value, str) else None
    return True if word in _YES else False if word in _NO else value


def _text(value: object) -> object:
    """Numbers arrive as the literal the model wrote (see `udfs.parse`), booleans as JSON spells them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "; ".join(value)
    return value


Flag = Annotated[bool, BeforeValidator(_strict_bool)]
Text = Annotated[str, BeforeValidator(_text)]


class Answer(BaseModel):
    """What one stage asks of the model. Unknown properties are ignored: some servers do not enforce the schema."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)
    closing: ClassVar[str] = "Answer with one JSON object only."
    """The last line of every request for such an answer."""

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the strict JSON schema that is sent: every property required, no lengths or patterns on strings.

        Bounds on strings are checked after parsing: a common constrained-decoding backend cannot emit
        backslashes or quotes in bounded strings.
        """
        schema = cls.model_json_schema()
        schema.pop("title", None)
        schema.pop("description", None)
        for prop in schema["properties"].values():
            prop.pop("title", None)
            prop.pop("default", None)
        return {**schema, "required": list(cls.model_fields), "additionalProperties": False}

    @classmethod
    def spark_ddl(cls) -> str:
        """Return the columns of this answer as Spark DDL, in the order of the fields."""
        return ", ".join(f"{name} {_ddl(f.annotation)}" for name, f in cls.model_fields.items())


class FreeText(Answer):
    """An answer in the model's own words: no schema is sent, and any text is one."""

    closing: ClassVar[str] = ""
    text: str

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return no schema: engines then ask for no JSON."""
        return {}


def _ddl(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _ddl(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return _ddl(next(a for a in get_args(annotation) if a is not type(None)))
    if origin is Literal:
        return "string"
    if origin is list:
        return f"array<{_ddl(get_args(annotation)[0])}>"
    return {str: "string", bool: "boolean", int: "int", float: "double"}[annotation]
