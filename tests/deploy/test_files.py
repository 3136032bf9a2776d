"""What platforms read: it parses, says what is documented, and agrees with the program.

Heroku publishes a schema. Railway's and Render's may not be passed on and Fly.io has none, so
what these files may say is written down here, from the documentation named in docs/deploy.
"""

import configparser
import json
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # ships no types

from bot.config import Settings
from bot.web.health import Health
from bot.web.server import build
from tests.deploy import dockerfile, procfile
from tests.deploy.written import required, written
from tests.program import ROOT

SCHEMA = Path(__file__).parent / "schemas" / "heroku-app.json"
SETTINGS = {name.upper() for name in Settings.model_fields}
DRAIN = Settings.model_fields["drain_seconds"].default
# Seconds that a process needs beside the drain: to leave Discord and to close what is open.
CLOSING = 5

RAILWAY = {
    "build": {"builder": str, "dockerfilePath": str},
    "deploy": {
        "healthcheckPath": str,
        "healthcheckTimeout": int,
        "restartPolicyType": str,
        "restartPolicyMaxRetries": int,
        "drainingSeconds": int,
    },
}
RENDER = {
    *("type", "name", "runtime", "plan", "buildCommand", "startCommand", "healthCheckPath"),
    *("maxShutdownDelaySeconds", "disk", "envVars"),
}
FLY = {
    *("app", "kill_signal", "kill_timeout", "build", "env", "mounts", "http_service"),
    *("restart", "vm"),
}


def heroku() -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads((ROOT / "app.json").read_text("utf-8")))


def railway() -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads((ROOT / "railway.json").read_text("utf-8")))


def render() -> dict[str, Any]:
    blueprint = yaml.safe_load((ROOT / "render.yaml").read_text("utf-8"))
    assert set(blueprint) == {"services"}
    (service,) = blueprint["services"]
    return cast("dict[str, Any]", service)


def fly() -> dict[str, Any]:
    return tomllib.loads((ROOT / "fly.toml").read_text("utf-8"))


def systemd() -> dict[str, list[str]]:
    """Return the values of each key of [Service]; some stand there twice."""
    lines = (ROOT / "deploy" / "foley.service").read_text("utf-8").split("[Service]")[1]
    found: dict[str, list[str]] = {}
    for line in lines.split("[Install]")[0].splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", ["app.json", "render.yaml", ".env.example"])
def test_what_a_file_takes_from_the_settings_is_what_the_code_reads(name: str) -> None:
    """If not: `python -m tests.deploy --write`."""
    assert written()[name] == (ROOT / name).read_text("utf-8")


def test_herokus_manifest_is_what_herokus_schema_allows() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(heroku())] == []


def test_herokus_formation_starts_the_bot_once() -> None:
    formation = heroku()["formation"]
    assert set(formation) == set(procfile.commands()) - {"release"}
    assert sum(each["quantity"] for each in formation.values()) == 1


def test_heroku_finds_one_lock_and_one_python() -> None:
    """More than one lock fails the build; runtime.txt would be read before .python-version."""
    others = ["Pipfile.lock", "poetry.lock", "uv.lock", "Pipfile", "runtime.txt"]
    assert [name for name in others if (ROOT / name).exists()] == []
    assert (ROOT / "requirements.txt").exists()


def test_railways_file_says_only_what_is_documented_in_the_documented_types() -> None:
    """Its parser refuses a number that is given as a text."""
    file = railway()
    assert set(file) - {"$schema"} == set(RAILWAY)
    for part, known in RAILWAY.items():
        assert {key: type(value) for key, value in file[part].items()} == known
    assert file["build"]["builder"] in {"RAILPACK", "DOCKERFILE"}
    assert file["deploy"]["restartPolicyType"] in {"ON_FAILURE", "ALWAYS", "NEVER"}


