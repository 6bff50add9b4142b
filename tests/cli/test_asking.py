"""The laws of the verbs that ask the daemon."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from runtime.errors import Place, Problem
from runtime.model.journal import CallbackState, Status
from runtime.web import admin_answers as answers
from tests.cli.daemon import nuclide, saying

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
STATUS = answers.DaemonStatus(
    status="running",
    version="1.2.3",
    pid=42,
    uptime_seconds=200.0,
    addresses=("http://127.0.0.1:9090",),
    in_memory=answers.ExecutionsInMemory(live=2, running=1, queued=3),
    executions={Status.RUNNING: 1, Status.PARKED: 1, Status.COMPLETE: 70},
    callbacks={CallbackState.HELD: 0, CallbackState.DUE: 1, CallbackState.DEAD: 0},
    oldest_callback_seconds=90.0,
)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be noon for the command, however long the other tests take."""
    monkeypatch.setattr("runtime.cli.show.now", lambda: NOW)


IDLE = msgspec.structs.replace(STATUS, executions={}, callbacks={}, oldest_callback_seconds=0.0)
CALLBACK = answers.CallbackSummary(
    id=1,
    execution="ex-1",
    number=1,
    host="flow.example",
    state=CallbackState.DUE,
    created=NOW - timedelta(minutes=90),
    due=NOW + timedelta(hours=4, minutes=15),
    expires=NOW + timedelta(days=1),
    attempts=7,
    error="the engine answered 502",
)


def execution(identity: str, status: Status, message: str | None = None) -> answers.ExecutionSummary:
    """Give an execution that began three minutes ago."""
    return answers.ExecutionSummary(
        id=identity,
        process="Price order",
        bundle="greeting",
        version="1.0",
        status=status,
        started=NOW - timedelta(minutes=3, seconds=1),
        finished=NOW - timedelta(minutes=3) if status.finished else None,
        message=message,
    )


RUNNING = execution("ex-1", Status.RUNNING)
PARKED = execution("ex-2", Status.PARKED, "the outcome of 'charge' is \x1b[2Jnot known")
WORK = {
    "/api/status": STATUS,
    "/api/executions?status=running&limit=50": answers.Executions(executions=(RUNNING,)),
    "/api/executions?status=parked&limit=50": answers.Executions(executions=(PARKED,)),
    "/api/callbacks?limit=50": answers.Callbacks(callbacks=(CALLBACK,)),
}


def rows(output: str) -> list[list[str]]:
    """Give the cells of every line; columns are at least two blanks apart."""
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in output.splitlines()]


def test_ps_shows_what_is_not_finished_and_what_flow_is_owed(tmp_path: Path) -> None:
    """`nuclide ps` tells each unfinished execution and each callback, and asks for nothing that there is none of."""
    with saying(tmp_path, WORK) as path:
        result = nuclide("ps", "--socket", path)
    assert result.exit_code == 0, result.output
    lines = rows(result.stdout)
    assert ["nuclide 1.2.3 running for 3 min, process 42, http://127.0.0.1:9090"] in lines
    assert ["executions", "1 parked, 1 running, 0 waiting, 3 wait for a place"] in lines
    assert ["callbacks", "0 held, 1 due, 0 dead, the oldest for 90 s"] in lines
    assert ["running", "ex-1", "Price order", "greeting 1.0", "3 min ago"] in lines
    assert ["due", "ex-1", "flow.example", "90 min ago", "in 4 h", "7", "the engine answered 502"] in lines


def test_what_another_system_wrote_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """Control characters of a message are blanks on the screen."""
    with saying(tmp_path, WORK) as path:
        result = nuclide("ps", "--socket", path)
    assert "\x1b" not in result.stdout
    assert "the outcome of 'charge' is  [2Jnot known" in result.stdout


def test_ps_of_an_idle_daemon_is_three_lines(tmp_path: Path) -> None:
    """Where nothing is unfinished there is no table."""
    with saying(tmp_path, {"/api/status": IDLE}) as path:
        assert len(nuclide("ps", "--socket", path).stdout.splitlines()) == 3


