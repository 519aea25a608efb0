"""What runs, and what can be changed, each with the line that explains it."""

from textual.content import Content

from rnn_tui.config.components import parts
from rnn_tui.config.deviations import quirks
from rnn_tui.config.fields import OPTIONS, Option
from rnn_tui.config.settings import CHOICES, Settings
from rnn_tui.run.changes import LIVE, SetWeights
from rnn_tui.tui.drawing.glyphs import Look

NAME = 10  # cells for what a line is about
MATCHES = 6  # changes that are offered at a time


def about(settings: Settings, look: Look) -> Content:
    """Return what runs, part by part."""
    lines = [_line(*map(look.said, part)) for part in parts(settings)]
    odd = quirks(settings)
    if odd:
        lines += [Content(""), Content("By choice, unlike a textbook:")]
        lines += [Content(f"· {quirk}") for quirk in odd]
    return Content("\n").join(lines)


def _line(kind: str, name: str, text: str) -> Content:
    return Content.assemble((f"{kind:<{NAME}}", "$foreground-muted"), (name, "bold"), f"  {text}")


def matching(settings: Settings, typed: str) -> Content:
    """Return the changes that begin as `typed`, each with its present value and meaning."""
    name, equals, _ = typed.strip().partition("=")
    found = [OPTIONS[other] for other in LIVE if other == name or (not equals and name in other)]
    found.sort(key=lambda option: not option.name.startswith(name))
    lines = [_offer(option, settings, whole=len(found) == 1) for option in found[:MATCHES]]
    if len(found) > MATCHES:
        lines.append(Content(f"and {len(found) - MATCHES} more"))
    if name == SetWeights.name:
        return Content("all weights of the net, with commas between: the two of the linear net")
    return Content("\n").join(lines) if lines else Content("there is no such setting")


def _offer(option: Option, settings: Settings, *, whole: bool) -> Content:
    value = option.shown(settings)
    text = option.help if whole or option.field not in CHOICES else option.meaning
    return Content.assemble((f"{option.name}={value}", "bold"), f"  {text}")