def test_renders_file_says_only_what_is_documented() -> None:
    assert set(render()) == RENDER
    assert set(render()["disk"]) == {"name", "mountPath", "sizeGB"}
    assert 1 <= render()["maxShutdownDelaySeconds"] <= 300
    assert render()["plan"] != "free"  # it has no disk, and it sleeps


def test_render_asks_for_the_required_settings_and_for_nothing_else() -> None:
    asked = [each["key"] for each in render()["envVars"] if each.get("sync") is False]
    assert asked == required()


def test_flys_file_says_only_what_is_documented() -> None:
    file = fly()
    assert set(file) == FLY
    assert file["kill_timeout"] <= 300
    assert file["kill_signal"] == "SIGTERM"


def test_flys_proxy_never_stops_the_bot_for_want_of_requests() -> None:
    assert fly()["http_service"]["auto_stop_machines"] == "off"


def test_the_systemd_unit_can_be_read() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(ROOT / "deploy" / "foley.service")
    assert unit.sections() == ["Unit", "Service", "Install"]


def test_systemd_does_not_start_again_what_does_not_mend_itself() -> None:
    assert systemd()["RestartPreventExitStatus"] == ["2 3"]
    assert systemd()["KillMode"] == ["mixed"]


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(lambda: railway()["deploy"]["drainingSeconds"], id="railway"),
        pytest.param(lambda: render()["maxShutdownDelaySeconds"], id="render"),
        pytest.param(lambda: fly()["kill_timeout"], id="fly"),
        pytest.param(lambda: int(systemd()["TimeoutStopSec"][0]), id="systemd"),
        pytest.param(lambda: 30, id="heroku and dokku, fixed"),
    ],
)
def test_the_drain_ends_before_the_platform_kills(seconds: Any) -> None:
    assert seconds() >= DRAIN + CLOSING


def test_every_way_of_starting_starts_the_same() -> None:
    commands = procfile.commands()
    assert commands["web"] == commands["worker"] == "python -m bot run"
    assert json.loads(dockerfile.only("CMD")) == commands["web"].split()
    assert render()["startCommand"] == commands["web"]
    assert systemd()["ExecStart"] == [f"/opt/foley/.venv/bin/{commands['web']}"]
    assert "startCommand" not in railway()["deploy"]  # the Dockerfile's holds


def test_every_platform_uses_the_python_that_is_tested() -> None:
    python = (ROOT / ".python-version").read_text("utf-8").strip()
    assert dockerfile.only("FROM") == f"python:{python}-slim"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == f">={python}"


def test_every_variable_that_a_file_sets_is_a_setting() -> None:
    environment = [line.partition("=")[0] for line in systemd()["Environment"]]
    image = [pair.partition("=")[0] for pair in dockerfile.only("ENV").split()]
    named = {
        *heroku()["env"],
        *(each["key"] for each in render()["envVars"]),
        *fly()["env"],
        *environment,
        *image,
    }
    assert named - {"PYTHONUNBUFFERED"} <= SETTINGS


def test_data_is_kept_where_the_disk_lasts() -> None:
    values = {each["key"]: each.get("value") for each in render()["envVars"]}
    assert values["DATA_DIR"] == render()["disk"]["mountPath"]
    assert fly()["env"]["DATA_DIR"] == fly()["mounts"]["destination"]
    assert f"DATA_DIR=/var/lib/{systemd()['StateDirectory'][0]}" in systemd()["Environment"]


def test_flys_proxy_knocks_where_the_bot_listens() -> None:
    assert fly()["http_service"]["internal_port"] == int(fly()["env"]["PORT"])


def test_every_health_path_is_served() -> None:
    """Render asks all the time and restarts, so there it is the one that needs no Discord."""
    site = build(None, Health(cast("Any", None), None, []))
    served = {resource.canonical for resource in site.router.resources()}
    (check,) = fly()["http_service"]["checks"]
    asked = [railway()["deploy"]["healthcheckPath"], render()["healthCheckPath"], check["path"]]
    assert set(asked) <= served
    assert asked == ["/health/ready", "/health/live", "/health/ready"]
