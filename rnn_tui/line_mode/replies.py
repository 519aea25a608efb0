"""Sends a request and prints its result."""

from dataclasses import replace

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.line_mode.client import LineClient
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import (
    AdjustSpeed,
    Analyze,
    CheckGradient,
    EvaluateLengths,
    Export,
    Fork,
    LeaveTrace,
    ListBreakpoints,
    NextBranch,
    OpenSibling,
    Pause,
    PinExample,
    PinNewest,
    Race,
    Restart,
    Resume,
    SeekBy,
    SeekTo,
    SeekToChange,
    SetSpeed,
    StartRecipe,
    Step,
    TogglePause,
    TogglePin,
    TraceStep,
)
from rnn_tui.session.snapshot import RequestedAnalyses, Snapshot, Status
from rnn_tui.text.analyses import analysis_lines
from rnn_tui.text.ascii import to_ascii
from rnn_tui.text.format import format_speed
from rnn_tui.text.report import race_lines
from rnn_tui.text.step_trace import trace_lines


def send(client: LineClient, request: Request) -> None:
    """Send `request`, wait until it is handled, and print what came of it."""
    match request:
        case Step(count):
            client.pause()
            client.train_to(client.snapshot.step + count)
            client.report()
            return
        case Pause():
            client.pause()
        case TogglePause() if client.paused_for_input:
            client.pause()
        case Restart() | StartRecipe():
            client.send(replace(request, paused=client.paused_for_input))
        case Fork() | NextBranch() | OpenSibling():
            client.paused_for_input = False
            client.send(request)
        case SeekTo() | SeekBy() | SeekToChange() | TraceStep():
            client.pause()
            client.send(request)
        case _:
            client.send(request)
    if not client.snapshot.refused:
        _print_reply(client, request)


def _print_reply(client: LineClient, request: Request) -> None:
    now = client.snapshot
    match request:
        case TogglePause() | Pause() | Resume():
            client.print_at_step("running" if now.status is Status.RUNNING else "paused")
        case SeekTo() | SeekBy() | SeekToChange():
            client.report()
        case NextBranch():
            client.print_at_step(now.message)
            client.report()
        case SetSpeed() | AdjustSpeed():
            client.print_at_step(f"speed {format_speed(now.speed)}")
        case TogglePin() if now.example and not now.is_pinned:
            client.print_at_step("unpinned: the newest example is shown")
        case PinExample() | TogglePin() | PinNewest():
            client.print_example()
        case CheckGradient():
            client.print_line(now.message)
        case Analyze() | EvaluateLengths() if now.requested_analyses:
            _print_analyses(client, now.requested_analyses)
        case Race():
            for line in race_lines(now):
                client.print_line(line)
        case Export():
            for path in now.exported:
                client.print_verbatim(f"wrote {path}")
            if now.journal_path:
                client.print_verbatim(f"the journal is {now.journal_path}")
        case ListBreakpoints():
            client.print_line(now.message)
        case TraceStep(unit) if now.step_trace:
            for line in trace_lines(now.step_trace, unit, write=to_ascii):
                client.print_line(line)
            client.send(LeaveTrace())
        case _ if now.message not in _printed_messages(now):
            client.print_at_step(now.message)


def _printed_messages(now: Snapshot) -> list[str]:
    """Return the messages of the latest change and breakpoint, which are printed as news."""
    hits = [f"{hit.message}; space resumes" for hit in now.breakpoint_hits[-1:]]
    return [applied.message for applied in now.log[-1:]] + hits


def _print_analyses(client: LineClient, analyses: RequestedAnalyses) -> None:
    for name, (result, reason) in analyses.results.items():
        client.print_line(f"step {analyses.step:,}: {name}: {ANALYSES[name].summary}")
        lines = [f"  {reason}"] if reason else analysis_lines(name, result, analyses.settings)
        for line in lines:
            client.print_line(line)
