"""The main job from end to end, on the sample articles, in a folder of its own: python docs/demo.py [FOLDER].

Every step is a command that a coder, a lead or an analyst would type; it is printed before it runs. The decisions of the first coder are real
keystrokes into `eventcoder review`: accept what the codebook finds clean, attach what is there already, reject the rest.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
READY = "q quit ? help"  # the last line of a review screen


def run(*words: str, cwd: Path, quiet: bool = False) -> str:
    """Show a command, run it, show and return what it prints; a failure ends the demo."""
    print(f"\n$ {shlex.join(words)}", flush=True)
    done = subprocess.run([sys.executable, "-m", *words], cwd=cwd, capture_output=True, text=True, check=False)
    if not quiet or done.returncode:
        print(done.stdout.rstrip())
    if done.stderr.strip():
        print(done.stderr.rstrip())
    if done.returncode:
        sys.exit(f"The demo stopped: the command ended with exit code {done.returncode}.")
    return done.stdout


def decide(cwd: Path) -> None:
    """Sit down to `eventcoder review` and type: 1 for an event that is there already, r for a draft with errors, a for the others."""
    print("\n$ eventcoder review --status codable", flush=True)
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "120"}
    command = [sys.executable, "-m", "eventcoder", "review", "--status", "codable"]
    coder = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert coder.stdin is not None
    assert coder.stdout is not None
    errors, alike = 0, False
    for line in coder.stdout:
        print("  " + line.rstrip())
        errors += line.startswith("error:")
        alike |= bool(re.match(r"\s*1\s+attach to .*\((0\.[789]\d|1\.00)\)", line))
        if READY in line:
            keys = "1\n" if alike else "r\nother\n" if errors else "a\n"
            print("  > " + " ".join(keys.split()))
            coder.stdin.write(keys)
            coder.stdin.flush()
            errors, alike = 0, False
    if coder.wait():
        sys.exit("The demo stopped in review.")


def main() -> None:
    """Articles -> drafts -> decisions -> checked release -> corrections -> second release -> difference -> published, pulled, loaded table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build" / "demo").resolve()
    if folder.exists():
        if not (folder / ".demo").exists():
            sys.exit(f"{folder} is there and was not made by the demo; name another folder.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / ".demo").touch()
    os.environ["EVENTCODER_CODER"] = "ana"
    print("== A project, and the sample articles (invented events at real places)")
    run("eventcoder", "init", "desk", "--title", "Demo of eventcoder", cwd=folder)
    desk = folder / "desk"
    shutil.copytree(TOP / "raw" / "articles", desk / "raw" / "articles", dirs_exist_ok=True)
    print("\n== Articles become documents, documents become drafts")
    run("eventcoder", "ingest", "raw/articles", cwd=desk)
    run("eventcoder", "extract", "--status", "codable", cwd=desk)
    print("\n== A coder decides, one key a draft")
    decide(desk)
    run("eventcoder", "list", cwd=desk)
    print("\n== Check everything, publish the first version")
    run("eventcoder", "validate", cwd=desk)
    run("eventcoder", "release", "--notes", "First version.", cwd=desk)
    print("\n== A second coder corrects and adds; the old values stay in the history")
    os.environ["EVENTCODER_CODER"] = "ben"
    events = [json.loads(line) for line in run("eventcoder", "list", "--limit", "0", "--json", cwd=desk, quiet=True).splitlines()]
    first = events[-1]
    run("eventcoder", "amend", first["event_id"], "--set", "tags=crowd size=around 80", "--reason", "The paper corrected its figure.", cwd=desk)
    run("eventcoder", "retract", events[-2]["event_id"], "--reason", "The paper withdrew the story.", cwd=desk)
    run("eventcoder", "history", first["event_id"], cwd=desk)
    run("eventcoder", "release", "--notes", "One correction, one retraction.", cwd=desk)
    versions = sorted(p.name for p in (desk / "releases").glob("[0-9]*"))
    run("eventcoder", "diff", versions[0], versions[1], cwd=desk)
    for version in versions:
        run("eventcoder", "check", f"releases/{version}", cwd=desk)
    print("\n== It is published to a folder of a web server; an analyst keeps a copy, first of the old version, then of the new one")
    run("eventcoder", "publish", "../web", cwd=desk)
    for version in versions:
        run("eventcoder", "pull", "../web", "--to", "../copy", "--version", version, cwd=desk)
    run("eventcoder", "trace", first["event_id"], "tags", "--release", "latest", cwd=desk)
    print("\n== An analyst loads it in one line")
    columns = '["event_date", "country", "location", "sub_event_type", "fatalities"]'
    code = f'import eventcoder; events = eventcoder.load("../copy"); print(events[{columns}].to_string()); print(events.attrs["citation"])'
    print(f">>> {code}", flush=True)
    subprocess.run([sys.executable, "-c", code], cwd=desk, check=True)
    print(f"\nThe demo is done; look around in {desk}, and open {desk / 'releases' / versions[-1] / 'report.html'} in a browser.")


if __name__ == "__main__":
    main()
