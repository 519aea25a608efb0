"""What a line may ask of the run itself: to go, to stand still, to begin again, to be told."""

from dataclasses import replace

from rnn_tui.config.settings import MAX_STEPS, UserError, parse_int
from rnn_tui.line_mode.client import LineClient
from rnn_tui.session.requests import Pause, Restart, SeekTo
from rnn_tui.session.snapshot import Status


def print_report(client: LineClient, _: str) -> None:
    client.report()


def toggle_pause(client: LineClient, _: str) -> None:
    if client.is_running:
        client.pause()
        client.print_at_step("paused")
    else:
        client.resume()
        if client.snapshot.status is Status.RUNNING:
            client.print_at_step("goes on")


def train_steps(client: LineClient, text: str) -> None:
    count = _parse_steps(text, minimum=1) if text else 1
    client.pause()
    client.train_to(client.snapshot.step + count)
    client.report()


def train_hundred_steps(client: LineClient, _: str) -> None:
    train_steps(client, "100")


def train_until(client: LineClient, text: str) -> None:
    step = _parse_steps(text, minimum=0) if text else client.snapshot.initial_settings.steps
    if client.snapshot.status is Status.VIEWING:
        client.send(SeekTo(None))
    if not client.train_to(step):
        client.report()
        return
    if client.snapshot.step > step:
        client.print_at_step(f"that is past step {step:,} already")
    client.paused_for_input = client.snapshot.status is Status.PAUSED


def _parse_steps(text: str, minimum: int) -> int:
    steps = parse_int(text)
    if not minimum <= steps <= MAX_STEPS:
        raise UserError(f"steps go from {minimum} to {MAX_STEPS:,}, not {steps:,}")
    return steps


def restart(client: LineClient, _: str) -> None:
    _restart(client, Restart())


def restart_with_new_seed(client: LineClient, _: str) -> None:
    _restart(client, Restart.with_new_seed())


def restart_with_seed(client: LineClient, text: str) -> None:
    seed = parse_int(text)
    replace(client.snapshot.settings, seed=seed)  # raises where there is no such seed
    _restart(client, Restart(seed=seed))


def _restart(client: LineClient, request: Restart) -> None:
    if client.paused_for_input:
        client.send(request, Pause())
    else:
        client.send(request)
    client.print_at_step(client.snapshot.message)


def quit_session(client: LineClient, _: str) -> None:
    client.quit_requested = True


def set_report_interval(client: LineClient, text: str) -> None:
    report_every = parse_int(text)
    if report_every < 0:
        raise UserError(f"a report comes every so many steps, or never: 0, not {report_every}")
    client.report_every, client.min_report_interval = report_every, 0.0
    client.print_line(
        f"a report every {report_every:,} steps" if report_every else "no report but when asked"
    )
