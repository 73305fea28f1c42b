"""Whatever `cli.py` is handed, it ends with a status and a line that helps; no traceback."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.command_line import ACCOUNT, COMMAND, RUNS, call, environment, run

pytestmark = pytest.mark.e2e

EVIL = "[bold]b :smile: \u202eevil\u2066 \u200b 😀 "


def account(name: str = "", **body: object) -> bytes:
    """Make an account as JSON."""
    return json.dumps({"id": ACCOUNT + name, "kind": "OpenAI", "properties": {}} | body).encode()


# --- files that are no JSON of ours ---


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "no valid JSON"),
        (b"\0" * 100, "no valid JSON"),
        (b"\xff\xfe\x00\xd8" * 50, "neither UTF-8 nor UTF-16 text"),
        (bytes(range(128, 254)) * 10, "no valid JSON"),
        (b"[" * 200_000 + b"]" * 200_000, "no valid JSON"),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "no valid JSON"),
        (b"[" * 500 + b"]" * 500, "nested deeper than"),
        (b'{"id": "\\ud800"}', "no valid JSON"),
        (b" " * 65 * 1024 * 1024, "larger than 64 MiB; split it"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[:10]!r}",
)
def test_a_file_that_is_no_json_is_named_with_the_reason(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """Status 2, one line."""
    file = tmp_path / "input.json"
    file.write_bytes(content)

    ended = call("check", file)

    assert ended.status == 2
    assert ended.err.startswith(f"error: {file}: ")
    assert said in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_files_that_powershell_writes_are_read(tmp_path: Path, encoding: str) -> None:
    """UTF-16, and UTF-8 with a byte order mark."""
    file = tmp_path / "input.json"
    file.write_bytes(account().decode().encode(encoding))

    assert call("check", file, "--format", "json").result["summary"]["resources"] == 1


@pytest.mark.parametrize("content", ["null", "5", '"text"', "[[], [1], {}]", '{"id": []}'])
def test_json_that_is_not_ours_is_skipped(tmp_path: Path, content: str) -> None:
    """Status 0, and what was skipped is said."""
    file = tmp_path / "input.json"
    file.write_text(content, encoding="utf-8")

    ended = call("check", file, "--format", "json")

    assert ended.status == 0
    assert ended.result["evaluations"] == []
    assert f"note: {file}: skipped" in ended.err
    assert "nothing was judged" in ended.err


WRONG = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "value", "status", "properties", "sku", "model", "isolationMode"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)

PROPERTIES = (
    "publicNetworkAccess",
    "networkAcls",
    "capabilities",
    "disableLocalAuth",
    "privateEndpointConnections",
    "networkInjections",
    "model",
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {"kind": WRONG, "location": WRONG, "sku": WRONG, "tags": WRONG},
        optional={"properties": WRONG | st.fixed_dictionaries(dict.fromkeys(PROPERTIES, WRONG))},
    )
)
def test_values_of_any_type_anywhere_are_judged(body: dict[str, object]) -> None:
    """A wrong type is no crash: every control comes to a verdict, and no check fails itself."""
    documents = [{"id": ACCOUNT} | body, {"id": f"{ACCOUNT}/deployments/d"} | body]

    ended = call("check", "-", "--format", "json", stdin=json.dumps(documents).encode())

    assert ended.status in {0, 1}
    assert ended.result["summary"]["resources"] == 2
    assert not [each for each in ended.result["evaluations"] if "itself failed" in each["message"]]


# --- names that mean harm ---


@pytest.mark.parametrize("form", ["table", "json"])
def test_what_a_terminal_would_act_on_is_escaped(tmp_path: Path, form: str) -> None:
    """In ids, values, messages, names of files, on both outputs; markup of rich means nothing."""
    file = tmp_path / "\x1b[2J\u202e.json"
    evil = account(f"{EVIL}x", properties={"publicNetworkAccess": f"\x1b[31m\x7f[/bold]{EVIL}"})
    skipped = account("\x1b]0;title\x07")
    file.write_bytes(b"[%s,%s]" % (evil, skipped))

    ended = run("check", file, "--format", form)

    assert ended.status == 1
    assert not {each for each in ended.out + ended.err if not each.isprintable()} - {"\n"}
    assert "[bold]b :smile: \\u202eevil\\u2066 \\u200b" in ended.out
    assert r"\x1b[2J\u202e.json: skipped" in ended.err
    if form == "json":
        assert ended.result["evaluations"][0]["resource_id"] == f"{ACCOUNT}{EVIL}x"


def test_names_of_files_that_are_no_text_can_be_shown(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 in a name, and an output that is ASCII only."""
    name = os.fsencode(tmp_path) + b"/\xff\xe9.json"

    ended = run("check", os.fsdecode(name), PYTHONUTF8="0", PYTHONIOENCODING="ascii")

    assert ended.status == 2
    assert r"\udcff\udce9.json: there is no such file or folder" in ended.err


