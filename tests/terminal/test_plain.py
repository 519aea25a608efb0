"""`--plain`, and `train`, in the hands of a shell: pipes, files, a terminal, and signals."""

import re
import shlex
import signal
import subprocess
from pathlib import Path
from time import sleep

import pytest

from tests.support.shell import objects
from tests.terminal.programs import COMMAND, run_to_end, start
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

FAST = ("--plain", "--speed", "max")
ENDLESS = ("--steps", "100000000")
ESCAPE = b"\x1b"
EXAMINED = re.compile(r"^  exact .* after step (\d+);", re.M)
SCRIPT = "lr 0.3\nwait 2000\noptimizer adam\n37+101\nwait 2500\n"


def told(script: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program with the lines of `script` in a pipe."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=script.encode(),
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.stderr == b""
    assert done.stdout.isascii()
    assert ESCAPE not in done.stdout
    assert b"\r" not in done.stdout
    return done


@pytest.mark.parametrize("arguments", [("--plain",), ("train", "--plain")])
def test_a_script_takes_effect_at_its_steps_and_the_command_repeats_it(
    arguments: tuple[str, ...],
) -> None:
    done = told(f"{SCRIPT}q\n", *arguments, "--no-journal", "--steps", "3000")
    output = done.stdout.decode()
    assert done.returncode == 0
    for line in ("step 0: lr 0.1 -> 0.3", "step 2,000: optimizer sgd -> adam, lr 0.01"):
        assert f"{line}\n" in output
    command = output.splitlines()[-1].strip()
    options = "--at 0:lr=0.3 --at 2000:optimizer=adam"
    assert command == f"rnn-tui train --recipe binary-addition --steps 2500 {options}"
    *_, summary = objects(run_to_end(*shlex.split(command)[1:], "--json").stdout)
    exact = f"addition, after 2,500 steps: {summary['n_correct']:,} of all 16,384 results right"
    assert exact in output
    assert f"  mean       {summary['mean_l1_error_100']:.3f} of the last 100" in output


def test_the_journal_of_a_script_repeats_it() -> None:
    output = told(f"{SCRIPT}f\nlr 0.05\nwait 2700\nu\nwait 2800\nq\n", "--plain").stdout.decode()
    command = shlex.split(output.splitlines()[-1])
    assert command[:2] == ["rnn-tui", "replay"]
    done = run_to_end(*command[1:], "--headless")
    assert (done.returncode, done.stdout) == (0, "identical through step 2,800\n")


def test_a_script_gives_the_same_lines_again() -> None:
    script = f"every 0\nseed 3\n{SCRIPT}g\ns 10\ntask parity\nwait\n"
    again = "--plain", "--no-journal", "--steps", "3000"
    one, other = (told(script, *again).stdout for _ in range(2))
    assert one == other
    assert b"step 0: a new run from seed 3\n" in one
    assert b"step 2,510: task addition -> parity" in one


def test_a_report_where_it_stands_has_the_score_of_this_step_however_long_that_takes() -> None:
    large = "--plain", "--no-journal", "--model", "lstm", "--length", "64", "--hidden-size", "512"
    output = told("every 0\ns 2\nlr 0.2\ns\nq\n", *large).stdout.decode()
    assert [int(step) for step in EXAMINED.findall(output)] == [2, 3]
    assert output.count("addition, after 3 steps: 0 of a sample of 256 results right\n") == 1


def test_at_the_end_of_its_input_the_run_goes_on_to_its_planned_end(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("s 10\nlr 0.2", "ascii")
    with script.open() as lines:
        done = subprocess.run(
            [*COMMAND, *FAST, "--no-journal", "--steps", "400", "--paused"],
            stdin=lines,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    assert "step 10 of 400, paused\n" in done.stdout
    assert "step 10: lr 0.1 -> 0.2\n" in done.stdout
    assert "step 400: all planned steps are done\n" in done.stdout
    assert done.stdout.endswith("--steps 400 --at 10:lr=0.2\n")


def test_without_any_input_it_trains_and_reports() -> None:
    done = run_to_end(*FAST, "--steps", "1500", "--every", "1", "--at", "700:task=parity")
    assert done.returncode == 0
    assert re.search(
        r"^step 700: task addition -> parity, kept recurrent, output;", done.stdout, re.M
    )
    assert "  odd        " in done.stdout
    assert "to repeat it:\n" in done.stdout


def test_with_standard_input_closed_it_trains_too() -> None:
    command = shlex.join([*COMMAND, *FAST, "--steps", "50"])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} <&-"], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "step 50: all planned steps are done" in done.stdout


def test_a_run_that_halts_is_status_1_and_has_its_summary() -> None:
    done = told("", *FAST, "--lr", "1e5")
    assert done.returncode == 1
    assert b"halted: units saturated" in done.stdout
    assert b"to repeat it:" in done.stdout


@pytest.mark.parametrize("option", ["--json", "--until-exact"])
def test_what_is_for_programs_does_not_go_with_it(option: str) -> None:
    refused = run_to_end("train", "--plain", option)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1


def test_at_a_terminal_it_hears_lines_and_paints_nothing() -> None:
    with Terminal("--plain", "--speed", "100") as terminal:
        terminal.wait_for("lists the commands")
        terminal.wait_for("running")
        terminal.send("p\n")
        terminal.wait_for(": paused")
        terminal.send("37+101\n")
        terminal.wait_for("37 + 101 = ")
        terminal.send("\n")
        terminal.wait_for("held: the answer is that of the net now")
        terminal.send("\x04")
        terminal.wait_for("no more lines: the run goes on")
        terminal.send("\x03")
        assert terminal.wait() == 130
        assert ESCAPE not in terminal.written
        assert b"to repeat it:" in terminal.written


def test_at_a_terminal_a_line_cuts_long_training_short() -> None:
    with Terminal("--plain", "--every", "1000000", *ENDLESS) as terminal:
        terminal.wait_for("lists the commands")
        terminal.send("wait 90000000\n")
        sleep(0.5)
        terminal.send("p\n")
        terminal.wait_for(", paused")
        terminal.send("s 90000000\n")
        sleep(0.5)
        terminal.send("quit\n")
        assert terminal.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("arguments", [("train",), ("--plain", "--every", "1")])
def test_a_signal_ends_it_with_its_summary(arguments: tuple[str, ...], number: int) -> None:
    with start(*arguments, *ENDLESS) as program:
        assert program.stdout is not None
        while not program.stdout.readline().startswith("step "):
            pass
        program.send_signal(number)
        output, errors = program.communicate(timeout=30)
    assert (program.returncode, errors) == (128 + number, "")
    assert "rnn-tui train --recipe binary-addition --steps " in output


@pytest.mark.parametrize("arguments", [("train", "--every", "1"), ("--plain", "--every", "1")])
def test_it_ends_when_its_terminal_is_taken_away(arguments: tuple[str, ...]) -> None:
    with Terminal(*arguments, *ENDLESS) as terminal:
        terminal.wait_for("carry")
        terminal.close()
        assert terminal.reap() == 128 + signal.SIGHUP


def test_a_reader_that_leaves_is_no_error() -> None:
    with start(*FAST, *ENDLESS, "--every", "1") as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.stdout.close()
        assert program.wait(30) == 141
        assert program.stderr.read() == ""
