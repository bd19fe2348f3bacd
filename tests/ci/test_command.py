"""`eventcoder ci` as people and machines call it: exit codes, forms, summary, and the workflow that calls it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from eventcoder.ci.base import Base
from eventcoder.ci.markdown import LIMIT, bounded, plain
from eventcoder.ci.rendering import markdown, show
from eventcoder.ci.report import STEPS, Inspection, Step
from eventcoder.cli import run
from eventcoder.problem import Problem
from tests.ci.conftest import DataRepository, git

TOP = Path(__file__).resolve().parents[2]
NOW = "1794312000"  # 2026-11-10T12:00:00Z
NASTY = "| a `b` <img src=x> @ada ::error::x ##[error]y [l](http://weir.example) \x1b[31m\u202e ]]> %0A\n# Head"


@pytest.fixture
def call(clone: DataRepository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """`eventcoder ci ...` in the clone: exit code, stdout, stderr."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOW)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_BASE_REF"):
        monkeypatch.delenv(name, raising=False)

    def called(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["ci", "--project", str(clone.root), *args])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return called


def test_everything_with_nothing_left_out(clone: DataRepository, call: Any) -> None:
    """The one test with Great Expectations over both releases and over what is pending."""
    clone.create()
    clone.commit()
    code, out, err = call()
    assert (code, err) == (0, ""), out
    assert out.startswith("Compared with ") and out.endswith("Passed: 8 step(s).\n")
    assert re.findall(r"^ok +(\w+)", out, re.MULTILINE) == list(STEPS)


@pytest.mark.usefixtures("quick")
def test_the_same_commits_give_the_same_json(clone: DataRepository, call: Any) -> None:
    clone.write(clone.lines()[:-1])
    clone.commit()
    steps = ("--step", "journal", "--step", "rebuild", "--step", "released", "--step", "diff")
    code, first, _ = call("--json", *steps)
    assert (code, first) == call("--format", "json", *steps)[:2] and code == 1
    found = json.loads(first)
    assert found["passed"] is False and "seconds" not in first
    assert [s["step"] for s in found["steps"]] == ["journal", "rebuild", "released", "diff"]
    assert found["steps"][0]["problems"][0]["code"] == "journal-line-removed"


@pytest.mark.usefixtures("quick")
def test_wrong_use(clone: DataRepository, call: Any, tmp_path: Path) -> None:
    for args, said in (
        (("--step", "jornal"), "no step 'jornal'"),
        (("--format", "xml"), "Unknown format"),
        (("--deep", "none"), "Unknown depth"),
        (("--base", "nowhere"), "no commit 'nowhere'"),
        (("--step", "diff", "--summary", str(tmp_path / "no" / "x.md")), "cannot be written"),
    ):
        code, out, err = call(*args)
        assert code == 2 and said in err, (args, out, err)
    assert run(["ci", "--project", str(tmp_path)]) == 2


