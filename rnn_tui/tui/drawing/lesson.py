"""The texts of a lesson's page for its panel, as a pure function of the state of its player."""

import re
from collections.abc import Sequence
from typing import NamedTuple, final

from textual.content import Content

from rnn_tui.lessons.lesson import Question
from rnn_tui.lessons.player import LessonPlayer, PageState
from rnn_tui.session.snapshot import Status

EMPHASIS_PATTERN = re.compile(r"(\*{1,2})(?! )(.+?)\1")
EMPHASIS_STYLES = {"*": "italic", "**": "bold"}
SEPARATOR = " · "
# The actions of the panel, each with its key, in the order of the last line.
LESSON_ACTIONS = {"back": "f2", "again": "f3", "next": "f4", "hint": "f5"}
LEAVE_KEY = "esc"
KEY_GAPS = "  ", " "  # between two keys, the first that fits


@final
class LessonView(NamedTuple):
    """What the panel shows: titles, texts above and below the choices, and the lines of keys.

    In a `compact` panel one text stands for the page: the newest.
    """

    title: str
    subtitle: str
    text: Content
    choices: tuple[str, ...]
    after: Content
    keys: Content


def lesson_view(
    player: LessonPlayer,
    status: Status,
    message: str,
    pane_title: str,
    width: int,
    *,
    beside: bool,
    compact: bool,
    question_is_open: bool,
) -> LessonView:
    """Return what a panel of `width` cells shows.

    `message` says why an action was refused, and `pane_title` names the pane of the page. A panel
    that stands `beside` the panes is narrow, and has a line below. A compact panel shows the
    question instead of the text once that `question_is_open`.
    """
    page, is_asking = player.page, player.state is PageState.ASKING
    question = page.question if is_asking and (question_is_open or not compact) else None
    hint = f"hint: {page.hint}" if player.hint_is_shown and not player.is_complete else ""
    notes = [note for note in (player.reply, hint, player.notice, message) if note]
    answered = page.question if not is_asking else None
    if compact:
        text = question.text if question else (player.after or page.text)
        text = "\n".join([*([_correct_choice(answered)] if answered else []), text])
        after = "\n".join(notes)
    else:
        text = page.text + (f"\n\n**{question.text}**" if question else "")
        answers = [f"**{answered.text}** {_correct_choice(answered)}"] if answered else []
        after = "\n\n".join([*answers, *notes, *filter(None, [player.after])])
    headings = [f"**{page.heading}**"] if page.heading else []
    headings += [f"pane {pane_title}"] if pane_title else []
    if beside and headings:
        text = f"{SEPARATOR.join(headings)}\n\n{text}"
    number = f"{player.index + 1} of {len(player.lesson.pages)}"
    titles = [player.lesson.title, number]
    state = _state_text(player, status)
    if not beside:
        titles += filter(None, [page.heading, state])
    excess = Content(SEPARATOR.join(titles)).cell_length - width + 2 * beside  # blanks about it
    if excess > 0:  # the page matters more than the title of the lesson
        title = Content(player.lesson.title)
        titles[0] = title.truncate(max(1, title.cell_length - excess), ellipsis=True).plain
    opens_question = is_asking and compact and not question_is_open
    return LessonView(
        SEPARATOR.join(titles),
        state if beside else "",
        with_emphasis(text),
        question.choices if question else (),
        with_emphasis(after),
        _key_lines(player, width, len(question.choices) if question else 0, opens_question),
    )


def _correct_choice(question: Question) -> str:
    return f"✓ {question.choices[question.answer - 1]}"


def with_emphasis(text: str) -> Content:
    """Return `text` with **terms** in bold and *names* in italics."""
    parts, end = list[Content](), 0
    for match in EMPHASIS_PATTERN.finditer(text):
        parts.append(Content(text[end : match.start()]))
        parts.append(Content.styled(match[2], EMPHASIS_STYLES[match[1]]))
        end = match.end()
    return Content("").join([*parts, Content(text[end:])])


def _state_text(player: LessonPlayer, status: Status) -> str:
    """Return what the page waits for, if it does."""
    page = player.page
    if player.is_playing_ahead:
        return f"plays to page {player.target + 1}"
    if player.state is PageState.WAITING and page.wait:
        is_paused = status is Status.PAUSED and player.is_settled
        return "paused: space resumes" if is_paused else f"trains until {page.wait.text}"
    if player.state is PageState.ACTING and page.goal:
        return f"goal: {page.goal.text}"
    return ""


def _key_lines(player: LessonPlayer, width: int, n_choices: int, opens_question: bool) -> Content:
    """Return the keys that are useful on the page, then those of the panel."""
    if player.is_playing_ahead:
        return _link(LEAVE_KEY, "leave", "leave")
    keys = [(f"1-{n_choices}", "answer")] if n_choices else player.page.keys
    useful = [Content.assemble((key, "bold $key"), f" {meaning}") for key, meaning in keys]
    labels = {
        "back": "back" if player.index else "",
        "again": "again",
        "next": _next_label(player, opens_question=opens_question),
        "hint": "hint" if player.page.hint and not player.is_complete else "",
    }
    panel = [
        _link(LESSON_ACTIONS[action].upper(), label, action)
        for action, label in labels.items()
        if label
    ]
    panel.append(_link(LEAVE_KEY, "leave", "leave"))
    for gap in KEY_GAPS:
        one_line = Content(gap).join([*useful, *panel])
        if one_line.cell_length <= width:
            return one_line
    return Content("\n").join([*_lines(useful, width), *_lines(panel, width)])


def _lines(parts: Sequence[Content], width: int) -> list[Content]:
    """Return the `parts` in lines of at most `width` cells, as far as each part allows."""
    lines = list[Content]()
    for part in parts:
        if lines and lines[-1].cell_length + len(KEY_GAPS[0]) + part.cell_length <= width:
            lines[-1] = Content(KEY_GAPS[0]).join([lines[-1], part])
        else:
            lines.append(part)
    return lines


def _next_label(player: LessonPlayer, *, opens_question: bool) -> str:
    if opens_question:
        return "question"
    if not player.is_complete:
        return "skip"
    return "finish" if player.is_last else "next"


def _link(key: str, label: str, action: str) -> Content:
    return Content.from_markup(f"[bold $key]{key}[/] [@click=screen.lesson('{action}')]{label}[/]")
