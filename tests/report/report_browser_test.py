#!/usr/bin/env python3
"""Makes reports with the real program and opens them in a real Chromium (scripts/check-report.py).

    report_browser_test.py TIDESYNC [FOLDER]

An ordinary one, one whose names are markup and too long, and one of a period with nothing in it.
With FOLDER the pages and pictures of them stay there.
"""
import datetime
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check-report.py"
MARKUP = "</style></svg><script>document.title = 'broken'</script><img src=x onerror=alert(1)>"
LONG = "laptop-of-the-sales-team-in-lisbon-00001"  # as long as a node's name can be
RUNS = """INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed,
  conflicts, error_message, duration_ms, run_id, node, user, seq_before, seq_after)
  VALUES (?, 'bidirectional', ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 2)"""
CONFLICT = """INSERT INTO sync_conflicts VALUES (?, ?, '{"id": 17}', 'same_column', ?, ?, ?, 'anna',
  'ben', ?, ?, '2026-11-21T10:00:00.000Z', '2026-11-21T09:00:00.000Z', 'newest', ?, NULL, NULL,
  NULL)"""


def run(binary, *words):
    settings = str(pathlib.Path(words[2]).parent / "user")  # not those of whoever runs this
    done = subprocess.run([binary, *map(str, words)], capture_output=True, text=True,
                          env={**os.environ, "TIDESYNC_CONFIG_HOME": settings})
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def make_database(binary, folder, share, name, user):
    database = folder / f"{name}.db"
    with sqlite3.connect(database) as db:
        db.execute("CREATE TABLE quote (id INTEGER PRIMARY KEY, text, price)")
        db.execute("INSERT INTO quote VALUES (17, 'a', 1), (18, 'b', 2)")
    db.close()
    share.mkdir()
    run(binary, "init", "--db", database, "--share", share, "--user", user, "--node", name)
    return database


def add_runs(database, nodes, user, message):
    """Three weeks of runs of every kind, on every node."""
    now = datetime.datetime.now(datetime.timezone.utc)
    db = sqlite3.connect(database)
    with db:
        for number in range(21 * 6):
            at = (now - datetime.timedelta(hours=4 * number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            node = nodes[number % len(nodes)]
            failed, partial = number % 7 == 3, number % 11 == 5
            status = "error" if failed else "partial" if partial else "success"
            told = message if failed or partial else None
            count = 0 if failed else 37 * number ** 2 + 1
            db.execute(RUNS, (at, status, count, count // 3, number % 5 == 0, told,
                              40 + 13 * number ** 2, f"{number:032x}", node, user))
    db.close()


def add_conflicts(database, table, user, value):
    row = '{"id": 17, "text": "%s", "price": 12345.67}'
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    db = sqlite3.connect(database)
    with db:
        for number in range(30):
            db.execute(CONFLICT, (f"{number:032x}", table, row % "base", row % value, row % "loser",
                                  user, user, now))
    db.close()


def make_pages(binary, folder):
    """The pages, each with the number of charts it has at least."""
    plain = make_database(binary, folder, folder / "share", "anna", "Anna")
    add_runs(plain, ["anna", "ben", "carla"], "Anna", "open share /nas/quotes: no such folder")
    add_conflicts(plain, "quote", "Anna", "another")
    nasty = make_database(binary, folder, folder / "nasty", LONG, MARKUP)
    add_runs(nasty, [LONG, MARKUP, "x" * 400], MARKUP, MARKUP + "word" * 100)
    add_conflicts(nasty, MARKUP, MARKUP, ("<b>" + "y" * 500).replace('"', ""))
    pages = {"ordinary": (plain, []), "nasty": (nasty, []),
             "empty": (plain, ["--since", "2001-01-01", "--until", "2001-02-01"])}
    for name, (database, words) in pages.items():
        run(binary, "report", "--db", database, "--html", folder / f"{name}.html", *words)
    return {folder / "ordinary.html": 3, folder / "nasty.html": 3, folder / "empty.html": 0}


def check_pages(pages, pictures):
    for page in pages:
        if MARKUP in page.read_text(encoding="utf-8"):
            print(f"{page.name}: a name is written as markup")
            return 1
    codes = [subprocess.run([sys.executable, CHECK, "--charts", str(charts), "--screenshots",
                             pictures, page]).returncode for page, charts in pages.items()]
    return max(codes)


def main():
    binary = sys.argv[1]
    if len(sys.argv) > 2:
        folder = pathlib.Path(sys.argv[2])
        folder.mkdir(parents=True)
        return check_pages(make_pages(binary, folder), folder / "pictures")
    with tempfile.TemporaryDirectory(prefix="report-browser-") as name:
        folder = pathlib.Path(name)
        return check_pages(make_pages(binary, folder), folder / "pictures")


if __name__ == "__main__":
    sys.exit(main())
