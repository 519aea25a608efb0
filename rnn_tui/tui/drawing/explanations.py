"""What runs, and what can be changed, each with the line that explains it."""

from textual.content import Content

from rnn_tui.config.components import components
from rnn_tui.config.deviations import deviations
from rnn_tui.config.fields import FIELDS, Field, find_field
from rnn_tui.config.settings import CHOICES, Settings
from rnn_tui.run.changes import LIVE_FIELDS, SetWeights
from rnn_tui.tui.drawing.glyphs import GlyphSet

NAME_CELLS = 10  # cells for what a line is about
MAX_MATCHES = 6  # changes that are offered at a time


def about(settings: Settings, glyphs: GlyphSet) -> Content:
    """Return what runs, part by part."""
    lines = [_component_line(*map(glyphs.transliterate, part)) for part in components(settings)]
    deviating = deviations(settings)
    if deviating:
        lines += [Content(""), Content("By choice, unlike a textbook:")]
        lines += [Content(f"· {quirk}") for quirk in deviating]
    return Content("\n").join(lines)


def _component_line(kind: str, name: str, text: str) -> Content:
    return Content.assemble(
        (f"{kind:<{NAME_CELLS}}", "$foreground-muted"), (name, "bold"), f"  {text}"
    )


def matching(settings: Settings, typed: str) -> Content:
    """Return the changes that begin as `typed`, each with its present value and meaning."""
    name, equals, _ = typed.strip().partition("=")
    if equals and (field := find_field(name)):
        name = field.name
    found = [
        FIELDS[other] for other in LIVE_FIELDS if other == name or (not equals and name in other)
    ]
    found.sort(key=lambda option: not option.name.startswith(name))
    lines = [
        _field_line(option, settings, verbose=len(found) == 1) for option in found[:MAX_MATCHES]
    ]
    if len(found) > MAX_MATCHES:
        lines.append(Content(f"and {len(found) - MAX_MATCHES} more"))
    if name == SetWeights.name:
        return Content("all weights of the net, with commas between: the two of the linear net")
    return Content("\n").join(lines) if lines else Content("there is no such setting")


def _field_line(field: Field, settings: Settings, *, verbose: bool) -> Content:
    value = field.format_value(settings)
    text = field.help if verbose or field.attribute not in CHOICES else field.description
    return Content.assemble((f"{field.name}={value}", "bold"), f"  {text}")