@pytest.mark.usefixtures("quick")
def test_the_job_summary_is_appended_and_the_files_are_written(
    clone: DataRepository, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.create(location="Weir | `Bridge` <b>@ada</b>")
    clone.act(clone.events()[5], {"act": "retract", "reason": "never happened, says @eve"}, minute=9)
    clone.commit()
    job = tmp_path / "job.md"
    job.write_text("Before.\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(job))
    code, out, _ = call("--no-build", "--step", "journal", "--step", "diff", "--summary", str(tmp_path / "s.md"), "--junit", str(tmp_path / "j.xml"))
    assert code == 0, out
    text = (tmp_path / "s.md").read_text("utf-8")
    assert job.read_text("utf-8") == "Before.\n" + text + "\n"
    assert r"Weir \| \`Bridge\` &lt;b\>@" in text and "@ada" not in text and "@eve" not in text
    assert text.index("retracted") < text.index("| added |"), "what went is shown first"
    suites = ElementTree.parse(tmp_path / "j.xml").getroot()
    assert [s.get("name") for s in suites] == ["journal", "diff"]


@pytest.mark.usefixtures("quick")
def test_annotations_stand_at_the_line_of_the_journal(clone: DataRepository, call: Any) -> None:
    lines = clone.lines()
    lines[7] = lines[7].replace('"role":"coder"', '"role":"lead"')
    clone.write(lines)
    clone.commit()
    code, out, _ = call("--format", "github", "--step", "journal", "--step", "released")
    assert code == 1
    (annotation,) = [line for line in out.splitlines() if line.startswith("::error")]
    assert annotation.startswith("::error file=raw/journal/ada-2026-11.jsonl,line=8,title=journal-line-rewritten")
    assert out.count("::group::") == out.count("::endgroup::") == 2


def nasty() -> Inspection:
    step = Step("journal", told=[NASTY])
    step.add(Problem(f"code-{n}", NASTY, where=NASTY, field="notes", value=NASTY) for n in range(3))
    other = Step("diff")
    other.skip(NASTY)
    return Inspection("weir " + NASTY, "0" * 40, Base("1" * 40, NASTY), [step, other], "pending")


def test_what_the_data_hold_does_no_harm_in_any_form() -> None:
    found = nasty()
    log = show(found, "github")
    assert not [line for line in log.splitlines() if re.match(r"::(?!group::|endgroup::|error )", line)], "only our own commands"
    assert "##[error]" not in "\n".join(line for line in log.splitlines() if not line.startswith("::error "))
    ElementTree.fromstring(show(found, "junit").encode())
    page = show(found, "html")
    assert "<img" not in page
    text = markdown(found)
    assert "<img" not in text and "@ada" not in text and "\x1b" not in text and "\u202e" not in text and "[l](" not in text
    assert not [line for line in text.splitlines() if line.startswith("# ")]
    assert json.loads(show(found, "json"))["steps"][0]["problems"][0]["message"] == NASTY


def test_a_comment_has_a_bound() -> None:
    found = nasty()
    found.pending = "line\n" * 40_000
    text = markdown(found)
    assert len(text) <= LIMIT < 65_536 and "Cut here" in text and not text.splitlines()[-3].endswith("lin")
    assert bounded("short") == "short"
    assert plain("a\n  b", 3) == "a b" and plain(["x", 1]) == '\\["x", 1\\]' and plain("abcdef", 4) == "abc…"


def workflow(name: str) -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    return dict(yaml.safe_load((TOP / ".github" / name).read_text("utf-8")))


def test_the_action_runs_as_github_would_run_it(clone: DataRepository, tmp_path: Path) -> None:
    action = workflow("actions/check-dataset/action.yml")
    assert action["runs"]["using"] == "composite"
    ours = [s for s in action["runs"]["steps"] if "eventcoder ci" in s.get("run", "")]
    (step,) = ours
    inputs = {name: str(given.get("default", "")) for name, given in action["inputs"].items()}
    assert all("description" in given for given in action["inputs"].values())
    for other in action["runs"]["steps"]:
        assert "${{" not in other.get("run", ""), "what others may set goes through the environment, never into the script"
        assert other.get("uses") or other["shell"] == "bash"
    clone.write(clone.lines()[:-1])
    clone.commit()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "eventcoder").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m eventcoder "$@" --step journal\n', "utf-8")
    (tmp_path / "bin" / "eventcoder").chmod(0o755)
    filled = {k: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: inputs[m[1]], v) for k, v in step["env"].items()}
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "GIT_"))}
    env |= {**filled, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{env['PATH']}", "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTIONS": "true"}
    env |= {"GITHUB_STEP_SUMMARY": str(tmp_path / "job.md"), "SOURCE_DATE_EPOCH": NOW, "PYTHONPATH": str(TOP / "src")}
    ran = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step["run"]], cwd=clone.top, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    assert "title=journal-line-removed" in ran.stdout
    assert "journal-line-removed" in (tmp_path / "job.md").read_text("utf-8")
    assert (tmp_path / "dataset-junit.xml").exists() and (tmp_path / "dataset-summary.md").exists()


def test_the_workflow_fetches_the_history_and_may_write_nothing() -> None:
    found = workflow("workflows/dataset.yml")
    steps = found["jobs"]["check"]["steps"]
    assert steps[0]["with"]["fetch-depth"] == 0
    assert found["permissions"] == {"contents": "read"}
    assert steps[-1]["uses"] == "./.github/actions/check-dataset"
    assert set(steps[-1]["with"]) <= set(workflow("actions/check-dataset/action.yml")["inputs"])


def test_the_page_shows_what_there_is() -> None:
    page = (TOP / "docs" / "ci.md").read_text("utf-8")
    action = workflow("actions/check-dataset/action.yml")
    yaml = pytest.importorskip("yaml")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 2 and all(yaml.safe_load(block) for block in blocks)
    assert set(yaml.safe_load(blocks[0])["jobs"]["check"]["steps"][1]["with"]) <= set(action["inputs"])
    for name in [*STEPS, *action["inputs"]]:
        assert f"| `{name}` |" in page, name


@pytest.mark.usefixtures("quick")
def test_the_hook_of_the_page_stops_a_push(clone: DataRepository, tmp_path: Path) -> None:
    page = (TOP / "docs" / "ci.md").read_text("utf-8")
    (script,) = [s for s in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if s.startswith("#!/bin/sh")]
    hook = clone.top / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(script.replace("exec eventcoder", f'exec "{sys.executable}" -m eventcoder') + "", "utf-8")
    hook.write_text(hook.read_text("utf-8").rstrip("\n") + " --step journal\n", "utf-8")
    hook.chmod(0o755)
    clone.write(clone.lines()[:-1])
    clone.commit()
    git(tmp_path, "init", "--quiet", "--bare", "target")
    with pytest.raises(subprocess.CalledProcessError) as stopped:
        git(clone.top, "push", "--quiet", str(tmp_path / "target"), "HEAD:refs/heads/main")
    assert "journal-line-removed" in stopped.value.stdout + stopped.value.stderr
