"""The exit statuses of the program, in one table."""

from rnn_tui.signals import EXIT_SIGINT

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_BROKEN_PIPE = 141  # 128 + SIGPIPE, as the shell reports a program cut off by `| head`

EXIT_STATUSES = {
    0: "success",
    EXIT_FAILURE: "halted, goal of --until-exact missed, gradient incorrect, replay differs, "
    "or an error of reading or writing",
    EXIT_USAGE: "invalid command line, setting or journal",
    EXIT_SIGINT: "Ctrl-C (128 + number of the signal; SIGTERM 143, SIGHUP 129)",
    EXIT_BROKEN_PIPE: "the reader of standard output has gone, as with | head",
}
