"""True answers with something wrong in them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.generation import stamp
from tests.standins.netmind.faults import Twist
from tests.standins.netmind.ledger import JSON

ODD_WORD = "rebalancing"
LISTED = "generation_list"

_NO_RESULT: dict[str, Any] = {"result": {}, "meta_info": {}, "logs": []}


def twist(how: Twist, amount: float, payload: Any) -> Any:
    """Return the answer as it is told wrongly; one that tells no generation stays as it is."""
    if not isinstance(payload, dict):
        return payload
    if LISTED in payload:
        return payload | {LISTED: _many(how, amount, payload[LISTED])}
    return _one(how, amount, payload) if "status" in payload else payload


def _many(how: Twist, amount: float, told: list[JSON]) -> list[JSON]:
    match how:
        case "doubled":
            return told + told
        case "cut":
            return told[: int(amount)]
        case "emptied":
            return []
        case _:
            return [_one(how, amount, generation) for generation in told]


def _one(how: Twist, amount: float, told: JSON) -> JSON:
    match how:
        case "backwards":
            return _unfinished(told) | {"status": "pending"}
        case "odd_word":
            return _unfinished(told) | {"status": ODD_WORD}
        case "no_result":
            return _unfinished(told) | {"status": "completed"}
        case "shifted":
            return told | {
                name: _later(amount)(told[name]) for name in ("created_at", "updated_at")
            }
        case _:
            return told


def _unfinished(told: JSON) -> JSON:
    return told | {key: value for key, value in _NO_RESULT.items() if key in told}


def _later(seconds: float) -> Callable[[str], str]:
    return lambda text: stamp(datetime.fromisoformat(text) + timedelta(seconds=seconds))
