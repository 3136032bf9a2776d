"""The image, as far as it can be judged without building it; `make deploy-check` tries more."""

import json
import re

import pytest

from tests.deploy import dockerfile
from tests.program import ROOT


def test_everything_that_is_copied_exists_and_is_sent_to_the_build() -> None:
    missing = [name for name in dockerfile.copied() if not (ROOT / name).exists()]
    kept_back = [name for name in dockerfile.copied() if not dockerfile.sent(name)]
    assert (missing, kept_back) == ([], [])


@pytest.mark.parametrize("name", [".env", ".git", "data", "foley.db", "tests", ".venv", "docs"])
def test_nothing_private_or_needless_is_sent_to_the_build(name: str) -> None:
    assert not dockerfile.sent(name)


def test_the_dockerfile_itself_is_sent_to_the_build() -> None:
    """Fly.io's builder does not find it otherwise."""
    assert dockerfile.sent("Dockerfile")


def test_the_user_is_not_root_and_is_given_by_number() -> None:
    """A number lets Kubernetes see that it is not root."""
    assert int(dockerfile.only("USER")) > 0


def test_nothing_is_changed_by_root_after_the_user_is_set() -> None:
    after = [step.instruction for step in dockerfile.steps()]
    assert after[after.index("USER") :] == ["USER", "CMD"]


def test_signals_reach_python_itself() -> None:
    """The exec form has no shell between; there is no ENTRYPOINT that would be one."""
    command = json.loads(dockerfile.only("CMD"))
    assert command[0] == "python"
    assert "ENTRYPOINT" not in [step.instruction for step in dockerfile.steps()]


def test_the_image_declares_no_volume() -> None:
    """Railway refuses an image that does."""
    assert "VOLUME" not in [step.instruction for step in dockerfile.steps()]


def test_requirements_are_installed_by_their_hashes_before_the_code_is_copied() -> None:
    """The code changes often, and the installed layer is used again."""
    run = [step.rest for step in dockerfile.steps() if step.instruction in {"RUN", "COPY"}]
    assert run[0] == "requirements.txt ./"
    assert re.match(r"pip install .*--require-hashes -r requirements\.txt$", run[1])


def test_the_image_can_tell_its_version() -> None:
    """Where Foley is not installed as a package, that is read from this file."""
    assert "pyproject.toml" in dockerfile.copied()


def test_the_data_folder_belongs_to_the_user() -> None:
    """A new Docker volume takes over whose the folder is, so the bot can write to it."""
    folder = re.search(r"DATA_DIR=(\S+)", dockerfile.only("ENV"))
    assert folder is not None
    last = [step.rest for step in dockerfile.steps() if step.instruction == "RUN"][-1]
    assert f"--uid {dockerfile.only('USER')} " in last
    assert last.endswith(f"install -d -o foley -m 700 {folder[1]}")
