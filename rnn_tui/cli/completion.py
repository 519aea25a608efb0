"""`rnn-tui completion`: shell completion, generated from the parser and the tables it reads."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, final

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.cli.help import PAGES
from rnn_tui.cli.parser import Parser
from rnn_tui.config.appearance import GLYPHS, PALETTES, THEMES
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import check_choice
from rnn_tui.config.recipes import RECIPES

RUN_NAMES = "$(rnn-tui runs --names 2>/dev/null)"  # evaluated by the shell
FILTER_FIELDS = ("task", "model", "optimizer", "recipe")  # whose values filter `runs`


@final
class Completion(NamedTuple):
    """The words that complete a command ("" for none).

    options    of the command, with the words that complete the value of each
    arguments  words that complete a positional argument
    """

    command: str
    options: dict[str, list[str]]
    arguments: list[str]


def declare_completion(parser: Parser) -> None:
    """Add the arguments of the command."""
    parser.set_run(_completion)
    parser.add_argument("shell", metavar="SHELL", help=", ".join(SHELLS))


def _completion(parser: Parser, args: argparse.Namespace) -> int:
    """Print a script of completions, made from the tables of the program."""
    script = SHELLS[check_choice("shell", args.shell, SHELLS)]
    sys.stdout.write(script(list(completions(parser))))
    return 0


def completions(parser: Parser) -> Iterator[Completion]:
    """Yield the completion of the program without a command, and of each command."""
    commands = parser.commands
    values = _words_by_dest() | {"topic": [*commands, *PAGES], "shell": list(SHELLS)}
    for command, command_parser in {"": parser, **commands}.items():
        options: dict[str, list[str]] = {}
        arguments = [] if command else list(commands)
        for action in command_parser.complete()._actions:
            words = values.get(action.dest, [])
            options |= {name: words for name in action.option_strings if name.startswith("--")}
            arguments += [] if action.option_strings else words
        yield Completion(command, options, arguments)


def _words_by_dest() -> dict[str, list[str]]:
    """Return the words that complete an argument, by its attribute in argparse's namespace."""
    from rnn_tui.cli.run_columns import COLUMNS
    from rnn_tui.lessons.library import stored_lessons
    from rnn_tui.run.conditions import CONDITIONS

    tables: dict[str, Iterable[str]] = {field.attribute: field.choices for field in FIELDS.values()}
    tables |= {"glyphs": GLYPHS, "palette": PALETTES, "theme": THEMES}
    tables |= {"recipe": RECIPES, "sort": COLUMNS, "run_name": [RUN_NAMES], "delete": [RUN_NAMES]}
    tables |= {"lesson": stored_lessons()}
    tables |= dict.fromkeys(("breakpoints", "train_breakpoints"), CONDITIONS)
    filters = (word for name in FILTER_FIELDS for word in tables[name])
    return {name: list(words) for name, words in tables.items()} | {
        "words": [*dict.fromkeys(filters), RUN_NAMES],
        "grid": ["recipe=", *(f"{name}=" for name in FIELDS if name != "seed")],
        "run_and_analyses": [*ANALYSES, RUN_NAMES],
    }


def _value_cases(found: list[Completion]) -> Iterator[tuple[str, str]]:
    """Yield each option that has words for its value, with these words."""
    options = {name: words for entry in found for name, words in entry.options.items() if words}
    yield from ((name, " ".join(words)) for name, words in options.items())


BASH = """\
_rnn_tui() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
    local word command= words=
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in {commands}) command=$word; break ;; esac
    done
    case $previous in
{values}
    esac
    if [[ -z $words ]]; then
        case $command in
{words}
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _rnn_tui rnn-tui
"""

ZSH = """\
#compdef rnn-tui
_rnn_tui() {{
    local previous=${{words[CURRENT-1]}} word command=
    local -a found
    for word in ${{words[2,CURRENT-1]}}; do
        case $word in {commands}) command=$word; break ;; esac
    done
    case $previous in
{values}
    esac
    if (( ! $#found )); then
        case $command in
{words}
        esac
    fi
    compadd -a found || _files
}}
compdef _rnn_tui rnn-tui
"""


def _posix_script(template: str, assignment: str, found: list[Completion]) -> str:
    """Return a script whose `assignment` takes words."""
    values = [f"        {name}) {assignment.format(text)} ;;" for name, text in _value_cases(found)]
    words = [
        f'            "{entry.command}") '
        f"{assignment.format(' '.join([*entry.arguments, *entry.options]))} ;;"
        for entry in found
    ]
    return template.format(
        commands="|".join(entry.command for entry in found if entry.command),
        values="\n".join(values),
        words="\n".join(words),
    )


def _bash(found: list[Completion]) -> str:
    return _posix_script(BASH, 'words="{}"', found)


def _zsh(found: list[Completion]) -> str:
    return _posix_script(ZSH, "found=({})", found)


def _fish(found: list[Completion]) -> str:
    lines = []
    for entry in found:
        condition = f"__fish_seen_subcommand_from {entry.command}"
        start = (
            f"complete -c rnn-tui -n '{condition if entry.command else '__fish_use_subcommand'}'"
        )
        if entry.arguments:
            lines.append(f"{start} -f -a '{_fish_words(entry.arguments)}'")
        for name, words in entry.options.items():
            values = f" -x -a '{_fish_words(words)}'" if words else ""
            lines.append(f"{start} -l {name.removeprefix('--')}{values}")
    return "\n".join([*lines, ""])


def _fish_words(words: list[str]) -> str:
    return " ".join(words).replace(RUN_NAMES, RUN_NAMES.removeprefix("$"))


SHELLS: dict[str, Callable[[list[Completion]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