def test_ps_as_json_is_what_the_daemon_said(tmp_path: Path) -> None:
    """`--json` gives the daemon's own answers, under three names."""
    with saying(tmp_path, WORK) as path:
        given = msgspec.json.decode(nuclide("ps", "--socket", path, "--json").stdout)
    assert msgspec.convert(given["daemon"], answers.DaemonStatus) == STATUS
    assert [each["id"] for each in given["executions"]] == ["ex-2", "ex-1"]
    assert msgspec.convert(given["callbacks"], list[answers.CallbackSummary]) == [CALLBACK]


def test_executions_are_listed_as_asked(tmp_path: Path) -> None:
    """`nuclide executions` passes its filters on and prints a row for each execution."""
    failed = execution("ex-9", Status.ERROR, "Disk full")
    targets = {"/api/executions?status=error&limit=5": answers.Executions(executions=(failed,))}
    with saying(tmp_path, targets) as path:
        result = nuclide("executions", "--socket", path, "--status", "error", "--limit", "5")
    assert rows(result.stdout)[1] == ["error", "ex-9", "Price order", "greeting 1.0", "3 min ago", "1 s", "Disk full"]


def test_an_empty_list_says_so_beside_the_output(tmp_path: Path) -> None:
    """Where there is nothing to list, stdout stays empty for whoever counts its lines."""
    with saying(tmp_path, {"/api/executions?limit=20": answers.Executions(executions=())}) as path:
        result = nuclide("executions", "--socket", path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr


def test_one_execution_is_shown_with_its_callbacks(tmp_path: Path) -> None:
    """`nuclide executions ID` shows the execution and what Flow is owed for it."""
    detail = answers.ExecutionDetail(
        **msgspec.structs.asdict(PARKED),
        digest="d" * 64,
        mode="general",
        epoch=2,
        owner=None,
        released=True,
        callbacks=(CALLBACK,),
    )
    with saying(tmp_path, {"/api/executions/ex-2": detail}) as path:
        shown = rows(nuclide("executions", "--socket", path, "ex-2").stdout)
        as_json = nuclide("executions", "--socket", path, "ex-2", "--json").stdout
    assert ["status", "parked"] in shown
    assert ["bundle", "greeting 1.0 (digest dddddddddddd)"] in shown
    assert any(row[:3] == ["due", "ex-1", "flow.example"] for row in shown)
    assert msgspec.json.decode(as_json, type=answers.ExecutionDetail) == detail


def test_an_unknown_execution_is_met_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt id is status 1, with the id that was probably meant."""
    known = answers.Executions(executions=(execution("ex-01abc-defg", Status.COMPLETE),))
    with saying(tmp_path, {"/api/executions?limit=1000": known}) as path:
        result = nuclide("executions", "--socket", path, "ex-01abc-deff")
    assert result.exit_code == 1
    assert "there is no execution 'ex-01abc-deff'" in result.stderr
    assert "did you mean 'ex-01abc-defg'?" in result.stderr


def test_deployments_tell_what_serves_and_why_the_rest_does_not(tmp_path: Path) -> None:
    """`nuclide deployments` lists live bundles, and each refused one with its problems."""
    found = answers.Deployments(
        deployed=(
            answers.DeployedBundle(
                bundle="greeting",
                version="1.0",
                digest="d" * 64,
                services=(answers.ServiceSummary(name="greeting", actions=("Greet",)),),
                processes=("Greet", "Price order"),
            ),
        ),
        refused=(
            answers.RefusedBundle(
                folder="broken",
                problems=(
                    Problem(
                        code="bundle.unknown-key",
                        message="there is no key 'nme'",
                        place=Place(file="bundle.yaml", line=1, column=1),
                        excerpt="nme: x",
                    ),
                ),
            ),
        ),
    )
    with saying(tmp_path, {"/api/deployments": found}) as path:
        result = nuclide("deployments", "--socket", path)
    assert ["greeting", "1.0", "dddddddddddd", "greeting", "Greet, Price order"] in rows(result.stdout)
    assert "broken was refused:\nbundle.yaml:1:1: there is no key 'nme'" in result.stdout


@pytest.mark.parametrize("verb", ["ps", "executions", "deployments"])
def test_without_a_daemon_the_status_is_3(tmp_path: Path, verb: str) -> None:
    """Where no daemon listens, or a dead one did, the command ends with 3 and says how to start one."""
    for leave in (False, True):
        if leave:
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(str(tmp_path / "admin.sock"))
        result = nuclide(verb, NUCLIDE_STATE_FOLDER=str(tmp_path))
        assert (result.exit_code, result.stdout) == (3, "")
        assert f"{tmp_path}/admin.sock: no daemon runs here" in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_a_daemon_of_another_version_is_not_guessed_at(tmp_path: Path) -> None:
    """An answer that is not of the expected form is status 1, never a traceback."""
    for body in (b"<html>", b'{"status": 3}'):
        with saying(tmp_path, {"/api/status": (200, body)}) as path:
            result = nuclide("ps", "--socket", path)
        assert result.exit_code == 1
        assert "is it of another version?" in result.stderr


def test_the_daemons_refusal_is_passed_on(tmp_path: Path) -> None:
    """A problem document of the daemon becomes the command's one line on stderr."""
    detail = {"title": "Service Unavailable", "status": 503, "detail": "The journal cannot be read", "instance": "/"}
    with saying(tmp_path, {"/api/status": (503, detail)}) as path:
        result = nuclide("ps", "--socket", path)
    assert (result.exit_code, result.stderr) == (1, "Error: The journal cannot be read [cli.refused]\n")


def test_the_socket_is_the_one_of_the_settings(tmp_path: Path) -> None:
    """Without --socket the daemon is the one of the settings, in whatever order the options come."""
    config = tmp_path / "nuclide.toml"
    config.write_text(f'[state]\nfolder = "/nowhere"\n[server]\nadmin_socket = "{tmp_path}/admin.sock"\n')
    with saying(tmp_path, {"/api/status": IDLE}):
        assert nuclide("ps", "--config", str(config)).exit_code == 0
        assert nuclide("ps", NUCLIDE_CONFIG=str(config)).exit_code == 0
        assert nuclide("ps", NUCLIDE_SOCKET=f"{tmp_path}/admin.sock").exit_code == 0


SCHEDULE = answers.ScheduleSummary(
    schedule="b/every night",
    process="P",
    cron="30 2 * * *",
    zone="Europe/Oslo",
    overlap="skip",
    missed="once",
    paused=False,
    next=(datetime(2026, 7, 1, 0, 30, tzinfo=UTC),),
    last=None,
    execution=None,
)


def test_schedules_show_their_next_time_in_their_zone(tmp_path: Path) -> None:
    """A schedule is listed with its next time as a clock there shows it, a paused one as paused."""
    paused = msgspec.structs.replace(SCHEDULE, schedule="b/other", paused=True, next=())
    found = answers.Schedules(schedules=(SCHEDULE, paused))
    with saying(tmp_path, {"/api/schedules": found}) as path:
        result = nuclide("schedules", "--socket", path)
        assert "2026-07-01 02:30 +0200" in result.stdout
        assert "paused" in result.stdout
        listed = nuclide("schedules", "--socket", path, "--json")
    assert msgspec.json.decode(listed.stdout, type=answers.Schedules) == found


def test_a_schedule_is_paused_and_run_by_its_name(tmp_path: Path) -> None:
    """`pause`, `resume` and `run` post the schedule's name; one that is not there ends with status 1."""
    rows = {
        "/api/schedules/state": answers.Schedules(schedules=(SCHEDULE,)),
        "/api/schedules/run": answers.Begun(execution="ex-7"),
    }
    with saying(tmp_path, rows) as path:
        assert nuclide("schedules", "--socket", path, "pause", "b/every night").exit_code == 0
        assert nuclide("schedules", "--socket", path, "resume", "b/every night").exit_code == 0
        assert nuclide("schedules", "--socket", path, "run", "b/every night").stdout == "ex-7\n"
