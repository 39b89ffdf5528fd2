"""Private servers of the kinds that probes look at, which take long to start or are large: for campaigns, not for the gate."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers import (
    ServerFailed,
    ServerMissing,
    find_program,
    free_port,
    private_folder,
    server_user,
    tail,
    unprivileged,
    wait_until_it_answers,
)
from tests.services import PASSWORD, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.pki import Pki
    from tests.servers import Process
    from tests.services import Service

STOP_WITHIN = 30.0
ACTIVEMQ = Path("/usr/share/activemq")
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
ARC = Path("/usr/share/arc")


@dataclass(slots=True)
class Heavy:
    """A running server of several processes, and the ports that it listens on, by protocol."""

    ports: Mapping[str, int]
    processes: list[Process] = field(default_factory=list)

    def answers(self) -> bool:
        """Whether a client gets through to all of its ports."""
        return all(_connects(port) for port in self.ports.values())

    def stop(self) -> None:
        """End all of its processes, the last that was started first."""
        while self.processes:
            _end_with_children(self.processes.pop())


def _connects(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end_with_children(process: Process) -> None:
    """End the group that ``process`` leads, since what a shell script started does not end with it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _launch(folder: Path, command: Sequence[str | Path], **variables: str) -> Process:
    known = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8", **variables}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*unprivileged(), *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=known,
            start_new_session=True,
        )


@contextmanager
def _running(folder: Path, heavy: Heavy) -> Iterator[Heavy]:
    try:
        if not wait_until_it_answers(heavy, heavy.processes[-1]):
            raise ServerFailed(f"The server did not start. The end of its log:\n{tail(folder / 'log')}")
        yield heavy
    finally:
        heavy.stop()


def _owned(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder / name, server_user().pw_uid, server_user().pw_gid)


@contextmanager
def rabbitmq() -> Iterator[Heavy]:
    """A RabbitMQ that speaks AMQP and STOMP, whose user ``probe`` has :data:`~tests.services.PASSWORD`."""
    if not RABBITMQ.exists():
        raise ServerMissing("rabbitmq-server is missing; on Debian: apt-get install rabbitmq-server")
    mapper = find_program("epmd", "erlang-base")
    ports = {"amqp": free_port(), "stomp": free_port()}
    epmd, distribution = str(free_port()), str(free_port())
    with private_folder("gridmask-rabbitmq-") as folder:
        _owned(folder, "mnesia", "logs")
        (folder / "plugins").write_text("[rabbitmq_stomp].")
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{ports['amqp']}\nstomp.listeners.tcp.1 = 127.0.0.1:{ports['stomp']}\n"
            f"default_user = probe\ndefault_pass = {PASSWORD}\n"
        )
        # the mapper of ports would go on for ever if it were started by the server
        heavy = Heavy(ports, [_launch(folder, [mapper, "-port", epmd, "-address", "127.0.0.1"])])
        places = {"MNESIA_BASE": folder / "mnesia", "LOG_BASE": folder / "logs", "CONFIG_FILE": folder / "rabbitmq.conf"}
        said = {**places, "ENABLED_PLUGINS_FILE": folder / "plugins", "NODENAME": "probed@localhost", "DIST_PORT": distribution}
        said |= {"CONF_ENV_FILE": "/dev/null", "SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false"}
        variables = {f"RABBITMQ_{name}": str(value) for name, value in said.items()}
        heavy.processes.append(_launch(folder, [RABBITMQ], ERL_EPMD_PORT=epmd, ERL_EPMD_ADDRESS="127.0.0.1", **variables))
        with _running(folder, heavy):
            yield heavy


BROKER = """<beans xmlns="http://www.springframework.org/schema/beans"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd
    http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="probed" persistent="false" useJmx="false"
      dataDirectory="{folder}/data">
    <plugins><simpleAuthenticationPlugin><users>
      <authenticationUser username="probe" password="{password}" groups="users"/>
    </users></simpleAuthenticationPlugin></plugins>
    <transportConnectors><transportConnector name="stomp" uri="stomp://127.0.0.1:{port}"/></transportConnectors>
  </broker>
</beans>
"""


