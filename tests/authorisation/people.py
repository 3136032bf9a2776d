"""Who uses the bot: the columns of the matrix."""

from enum import StrEnum


class Who(StrEnum):
    """A person, and where they are; the value heads their column."""

    REQUESTER = "Requester"
    MEMBER = "Member"
    MODERATOR = "Moderator"
    GIVEN = "Given /studio"
    ELSEWHERE = "Moderator elsewhere"
    OPERATOR = "Operator"
    BLOCKED = "Blocked"
    GONE = "Has left"
    DIRECT = "Direct message"


MEANT = {
    Who.REQUESTER: "the person whose job it is, in the server where they asked for it",
    Who.MEMBER: "another person of that server",
    Who.MODERATOR: "who may manage that server and the messages there",
    Who.GIVEN: "a member without those permissions, to whom an admin has given /studio",
    Who.ELSEWHERE: "who may manage another server, and is there",
    Who.OPERATOR: "who runs the bot: in Discord a member like others",
    Who.BLOCKED: "a member whom the moderators have blocked",
    Who.GONE: "a former member with jobs from then, now a member of the other server",
    Who.DIRECT: "the requester, in direct messages with the bot",
}

EVERYBODY = frozenset(Who)
HERE = EVERYBODY - {Who.ELSEWHERE, Who.GONE, Who.DIRECT}
"""Who is in the server."""
UNBLOCKED = EVERYBODY - {Who.BLOCKED}
OWNER = frozenset({Who.REQUESTER, Who.DIRECT})
"""The one whose job it is, wherever they are."""
JUDGES = frozenset({Who.MODERATOR})
"""Who may manage messages in the server."""
KEEPERS = JUDGES | {Who.GIVEN}
"""Who has /studio in the server."""
MANAGERS = KEEPERS | {Who.ELSEWHERE}
"""Who has /studio in a server, each in their own."""
NOBODY: frozenset[Who] = frozenset()
