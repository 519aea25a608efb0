"""Siblings that are trained at once, in the thread that sends their plan, without a process."""

from collections.abc import Callable

from rnn_tui.session.siblings_plan import PlanMessage, SiblingsUpdate
from rnn_tui.session.siblings_trainer import SiblingsTrainer


class InlineProcess:
    """In the place of a `SiblingsProcess`."""

    is_ready = True
    has_ended = False
    end_reason = "by SIGKILL"

    def __init__(self, on_news: Callable[[], None]) -> None:
        self.update: SiblingsUpdate | None = None
        self.version = 0
        self.messages: list[PlanMessage] = []
        self._on_news = on_news
        self._trainer: SiblingsTrainer | None = None

    def send(self, message: PlanMessage) -> None:
        self.messages.append(message)
        if self._trainer:
            self._trainer.set_plan(message)
        else:
            self._trainer = SiblingsTrainer(message)
        while self._trainer.is_behind:
            self._trainer.advance()
        self._trainer.evaluate()
        self.update = self._trainer.update()
        self.version += 1
        self._on_news()

    def stop(self) -> None:
        pass