@contextmanager
def activemq() -> Iterator[Heavy]:
    """An ActiveMQ that speaks STOMP, whose user ``probe`` has :data:`~tests.services.PASSWORD`."""
    jar = ACTIVEMQ / "bin" / "activemq.jar"
    if not jar.exists():
        raise ServerMissing("activemq is missing; on Debian: apt-get install activemq")
    java, port = find_program("java", "default-jre-headless"), free_port()
    with private_folder("gridmask-activemq-") as folder:
        _owned(folder, "data")
        (folder / "activemq.xml").write_text(BROKER.format(folder=folder, port=port, password=PASSWORD))
        where = {"home": ACTIVEMQ, "base": folder, "conf": folder, "data": folder / "data"}
        options = [f"-Dactivemq.{name}={path}" for name, path in where.items()]
        command: list[str | Path] = [java, "-Xmx256M", f"-Djava.io.tmpdir={folder / 'data'}", *options, "-jar", jar]
        heavy = Heavy({"stomp": port}, [_launch(folder, [*command, "start", f"xbean:file:{folder}/activemq.xml"])])
        with _running(folder, heavy):
            yield heavy


@contextmanager
def unbound() -> Iterator[Service]:
    """An Unbound that knows ``www.example.org``, and nobody else."""
    program = find_program("unbound", "unbound")

    def write(folder: Path, port: int) -> Sequence[str | Path]:
        (folder / "unbound.conf").write_text(
            f'server:\n  interface: 127.0.0.1\n  port: {port}\n  chroot: ""\n  username: ""\n  directory: "{folder}"\n'
            f'  pidfile: "{folder}/pid"\n  do-daemonize: no\n  use-syslog: no\n  module-config: "iterator"\n'
            '  local-zone: "." static\n  local-data: "www.example.org. 60 IN A 192.0.2.7"\n'
        )
        return [program, "-d", "-c", folder / "unbound.conf"]

    with serving("unbound", write) as service:
        yield service


ARC_CONF = """[common]
hostname = localhost
x509_host_key = {folder}/host.key
x509_host_cert = {certificate}
x509_cert_dir = {authorities}
[authgroup: all]
all = yes
[mapping]
map_to_user = all nobody:nogroup
policy_on_nomap = stop
[lrms]
lrms = fork
[arex]
controldir = {folder}/control
sessiondir = {folder}/session
pidfile = {folder}/run/arex.pid
logfile = {folder}/arex.log
joblog = {folder}/joblog
[arex/ws]
wsurl = https://localhost:{port}/arex
logfile = {folder}/ws.log
pidfile = {folder}/run/ws.pid
[arex/ws/jobs]
[infosys]
logfile = {folder}/infosys.log
[infosys/cluster]
[infosys/glue2]
admindomain_name = EXAMPLE
[queue: fork]
comment = for tests
"""


@dataclass(frozen=True, slots=True)
class ArcService:
    """An ARC computing element, which its scripts start in the background: it is known by the files with its process ids."""

    port: int
    folder: Path

    def stop(self) -> None:
        """End it."""
        for file in (self.folder / "run").glob("*.pid"):
            with suppress(OSError, ValueError):
                pid = int(file.read_text())
                if str(self.folder) in _of_process(pid, "environ"):
                    settings = Path(_of_process(pid, "cmdline").split("\0")[2])  # which its scripts leave behind
                    os.kill(pid, signal.SIGTERM)
                    settings.unlink(missing_ok=True)


def _of_process(pid: int, what: str) -> str:
    return Path(f"/proc/{pid}/{what}").read_bytes().decode(errors="replace")


@contextmanager
def arc(pki: Pki) -> Iterator[ArcService]:
    """An ARC computing element that runs jobs on this machine, of whoever comes. Needs root."""
    if not (ARC / "arc-arex-ws-start").exists() or os.geteuid() != 0:
        raise ServerMissing("nordugrid-arc-arex is missing, or this is not root; on Debian: apt-get install nordugrid-arc-arex")
    with private_folder("gridmask-arc-") as folder:
        service = ArcService(free_port(), folder)
        for name in ("control", "session", "run"):
            (folder / name).mkdir()
        shutil.copy(pki.key("server"), folder / "host.key")
        (folder / "host.key").chmod(0o600)
        said = {"folder": folder, "port": service.port, "certificate": pki.certificate("server"), "authorities": pki.hashed}
        (folder / "arc.conf").write_text(ARC_CONF.format_map(said))
        # else its script has some made, which takes minutes
        _run(["openssl", "dhparam", "-dsaparam", "-out", folder / "control" / "dhparam.pem", "2048"], folder)
        try:
            for script in ("arc-arex-start", "arc-arex-ws-start"):
                _run([ARC / script], folder, ARC_CONFIG=str(folder / "arc.conf"))
            yield service
        finally:
            service.stop()


def _run(command: Sequence[str | Path], folder: Path, **variables: str) -> None:
    done = subprocess.run(
        [*map(str, command)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **variables},
        cwd=folder,
    )
    if done.returncode != 0:
        raise ServerFailed(f"{command[0]} failed.\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
