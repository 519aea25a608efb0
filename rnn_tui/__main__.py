"""The entry point of `rnn-tui` and of `python -m rnn_tui`."""

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any, final

from rnn_tui import __version__
from rnn_tui.exit_status import report_os_error
from rnn_tui.signals import EXIT_SIGINT, immediate_interrupts


@final
class LazyModule(ModuleType):
    """A module that is executed when a name of it is first needed.

    importlib's LazyLoader executes it at its second import already, which asks for `__spec__`. An
    import of a submodule executes it first: that asks for `__path__`, which is not set before.
    """

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        assert spec is not None
        assert spec.loader is not None
        object.__setattr__(self, "__class__", ModuleType)
        self.__path__ = spec.submodule_search_locations or []
        with immediate_interrupts():
            spec.loader.exec_module(self)
        return getattr(self, name)


def load_lazily(name: str) -> None:
    """Put a module in sys.modules that is not executed yet: --help has no use for numpy.

    Threads start after `rnn_tui.session` is imported, which executes it.
    """
    spec = find_spec(name)
    if spec is not None and name not in sys.modules:
        module = module_from_spec(spec)
        module.__class__ = LazyModule
        del module.__path__
        sys.modules[name] = module


def main() -> int:
    """Run the program; return the exit status, also where its last output cannot be written."""
    try:
        try:
            return _run()
        finally:
            if sys.stdout:  # None where the program was started with it closed
                sys.stdout.flush()
    except KeyboardInterrupt:  # while another one was handled
        return EXIT_SIGINT
    except OSError as reason:
        return report_os_error(reason)


def _run() -> int:
    """Run the program; Ctrl-C ends it silently, even while its modules are still loading."""
    try:
        with immediate_interrupts():
            if sys.argv[1:] == ["--version"] and sys.stdout:
                sys.stdout.write(f"rnn-tui {__version__}\n")
                return 0
            load_lazily("numpy")
            from rnn_tui.cli.main import main as run
        return run()
    except KeyboardInterrupt:
        return EXIT_SIGINT


if __name__ == "__main__":
    sys.exit(main())
