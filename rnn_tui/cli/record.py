"""`rnn-tui record`: writes the replay of a run on the dashboard as an asciinema recording."""

import argparse
import asyncio
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from math import isfinite
from pathlib import Path
from typing import TextIO

import numpy as np

from rnn_tui.cli.journals import find_journal, load_journal
from rnn_tui.cli.output import print_line, print_notice
from rnn_tui.cli.progress import ProgressLine
from rnn_tui.config.appearance import Appearance
from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.recording.asciicast import SUFFIX, CastWriter, new_file
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import Cancelled
from rnn_tui.session.start import ReplayRun
from rnn_tui.signals import GracefulExit
from rnn_tui.tui.screen_recording import ScreenRecorder, Segment
from rnn_tui.tui.views import VIEWS

DEFAULT_SIZE, MIN_SIZE, MAX_SIZE = (80, 24), (60, 20), (1000, 400)  # columns and rows
DEFAULT_SECONDS = 45  # of a recording without --speed
MAX_FRAMES = 100_000
STANDARD_OUTPUT = "-"


def record_run(args: argparse.Namespace) -> int:
    """Record the replay of a run; status 1 where it differs from its journal."""
    path = find_journal(args.run_name)
    contents = load_journal(path)
    if contents.error:
        print_notice(f"{contents.error}; recorded up to there")
    segment, appearance = _segment_from(args, contents.last_step), _appearance_from(args)
    columns, rows = _size_from(args)
    view = check_choice("view", getattr(args, "view", next(iter(VIEWS))), VIEWS)
    target = _target_from(args, path.stem)
    verifier, progress = ReplayVerifier(contents, path.stem), ProgressLine()
    start = ReplayRun(contents.header.settings, verifier, None)
    output: AbstractContextManager[TextIO] = nullcontext(sys.stdout)
    with GracefulExit() as graceful_exit:

        def report(text: str) -> None:
            progress.update(text)
            if graceful_exit.received:
                raise Cancelled

        recorder = ScreenRecorder(start, segment, appearance, view)
        try:
            with np.errstate(all="ignore"), new_file(target) if target else output as file:
                writer = CastWriter(file, columns, rows, f"rnn-tui: {path.stem}")
                asyncio.run(recorder.record(writer, report))
        except Cancelled:
            return graceful_exit.exit_status
        finally:
            progress.clear()
    if target:
        noun = "frame" if segment.n_frames == 1 else "frames"
        print_line(f"wrote {target}: {segment.duration / 1000:g} s, {segment.n_frames:,} {noun}")
    if verifier.mismatch:
        print_notice(verifier.mismatch)
    damaged = contents.error and not contents.truncated
    return EXIT_FAILURE if verifier.mismatch or damaged else 0


def _segment_from(args: argparse.Namespace, last_step: int) -> Segment:
    """Return the steps and the speed of the recording; raises UserError."""
    given = vars(args)
    first, last = given.get("from", 0), given.get("until", last_step)
    if not 0 <= first <= last <= last_step:
        raise UserError(f"--from and --until must be steps of 0 to {last_step:,}, in this order")
    speed, fps = given.get("speed", _default_speed(last - first)), _appearance_from(args).fps
    if not (isfinite(speed) and speed > 0):
        raise UserError(f"--speed must be above 0 and finite, not {speed:g}")
    if (last - first) / speed * fps > MAX_FRAMES:
        raise UserError(f"more than {MAX_FRAMES:,} frames: raise --speed, or lower --fps")
    return Segment(first, last, speed, fps)


def _default_speed(n_steps: int) -> float:
    """Return the speed, of two digits, at which the steps take about DEFAULT_SECONDS."""
    return max(1.0, float(f"{n_steps / DEFAULT_SECONDS:.2g}"))


def _appearance_from(args: argparse.Namespace) -> Appearance:
    """Return the appearance of the options; of the terminal, only NO_COLOR matters."""
    chosen = {name: value for name, value in vars(args).items() if name in Appearance.__slots__}
    return Appearance(colored=not os.environ.get("NO_COLOR"), **chosen)


def _size_from(args: argparse.Namespace) -> tuple[int, int]:
    columns, rows = getattr(args, "size", DEFAULT_SIZE)
    if not (MIN_SIZE[0] <= columns <= MAX_SIZE[0] and MIN_SIZE[1] <= rows <= MAX_SIZE[1]):
        smallest, largest = (f"{size[0]}x{size[1]}" for size in (MIN_SIZE, MAX_SIZE))
        raise UserError(f"--size must be {smallest} to {largest}, not {columns}x{rows}")
    return columns, rows


def _target_from(args: argparse.Namespace, name: str) -> Path | None:
    """Return the file to write, None for standard output; raises UserError if it exists."""
    if args.to == STANDARD_OUTPUT:
        return None
    target = Path(args.to or f"{name}{SUFFIX}").absolute()
    if target.is_dir():
        target /= f"{name}{SUFFIX}"
    if target.exists() and not target.is_file():
        raise UserError(f"{target} is no file; use --to -, or the name of a file")
    if target.exists() and not args.force:
        raise UserError(f"{target} exists; add --force to replace it")
    return target
