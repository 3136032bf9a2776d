"""What the API makes of each call, without a socket."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yarl

from bot.sandbox.netmind import MODELS
from bot.sandbox.shelf import UPLOAD_LIFE
from tests.standins.netmind import hops
from tests.standins.netmind.account import Account, File, Made
from tests.standins.netmind.faults import Operation
from tests.standins.netmind.ledger import JSON
from tests.standins.netmind.media import Content

KEYED: frozenset[Operation] = frozenset({"create", "get", "list", "delete", "file", "presign"})
"""The calls that want the token; nothing else may see it."""


@dataclass(frozen=True)
class Call:
    """What was asked. `id` is of the path; `payload` is the JSON of the body, or None."""

    operation: Operation
    url: yarl.URL
    id: str
    query: Mapping[str, str]
    authorization: str | None
    content_type: str | None
    file_type: str | None
    payload: Any
    data: bytes


@dataclass
class Reply:
    """The true answer: JSON, or a file; and what the ledger wants to know."""

    status: int
    payload: Any = None
    file: File | None = None
    location: str | None = None
    generation_id: str | None = None
    prompt: str | None = None
    detail: JSON = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


class Desk:
    """Answers calls; every method but `answer` is one operation."""

    def __init__(self, account: Account, token: str) -> None:
        self._account = account
        self._token = token
        self._handlers: dict[Operation, Callable[[Call], Reply]] = {
            "create": self._create,
            "get": self._get,
            "list": self._list,
            "delete": self._delete,
            "file": self._announce,
            "presign": self._presign,
            "upload": self._upload,
            "download": self._download,
            "unknown": self._unknown,
        }

    def answer(self, call: Call) -> Reply:
        """Carry the call out."""
        self._account.settle()
        if call.operation in KEYED and call.authorization != f"Bearer {self._token}":
            shown = "a wrong token" if call.authorization else "no token"
            refused = _problem(401, {"error": {"message": "Invalid api token"}})
            return _blamed(refused, f"{call.operation} came with {shown}")
        if call.operation in {"download", "upload"} and call.authorization is not None:
            refused = _problem(400, {"detail": "Only one auth mechanism allowed"})
            return _blamed(refused, f"{call.operation} came with an Authorization header")
        return self._handlers[call.operation](call)

    # Generations.

    def _create(self, call: Call) -> Reply:
        asked = call.payload if isinstance(call.payload, dict) else {}
        model, config = asked.get("model"), asked.get("config")
        if not isinstance(model, str):
            return _blamed(_missing("model"), "create names no model")
        if model not in MODELS:
            return _problem(400, {"detail": f"Model name: {model} not exists"})
        most = self._account.settings.most_running
        if most is not None and len(self._account.running) >= most:
            return _problem(429, {"detail": "Too many running generations"})
        made = self._account.create(model, config if isinstance(config, dict) else {})
        reply = Reply(200, self._account.tell(made), generation_id=made.record.id)
        reply.prompt = made.prompt
        return reply if made.prompt.strip() else _blamed(reply, "create has no prompt")

    def _get(self, call: Call) -> Reply:
        made = self._account.find(call.id)
        if made is None:
            return self._absent(call)
        return self._about(made, self._account.tell(made))

    def _list(self, _: Call) -> Reply:
        told = [self._account.tell(made) for made in self._account.listed()]
        return Reply(200, {"generation_list": told}, detail={"length": len(told)})

    def _delete(self, call: Call) -> Reply:
        made = self._account.find(call.id)
        if made is None:
            return self._absent(call)
        self._account.delete(made)
        reply = self._about(made, {"message": "Generation deleted"})
        return _blamed(reply, "delete of somebody else's generation") if made.stranger else reply

    def _absent(self, call: Call) -> Reply:
        reply = _problem(404, {"detail": "Generation not found"})
        reply.generation_id = call.id
        if call.id in self._account.generations:
            return reply
        return _blamed(reply, f"{call.operation} of a generation that this account never had")

    def _about(self, made: Made, payload: JSON) -> Reply:
        detail = {"stranger": True} if made.stranger else {}
        return Reply(200, payload, generation_id=made.record.id, detail=detail)

    # Files.

    def _announce(self, call: Call) -> Reply:
        asked = call.payload if isinstance(call.payload, dict) else {}
        if not isinstance(asked.get("file_name"), str):
            return _missing("file_name")
        label = self._account.label(asked["file_name"], call.file_type or "")
        self._account.keep(label, Content(()))
        link = self._account.link(label, UPLOAD_LIFE.total_seconds(), path="upload")
        return Reply(200, {"id": label.id, "presigned_url": link}, detail={"file_id": label.id})

    def _presign(self, call: Call) -> Reply:
        file = self._account.available(call.id)
        if file is None:
            return _problem(404, {"detail": "File not found"})
        link = self._account.link(file.label, self._account.settings.link_life)
        detail = {"file_id": call.id}
        return Reply(200, {"presigned_url": link}, generation_id=file.owner, detail=detail)

    def _upload(self, call: Call) -> Reply:
        file = self._account.available(call.id)
        if file is None or not self._opened(call) or call.content_type != file.label.content_type:
            return _problem(403, {"detail": "SignatureDoesNotMatch"})
        content = Content((call.data,))
        self._account.keep(file.label, content)
        detail = {"file_id": call.id, "size": content.size, "sha256": content.sha256}
        return Reply(200, {}, detail=detail)

    def _download(self, call: Call) -> Reply:
        file = self._account.available(call.id)
        if file is None:
            return _problem(404, {"detail": "NoSuchKey"})
        if not self._opened(call):
            return self._owned(_problem(403, {"detail": "Request has expired"}), file)
        if onward := hops.onward(call.url):
            return self._owned(Reply(302, location=onward), file)
        return self._owned(Reply(200, file=file), file)

    def _owned(self, reply: Reply, file: File) -> Reply:
        """Name the generation that a download is about."""
        reply.generation_id = file.owner
        reply.detail["file_id"] = file.label.id
        owner = self._account.generations.get(file.owner or "")
        if owner and owner.stranger:
            reply.detail["stranger"] = True
        return reply

    def _opened(self, call: Call) -> bool:
        query = call.query
        return self._account.opens(call.id, query.get("dies", ""), query.get("signature", ""))

    def _unknown(self, call: Call) -> Reply:
        return _blamed(_problem(404, {"detail": "Not Found"}), f"there is no {call.url.path}")


def _problem(status: int, payload: JSON) -> Reply:
    return Reply(status, payload, detail={"refused": payload})


def _missing(name: str) -> Reply:
    complaint = {"loc": ["body", name], "msg": "Field required", "type": "missing"}
    return _problem(422, {"detail": [complaint]})


def _blamed(reply: Reply, sentence: str) -> Reply:
    reply.violations.append(sentence)
    return reply
