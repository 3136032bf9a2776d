"""Every question that one key can settle; each is a function of what was recorded."""

from collections.abc import Callable

from bot.probe import about_access, about_generations, about_lists, about_results
from bot.probe.lesson import Lesson
from bot.probe.plan import Plan
from bot.probe.record import Record

_QUESTIONS: tuple[Callable[[Record, Plan], Lesson], ...] = (
    about_generations.shape,
    about_generations.echo,
    about_generations.words,
    about_generations.durations,
    about_lists.at_once,
    about_lists.order,
    about_lists.cut,
    about_lists.deleted_in_list,
    about_generations.deleting,
    about_generations.wrong_value,
    about_generations.prompt_limit,
    about_results.link,
    about_results.link_life,
    about_results.fresh_link,
    about_results.file,
    about_access.clock,
    about_access.keys,
    about_access.limits,
)


def lessons(record: Record, plan: Plan) -> list[Lesson]:
    """Return the answer to every question, learned or not."""
    return [*(ask(record, plan) for ask in _QUESTIONS), *about_access.refusals(record)]
