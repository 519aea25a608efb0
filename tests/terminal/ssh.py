"""A real sshd on the loopback address: present user, free port, throw-away keys and settings."""

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Self, final

from tests.terminal.processes import TIMEOUT_SECONDS
from tests.terminal.terminal import Terminal

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
LACKS = ", ".join(
    name
    for name, path in (
        ("sshd", SSHD),
        ("ssh", shutil.which("ssh")),
        ("ssh-keygen", shutil.which("ssh-keygen")),
    )
    if not path
)
HOST = "127.0.0.1"
SEPARATION = Path("/run/sshd")  # where Debian's sshd locks itself in; only root is asked for it
SERVER = """
ListenAddress {host}
Port {port}
HostKey {directory}/host
PidFile {directory}/pid
AuthorizedKeysFile {directory}/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
AcceptEnv none
"""
CLIENT = """
IdentityFile {directory}/user
IdentitiesOnly yes
UserKnownHostsFile {directory}/known
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking no
LogLevel ERROR
Port {port}
SendEnv none
"""


@final
class Server:
    """An sshd that lets only its own key in, to be used in a `with` block; all in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        for name in ("host", "user"):
            key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
            subprocess.run(key, check=True)
        if os.getuid() == 0:
            SEPARATION.mkdir(mode=0o755, exist_ok=True)
        self._port = _free_port()
        for name, settings in (("server", SERVER), ("client", CLIENT)):
            text = settings.format(host=HOST, port=self._port, directory=directory)
            (directory / name).write_text(text)
        self._log = (directory / "log").open("wb")
        command = [str(SSHD), "-D", "-e", "-f", str(directory / "server")]
        self._sshd = subprocess.Popen(command, stderr=self._log, stdin=subprocess.DEVNULL)
        self._wait_until_it_listens()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._sshd.terminate()
        self._sshd.wait(10)
        self._log.close()

    def open(
        self, *arguments: str, columns: int = 120, rows: int = 40, rate: float = 0.0
    ) -> Terminal:
        """Return a terminal in which `rnn-tui ARGUMENTS` runs over there."""
        run = shlex.join([sys.executable, "-m", "rnn_tui", *arguments])
        # Those of OpenBLAS and numpy decide how products are rounded, which a replay is to repeat.
        kept = " ".join(
            f"{name}={shlex.quote(value)}"
            for name, value in os.environ.items()
            if name.startswith(("OPENBLAS_", "NPY_")) or name == "XDG_STATE_HOME"
        )
        there = f"cd {shlex.quote(os.getcwd())} && LC_ALL=C.UTF-8 {kept} exec {run}"
        client = [str(shutil.which("ssh")), "-tt", "-F", str(self._directory / "client")]
        return Terminal(
            command=[*client, f"{getpass.getuser()}@{HOST}", there],
            columns=columns,
            rows=rows,
            rate=rate,
        )

    def _wait_until_it_listens(self) -> None:
        deadline = monotonic() + TIMEOUT_SECONDS
        while True:
            try:
                socket.create_connection((HOST, self._port)).close()
            except OSError:
                log = (self._directory / "log").read_text()
                assert self._sshd.poll() is None, f"sshd does not start: {log}"
                assert monotonic() < deadline, f"sshd does not listen: {log}"
                sleep(0.05)
            else:
                return


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])
