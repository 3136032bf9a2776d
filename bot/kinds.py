"""What people call the things that are made: one set of sentences for each kind.

They are whole sentences, because a noun does not fit into other languages' sentences by itself.
"""

from dataclasses import dataclass

from bot.language import Sentence
from storage.jobs import Job


@dataclass(frozen=True)
class Kind:
    """The words for one kind of thing."""

    icon: str
    name: Sentence
    make: Sentence
    starting: Sentence
    making: Sentence
    ready: Sentence
    failed: Sentence
    unposted: Sentence


_KINDS = {
    "audio": Kind(
        icon="🎧",
        name=Sentence("Sound"),
        make=Sentence("Make a sound from words"),
        starting=Sentence("Starting your sound"),
        making=Sentence("Making your sound"),
        ready=Sentence("Your sound is ready"),
        failed=Sentence("Your sound could not be made"),
        unposted=Sentence("Your sound cannot be posted"),
    ),
    "video": Kind(
        icon="🎬",
        name=Sentence("Video"),
        make=Sentence("Make a video from words"),
        starting=Sentence("Starting your video"),
        making=Sentence("Making your video"),
        ready=Sentence("Your video is ready"),
        failed=Sentence("Your video could not be made"),
        unposted=Sentence("Your video cannot be posted"),
    ),
    "image": Kind(
        icon="🖼️",
        name=Sentence("Picture"),
        make=Sentence("Make a picture from words"),
        starting=Sentence("Starting your picture"),
        making=Sentence("Making your picture"),
        ready=Sentence("Your picture is ready"),
        failed=Sentence("Your picture could not be made"),
        unposted=Sentence("Your picture cannot be posted"),
    ),
    "speech": Kind(
        icon="🎙️",
        name=Sentence("Recording"),
        make=Sentence("Have words spoken"),
        starting=Sentence("Starting your recording"),
        making=Sentence("Making your recording"),
        ready=Sentence("Your recording is ready"),
        failed=Sentence("Your recording could not be made"),
        unposted=Sentence("Your recording cannot be posted"),
    ),
}

_DUBBED = Kind(
    icon="🔊",
    name=Sentence("Video with sound"),
    make=Sentence("Add a sound to a video"),
    starting=Sentence("Starting your video with sound"),
    making=Sentence("Making the sound for your video"),
    ready=Sentence("Your video with sound is ready"),
    failed=Sentence("Your video with sound could not be made"),
    unposted=Sentence("Your video with sound cannot be posted"),
)


def words_of(job: Job) -> Kind:
    """Return the words for what a job makes."""
    return words_for(job.kind) if job.video_message_id is None else _DUBBED


def words_for(kind: str) -> Kind:
    """Return the words for a kind; one that only the operator's catalogue knows gets plain ones."""
    return _KINDS.get(kind) or Kind(
        icon="✨",
        name=Sentence("{kind}", {"kind": kind.capitalize()}),
        make=Sentence("Make something from words: {kind}", {"kind": kind}),
        starting=Sentence("Starting it"),
        making=Sentence("Making it"),
        ready=Sentence("It is ready"),
        failed=Sentence("It could not be made"),
        unposted=Sentence("It cannot be posted"),
    )
