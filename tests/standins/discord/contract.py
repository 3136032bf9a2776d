"""Requests and answers held against Discord's own OpenAPI document."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]  # likewise
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.standins.discord.call import Answer, Call
from tests.standins.discord.routes import Route
from tests.standins.discord.world import JSON

SPOKEN, HEARD = "urn:discord:spoken", "urn:discord:heard"
"""The document for answers, and for requests, where a snowflake may also be a number."""


class Contract:
    """Builds a validator for an operation when it is first used."""

    def __init__(self, document: JSON) -> None:
        self._paths: JSON = document["paths"]
        documents = {SPOKEN: document, HEARD: _with_numbers_as_snowflakes(document)}
        self._registry: Registry[Any] = Registry().with_resources(
            (uri, DRAFT202012.create_resource(contents)) for uri, contents in documents.items()
        )
        self._validators: dict[str, Draft202012Validator] = {}

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls(json.loads(path.read_text("utf-8")))

    def request_faults(self, route: Route, call: Call) -> list[str]:
        """Say what is wrong with a request, in sentences."""
        operation = self._operation(route)
        if operation is None:
            return [f"{route.name} is not documented"]
        faults = list(self._query_faults(route, operation, call.query))
        content = (operation.get("requestBody") or {}).get("content", {})
        if "application/json" in content:
            pointer = ("requestBody", "content", "application/json", "schema")
            faults += self._check(HEARD, route, pointer, call.body)
        return faults

    def answer_faults(self, route: Route, answer: Answer) -> list[str]:
        """Say what is wrong with an answer, in sentences."""
        operation = self._operation(route) or {}
        responses = operation.get("responses", {})
        status = str(answer.status)
        status = status if status in responses else f"{status[0]}XX"
        if status not in responses:
            return [f"{route.name} never answers {answer.status}"]
        response = responses[status]
        if "$ref" in response:
            name = response["$ref"].rpartition("/")[2]
            pointer = ("components", "responses", name, "content", "application/json", "schema")
            return self._check_at(SPOKEN, pointer, answer.payload)
        if "application/json" not in response.get("content", {}):
            return [] if answer.payload is None else [f"{route.name} {status} has no body"]
        inner = ("responses", status, "content", "application/json", "schema")
        return self._check(SPOKEN, route, inner, answer.payload)

    def _operation(self, route: Route) -> JSON | None:
        found: JSON | None = self._paths.get(route.template, {}).get(route.method.lower())
        return found

    def _query_faults(self, route: Route, operation: JSON, query: dict[str, str]) -> Iterator[str]:
        known = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        for name in query.keys() - known:
            yield f"{route.name} has no query parameter {name}"

    def _check(self, uri: str, route: Route, inner: tuple[str, ...], value: Any) -> list[str]:
        return self._check_at(uri, ("paths", route.template, route.method.lower(), *inner), value)

    def _check_at(self, uri: str, pointer: tuple[str, ...], value: Any) -> list[str]:
        errors = [_innermost(error) for error in self._validator(uri, pointer).iter_errors(value)]
        return [f"{error.json_path}: {error.message[:300]}" for error in errors]

    def _validator(self, uri: str, pointer: tuple[str, ...]) -> Draft202012Validator:
        steps = (quote(step.replace("~", "~0").replace("/", "~1"), safe="~") for step in pointer)
        reference = f"{uri}#/" + "/".join(steps)
        if reference not in self._validators:
            validator = Draft202012Validator({"$ref": reference}, registry=self._registry)
            self._validators[reference] = validator
        return self._validators[reference]


def _with_numbers_as_snowflakes(document: JSON) -> JSON:
    parts = document["components"]
    schemas = parts["schemas"]
    snowflake = schemas["SnowflakeType"] | {"type": ["string", "integer"]}
    return document | {"components": parts | {"schemas": schemas | {"SnowflakeType": snowflake}}}


def _innermost(error: ValidationError) -> ValidationError:
    """Return what is wrong within a union: with the member of the right type, or the nearest."""
    if not error.context:
        return error
    members: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        members.setdefault(inner.schema_path[0], []).append(inner)

    def distance(errors: list[ValidationError]) -> tuple[bool, int]:
        return any(list(inner.path)[-1:] == ["type"] for inner in errors), len(errors)

    return _innermost(min(members.values(), key=distance)[0])
