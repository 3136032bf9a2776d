"""What the list of generations shows, and how."""

from bot.netmind.protocol import Generation
from bot.netmind.scrub import scrub
from bot.probe.lesson import Lesson
from bot.probe.plan import Plan
from bot.probe.record import Record, Step


def at_once(record: Record, _plan: Plan) -> Lesson:
    """Tell whether the list has a generation as soon as it is made."""
    question = "Does the list show a new generation at once?"
    looked = record.last(Step.LIST_AFTER_CREATE)
    if looked is None or looked.listed is None or not record.first:
        return Lesson(question)
    others = len(_before(record))
    if record.first[0][1].id not in {each.id for each in looked.listed}:
        return Lesson(
            question, "No.", "Leave `NETMIND_ACCOUNT=shared`: a lost answer cannot be found again."
        )
    held = f" ({others} were there before: see that all of them are Foley's)" if others else ""
    return Lesson(
        question,
        "Yes.",
        f"`NETMIND_ACCOUNT=exclusive` is safe if nobody else uses the account{held}.",
    )


def order(record: Record, _plan: Plan) -> Lesson:
    """Tell in which order the list is."""
    question = "In which order is the list?"
    lists = [each.listed for each in record.at(Step.LIST_BEFORE, Step.LIST_WHOLE)]
    longest = max((each for each in lists if each), key=len, default=[])
    times = [each.created_at for each in longest if each.created_at is not None]
    if len(set(times)) < 2:  # noqa: PLR2004 - one alone has no order
        return Lesson(question)
    if times == sorted(times, reverse=True):
        return Lesson(question, "Newest first.")
    return Lesson(question, "Oldest first." if times == sorted(times) else "In no order of time.")


def cut(record: Record, _plan: Plan) -> Lesson:
    """Tell whether the list comes in pages."""
    question = "Is the list cut into pages?"
    whole, page = record.last(Step.LIST_WHOLE), record.last(Step.LIST_PAGED)
    if whole is None or page is None or whole.listed is None or page.listed is None:
        return Lesson(question)
    beside = sorted(scrub(str(name)) for name in whole.fields.keys() - {"generation_list"})
    told = f" Beside the list stands: {', '.join(beside)}." if beside else ""
    length = f"It had {_count(len(whole.listed))}."
    if len(page.listed) < len(whole.listed):
        return Lesson(
            question,
            f"`page` and `page_size` work. {length}{told}",
            "Foley reads the first page and looks for what is missing there one by one; keep "
            "`NETMIND_MAX_IN_FLIGHT` well below the length of a page.",
        )
    if len(whole.listed) < 2:  # noqa: PLR2004 - one alone cannot be cut
        return Lesson(question, f"It cannot be told from so short a list. {length}{told}")
    return Lesson(question, f"`page_size=1` made it no shorter. {length}{told}")


def deleted_in_list(record: Record, _plan: Plan) -> Lesson:
    """Tell whether the list still has what was deleted."""
    question = "Does the list still have what was deleted?"
    looked, second = record.last(Step.LIST_AFTER_DELETE), record.last(Step.CREATE_SECOND)
    if looked is None or looked.listed is None or second is None or second.generation is None:
        return Lesson(question)
    found = next((each for each in looked.listed if each.id == second.generation.id), None)
    if found is None:
        return Lesson(question, "No.")
    return Lesson(question, "Yes, marked as deleted." if found.deleted else "Yes, without a mark.")


def _before(record: Record) -> list[Generation]:
    looked = record.last(Step.LIST_BEFORE)
    return (looked.listed if looked else None) or []


def _count(number: int) -> str:
    return "1 generation" if number == 1 else f"{number} generations"
