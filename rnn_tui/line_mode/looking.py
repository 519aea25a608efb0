"""What a line may ask to be shown: an example, the gradient's check, what runs."""

from rnn_tui.config.components import components
from rnn_tui.config.deviations import deviations
from rnn_tui.config.settings import UserError
from rnn_tui.line_mode.client import LineClient
from rnn_tui.run.optimizer_race import PUBLISHED_START
from rnn_tui.session.requests import CheckGradient, PinExample, Race, UnpinExample
from rnn_tui.text.report import race_lines


def pin_input(client: LineClient, text: str) -> None:
    try:
        client.snapshot.settings.make_task().parse_input(text)
    except ValueError as reason:
        raise UserError(str(reason)) from None
    client.send(PinExample(text))
    client.print_example()


def toggle_pin(client: LineClient, _: str) -> None:
    if client.snapshot.is_pinned:
        client.send(UnpinExample())
        client.print_at_step("the newest example is on show again")
    else:
        client.send(PinExample())
        client.print_example()


def pin_newest(client: LineClient, _: str) -> None:
    client.send(UnpinExample())
    client.send(PinExample())
    client.print_example()


def check_gradient(client: LineClient, _: str) -> None:
    client.send(CheckGradient())
    client.print_line(client.snapshot.message)


def race_optimizers(client: LineClient, _: str) -> None:
    if client.snapshot.cost_map is None:
        raise UserError("only two weights that count ones can race")
    client.send(Race(PUBLISHED_START))
    for line in race_lines(client.snapshot):
        client.print_line(line)


def print_components(client: LineClient, _: str) -> None:
    kind = ""
    for component in components(client.snapshot.settings):
        kind = component.kind or kind
        client.print_line(f"{kind}: {component.name}: {component.summary}")
    for deviation in deviations(client.snapshot.settings):
        client.print_line(f"unlike a textbook: {deviation}")
