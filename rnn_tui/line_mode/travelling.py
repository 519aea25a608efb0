"""What a line may ask of time: to take back, to look back, to branch, and to write files."""

from rnn_tui.config.settings import parse_int
from rnn_tui.line_mode.client import LineClient
from rnn_tui.session.requests import (
    Export,
    Fork,
    NextBranch,
    Request,
    SeekBy,
    SeekTo,
    SeekToChange,
    Undo,
)


def undo(client: LineClient, _: str) -> None:
    client.send(Undo())
    client.print_outcome()


def fork(client: LineClient, _: str) -> None:
    client.paused_for_input = False
    client.send(Fork())
    client.print_outcome()


def next_branch(client: LineClient, _: str) -> None:
    client.paused_for_input = False
    client.send(NextBranch())
    client.print_outcome()
    client.report()


def seek_to(client: LineClient, text: str) -> None:
    _seek(client, SeekTo(parse_int(text)))


def seek_to_previous_change(client: LineClient, _: str) -> None:
    _seek(client, SeekToChange(forward=False))


def seek_to_next_change(client: LineClient, _: str) -> None:
    _seek(client, SeekToChange(forward=True))


def seek_back_hundred(client: LineClient, _: str) -> None:
    _seek(client, SeekBy(-100))


def seek_forward_hundred(client: LineClient, _: str) -> None:
    _seek(client, SeekBy(100))


def seek_to_start(client: LineClient, _: str) -> None:
    _seek(client, SeekTo(0))


def seek_to_latest(client: LineClient, _: str) -> None:
    _seek(client, SeekTo(None))


def _seek(client: LineClient, request: Request) -> None:
    client.pause()
    client.send(request)
    client.report()


def export(client: LineClient, text: str) -> None:
    client.send(Export(text or "."))
    if client.refused:
        return
    for path in client.snapshot.exported:
        client.print_line(f"wrote {path}")
    if client.snapshot.journal_path:
        client.print_line(f"the journal is {client.snapshot.journal_path}")
