"""The components of a run, and the settings that can be changed, each with its explanation."""

from textual.content import Content

from rnn_tui.config.components import components
from rnn_tui.config.deviations import deviations
from rnn_tui.config.fields import FIELDS, Field, find_field
from rnn_tui.config.settings import CHOICES, Settings
from rnn_tui.run.changes import CHANGEABLE_FIELDS, SetWeights
from rnn_tui.run.conditions import AND_PATTERN, CONDITIONS
from rnn_tui.tui.drawing.glyphs import MUTED_STYLE, GlyphSet

NAME_CELLS = 10
NON_STANDARD_TITLE = "non-standard settings"
MAX_MATCHES = 6  # settings listed below the input


def about(settings: Settings, glyphs: GlyphSet) -> Content:
    """Return a line for each component of the run, then its non-standard settings."""
    lines = component_lines(settings, glyphs)
    if deviating := deviation_lines(settings):
        lines += [Content(""), *deviating]
    return Content("\n").join(lines)


def component_lines(settings: Settings, glyphs: GlyphSet) -> list[Content]:
    """Return a line for each component of the run."""
    return [_component_line(*map(glyphs.transliterate, part)) for part in components(settings)]


def deviation_lines(settings: Settings) -> list[Content]:
    """Return a heading and the non-standard settings, or nothing if there are none."""
    deviating = [Content(f"· {deviation}") for deviation in deviations(settings)]
    return [Content(f"{NON_STANDARD_TITLE}:"), *deviating] if deviating else []


def _component_line(kind: str, name: str, text: str) -> Content:
    return Content.assemble((f"{kind:<{NAME_CELLS}}", MUTED_STYLE), (name, "bold"), f"  {text}")


def matching(settings: Settings, typed: str) -> Content:
    """Return the settings that match `typed`, each with its value and its explanation."""
    name, equals, _ = typed.strip().partition("=")
    if equals and (field := find_field(name)):
        name = field.name
    names = [key for key in CHANGEABLE_FIELDS if key == name or (not equals and name in key)]
    found = [FIELDS[key] for key in sorted(names, key=lambda key: not key.startswith(name))]
    lines = [_field_line(field, settings, verbose=len(found) == 1) for field in found[:MAX_MATCHES]]
    if len(found) > MAX_MATCHES:
        lines.append(Content(f"and {len(found) - MAX_MATCHES} more"))
    if name == SetWeights.name:
        return Content(
            "all weights of the model, separated by commas (w_x, w_rec of the linear model)"
        )
    return Content("\n").join(lines) if lines else Content("unknown setting")


def condition_lines(typed: str) -> Content:
    """Return a line for each condition of a breakpoint that the last term typed may become."""
    term = AND_PATTERN.split(typed)[-1].strip().lower()
    kinds = [
        kind
        for name, kind in CONDITIONS.items()
        if name.startswith(term) or term.startswith(tuple(f"{name}{sign}" for sign in "<>="))
    ]
    lines = [Content.assemble((kind.example, "bold"), f"  {kind.explanation}") for kind in kinds]
    return Content("\n").join(lines) if lines else Content("unknown condition")


def _field_line(field: Field, settings: Settings, *, verbose: bool) -> Content:
    value = field.format_value(settings)
    text = field.help if verbose or field.attribute not in CHOICES else field.description
    return Content.assemble((f"{field.name}={value}", "bold"), f"  {text}")
