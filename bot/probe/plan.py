"""What is asked for, so that it costs as little as it can."""

from dataclasses import dataclass
from typing import Any

from bot.netmind.catalog import Catalog
from bot.netmind.model import Model
from bot.netmind.option import Option

PROMPT = "a short click, for a probe of the interface"
LONG_PROMPT = "click " * 4000
UNKNOWN_MODEL = "foley/there-is-no-such-model"
MOST = 4
"""Generations that can come of it: two that are meant, two that ought to be refused."""


@dataclass(frozen=True)
class Plan:
    """A model and three requests for it: a good one, one with a wrong value, one too long."""

    model: Model
    good: dict[str, Any]
    wrong: dict[str, Any]
    long: dict[str, Any]


def plan_of(catalog: Catalog) -> Plan:
    """Return the plan for the quickest model, with the shortest result that it makes."""
    model = min(catalog.models, key=lambda each: each.typical_seconds)
    shortest = {key: least for key, each in model.options.items() if (least := _shortest(each))}
    good = model.config(PROMPT, shortest)
    wrong = good | {_numeric(model): "not a number"}
    return Plan(model, good, wrong, wrong | {model.prompt_wire: LONG_PROMPT})


def _shortest(option: Option) -> object:
    """Return the value that makes the result as short as can be; None: it decides on no length."""
    if option.seconds:
        return min(option.seconds, key=lambda label: option.seconds[label])
    if option.unit == "s" and option.min:
        return int(option.min) if option.type == "integer" else option.min
    return None


def _numeric(model: Model) -> str:
    """Return NetMind's name for something that has to be a number, or for the prompt."""
    numbers = [each for each in model.options.values() if each.type in {"integer", "number"}]
    names = [name for each in numbers for name in each.wires() if "." not in name]
    return next(iter(names), model.prompt_wire)


def announced(plan: Plan, *, exclusive: bool) -> str:
    """Say what will be done, before it is."""
    stop = (
        " Stop the bot before: with NETMIND_ACCOUNT=exclusive it may take these for its own."
        if exclusive
        else ""
    )
    return (
        f"This asks NetMind for two short generations of {plan.model.title}, deletes one of them "
        "while it is made, and sends two requests that ought to be refused or to fail: at most "
        f"{MOST} generations, which NetMind may bill. Everything it makes is deleted at the end; "
        "nothing else in the account is touched. It takes a few minutes." + stop
    )