# --- inputs that are no files ---


def test_only_files_folders_and_standard_input_are_read(tmp_path: Path) -> None:
    """A pipe or a device might never end; what is not there is said."""
    pipe, empty, loop = tmp_path / "pipe.json", tmp_path / "empty", tmp_path / "loop"
    os.mkfifo(pipe)
    empty.mkdir()
    loop.mkdir()
    (loop / "again").symlink_to("..")
    (loop / "self.json").symlink_to("self.json")
    names = (pipe, "/dev/zero", tmp_path / "none.json", empty, loop, "", "x" * 300)

    ended = run("check", *names, RUNS / "monday", "--format", "json")

    assert ended.status == 2
    assert ended.result["summary"]["resources"] == 5
    assert [line.partition(": ")[0] for line in ended.err.splitlines()] == ["error"] * 7
    assert ended.err.count("neither a file nor a folder; pipe it in and name it -") == 2
    assert f"error: {empty}: the folder holds no .json files\n" in ended.err


@pytest.mark.parametrize("command", ["replay", "sweep"])
def test_a_missing_estate_is_status_2(tmp_path: Path, command: str) -> None:
    """The message names it."""
    events = [RUNS / "monday.json"] if command == "replay" else []

    ended = call(command, *events, "--estate", tmp_path / "none")

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"error: the estate {tmp_path}/none is no folder\n"


@pytest.mark.parametrize("command", ["replay", "sweep", "alerts"])
def test_a_store_that_is_none_is_status_2(tmp_path: Path, command: str) -> None:
    """And is left as it is."""
    store = tmp_path / "store.db"
    store.write_bytes(b"no database at all" * 100)
    arguments: dict[str, list[str | Path]] = {
        "replay": [RUNS / "monday.json", "--estate", RUNS / "monday"],
        "sweep": ["--estate", RUNS / "monday"],
        "alerts": [],
    }

    ended = call(command, *arguments[command], "--store", store)

    assert ended.status == 2
    assert ended.err.startswith(f"error: the store {store} cannot be used: file is not a database.")
    assert store.read_bytes() == b"no database at all" * 100


# --- typos ---


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["alrts"], "No such command 'alrts'. Did you mean 'alerts'? `cli.py --help`"),
        (["check", "--fromat", "json", "x"], "No such option: --fromat. Did you mean '--format'?"),
        (["check", "x", "--format", "jsno"], "Did you mean 'json'? `cli.py check --help`"),
        (["check", "x", "--fail-on", "hihg"], "Did you mean 'high'?"),
        (["alerts", "--state", "opne"], "Did you mean 'open'?"),
        (["alerts", "--since", "yesterday"], "'yesterday' is no time: use 30m, 24h"),
        (["alerts", "--control", "sku_alowed"], "Did you mean 'deployment_type.sku_allowed'?"),
        (["check"], "Missing argument 'PATH'. `cli.py check --help` tells more"),
        (["sweep"], "give --estate DIR for a folder of ARM JSON, or --subscription ID for Azure"),
        (["sweep", "--subscription", "Production"], "`az account list --output table` shows"),
        (["sweep", "--estate", ""], "the name of the folder is empty"),
        (["\x1b[2J"], r"No such command '\x1b[2J'"),
    ],
)
def test_a_typo_is_answered_with_what_was_probably_meant(arguments: list[str], said: str) -> None:
    """Status 2, one line on standard error, nothing else."""
    ended = run(*arguments)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert said in ended.err
    assert ended.err.count("\n") == 1


# --- ends that come early ---


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", RUNS / "monday"],
        ["check", RUNS / "monday", "--format", "json"],
        ["replay", RUNS / "monday.json", "--estate", RUNS / "monday"],
        ["controls"],
    ],
    ids=["table", "json", "replay", "controls"],
)
def test_a_reader_that_goes_away_ends_the_command_quietly(arguments: list[str | Path]) -> None:
    """As `| head` does; the status is that of any Unix command."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (141, b"")


def test_output_that_cannot_be_written_is_status_2() -> None:
    """A full disk is no success."""
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, "controls"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )

    assert ended.returncode == 2
    assert ended.stderr == b"error: the system refused: [Errno 28] No space left on device\n"


def test_ctrl_c_is_one_line_and_status_130(tmp_path: Path) -> None:
    """Also while input is waited for, and the temporary store is removed."""
    process = subprocess.Popen(
        [*COMMAND, "replay", "-", "--estate", str(RUNS / "monday")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(TMPDIR=str(tmp_path)),
    )
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob("*/compliance.db")) and time.monotonic() < deadline:
        time.sleep(0.05)
    # The store is there, so the command is at its work.
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (130, b"", b"error: interrupted\n")
    assert list(tmp_path.iterdir()) == []
