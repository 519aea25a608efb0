"""`--plain` and `train` in a shell: with pipes, files, a terminal, and signals."""

import re
import shlex
import signal
import subprocess
from time import sleep

import pytest

from tests.support.shell import objects
from tests.terminal.programs import COMMAND, Completed, Program, run_to_end
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

FAST = ("--plain", "--speed", "max")
ENDLESS = ("--steps", "100000000")
EVALUATED = re.compile(r"^  accuracy .* after step (\d+);", re.M)
SCRIPT = "lr 0.3\nwait 1000\noptimizer adam\n37+101\nwait 1250\n"


def run_script(script: str, *arguments: str) -> Completed:
    """Run the program with the lines of `script` in a pipe."""
    done = run_to_end(*arguments, script=script)
    assert done.stderr == ""
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    return done


@pytest.mark.parametrize("arguments", [("--plain",), ("train", "--plain")])
def test_script_changes_settings_at_its_steps_and_prints_the_repeating_command(
    arguments: tuple[str, ...],
) -> None:
    done = run_script(f"{SCRIPT}q\n", *arguments, "--no-journal", "--steps", "1500")
    output = done.stdout
    assert done.returncode == 0
    for line in ("step 0: lr 0.1 -> 0.3", "step 1,000: optimizer sgd -> adam, lr 0.01"):
        assert f"{line}\n" in output
    command = output.splitlines()[-1].strip()
    options = "--at 0:lr=0.3 --at 1000:optimizer=adam"
    assert command == f"rnn-tui train --recipe binary-addition --steps 1250 {options}"
    *_, summary = objects(run_to_end(*shlex.split(command)[1:], "--json").stdout)
    assert "addition, after 1,250 steps: sequence accuracy " in output
    assert f" ({summary['n_correct']:,} of 16,384)" in output
    assert f"  mean of 100  L1 error {summary['mean_l1_error_100']:.3f}, best " in output


def test_journal_of_a_script_replays_identically() -> None:
    output = run_script(f"{SCRIPT}f\nlr 0.05\nwait 1350\nu\nwait 1400\nq\n", "--plain").stdout
    command = shlex.split(output.splitlines()[-1])
    assert command[:2] == ["rnn-tui", "replay"]
    done = run_to_end(*command[1:], "--headless")
    assert (done.returncode, done.stdout) == (0, "identical through step 1,400\n")


def test_script_prints_the_same_lines_twice() -> None:
    script = f"every 0\nseed 3\n{SCRIPT}g\ns 10\ntask parity\nwait\n"
    again = "--plain", "--no-journal", "--steps", "1500"
    one, other = (run_script(script, *again).stdout for _ in range(2))
    assert one == other
    assert "step 0: restarted with seed 3\n" in one
    assert "step 1,260: task addition -> parity" in one


def test_report_has_the_accuracy_of_its_step_though_evaluation_is_slow() -> None:
    large = "--plain", "--no-journal", "--model", "lstm", "--length", "32", "--hidden-size", "64"
    output = run_script("every 0\ns 2\nlr 0.2\ns\nq\n", *large).stdout
    assert [int(step) for step in EVALUATED.findall(output)] == [2, 3]
    assert output.count("addition, after 3 steps: sequence accuracy 0.00 % (0 of ") == 1


def test_run_continues_to_its_last_step_after_the_end_of_input() -> None:
    options = (*FAST, "--no-journal", "--steps", "400", "--paused")
    done = run_script("s 10\nlr 0.2", *options)
    assert done.returncode == 0
    assert "step 10 of 400, paused\n" in done.stdout
    assert "step 10: lr 0.1 -> 0.2\n" in done.stdout
    assert "step 400: all planned steps are done\n" in done.stdout
    assert done.stdout.endswith("--steps 400 --at 10:lr=0.2\n")


def test_trains_and_reports_without_input() -> None:
    done = run_to_end(*FAST, "--steps", "1500", "--every", "1", "--at", "700:task=parity")
    assert done.returncode == 0
    assert re.search(
        r"^step 700: task addition -> parity, kept recurrent, output;", done.stdout, re.M
    )
    assert "  odd        " in done.stdout
    assert "to repeat the run:\n" in done.stdout


def test_trains_with_closed_standard_input() -> None:
    command = ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, *FAST, "--steps", "50"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "step 50: all planned steps are done" in done.stdout


def test_diverged_run_exits_with_status_1_and_prints_its_summary() -> None:
    done = run_script("", *FAST, "--lr", "1e5")
    assert done.returncode == 1
    assert "halted: units saturated" in done.stdout
    assert "to repeat the run:" in done.stdout


@pytest.mark.parametrize("option", ["--json", "--until-exact"])
def test_train_rejects_plain_with_options_for_scripts(option: str) -> None:
    refused = run_to_end("train", "--plain", option)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1


def test_reads_lines_from_a_terminal_without_escape_sequences() -> None:
    with Terminal("--plain", "--speed", "100") as terminal:
        terminal.wait_for("lists the commands")
        terminal.wait_for("running")
        terminal.send("p\n")
        terminal.wait_for(": paused")
        terminal.send("37+101\n")
        terminal.wait_for("37 + 101 = ")
        terminal.send("\n")
        terminal.wait_for("pinned, predicted with the current weights")
        terminal.send("\x04")
        terminal.wait_for("end of input: training continues")
        terminal.send("\x03")
        assert terminal.wait() == 130
        assert b"\x1b" not in terminal.written
        assert b"to repeat the run:" in terminal.written


def test_line_interrupts_a_long_wait_at_a_terminal() -> None:
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
def test_signal_exits_with_the_summary(arguments: tuple[str, ...], number: int) -> None:
    with Program(*arguments, *ENDLESS) as program:
        while not program.stdout.readline().startswith(("step ", "after step ")):
            pass
        program.send_signal(number)
        done = program.complete()
    assert (done.returncode, done.stderr) == (128 + number, "")
    assert "rnn-tui train --recipe binary-addition --steps " in done.stdout


@pytest.mark.parametrize("arguments", [("train", "--every", "1"), ("--plain", "--every", "1")])
def test_exits_when_its_terminal_is_closed(arguments: tuple[str, ...]) -> None:
    with Terminal(*arguments, *ENDLESS) as terminal:
        terminal.wait_for("carry")
        terminal.close()
        assert terminal.reap() == 128 + signal.SIGHUP


def test_exits_quietly_when_the_reader_of_its_output_exits() -> None:
    with Program(*FAST, *ENDLESS, "--every", "1") as program:
        program.stdout.readline()
        program.stdout.close()
        assert program.wait(30) == 141
        assert program.stderr.read() == ""
