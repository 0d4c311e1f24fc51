"""The house rules: who may import whom, what a page may hold, what the program may ask of the machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "decision_aid"
MODULES = sorted(PACKAGE.rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))

LONGEST_PAGE = 250  # lines

# Numbers with a unit, such as “68 ml”, “2.4 days”, “7 of 100”. The level of an interval is not a study's number.
TYPED_NUMBER = re.compile(
    r"\b\d[\d.,]*\s?(?:ml|cm|mg|%|percent|points?|hours?|days?|weeks?|months?|years?|people|patients|studies|trials)(?!\w)"
    r"|\b\d[\d,]*\s(?:out )?of\s\d"
)
NOT_FROM_A_STUDY = ("95 %", "683 points wide", "Under 6 weeks", "6–12 weeks", "3–6 months", "6–12 months")

# The limits of what can be written, such as “under 0.1 %”, stand in `numerals`.
WORDS = sorted(path for path in (PACKAGE / "wording").glob("*.py") if path.stem != "numerals")

NEVER_ON_THE_WAY_TO_A_COMPARISON = ("pandas", "plotly", "statsmodels", "scipy.stats", "scipy.optimize", "streamlit")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in the file, as dotted names."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}, line {node.lineno}: imports are written in full"
            yield str(node.module)
            if node.module == "decision_aid":
                yield from (f"decision_aid.{alias.name}" for alias in node.names)


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string a file holds, with its line; descriptions of modules, classes and functions left out."""
    tree = parsed(path)
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    descriptions = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, described) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in descriptions:
            yield node.lineno, node.value


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_frame_knows_streamlit(path: Path) -> None:
    knows = any(name.split(".")[0] == "streamlit" for name in imported(path))
    assert not knows or path.parent.name == "app"


def test_every_module_lies_in_a_package_that_says_what_it_holds() -> None:
    """Which package may import which stands in pyproject.toml, and `lint-imports` holds it."""
    outside = {path.stem for path in PACKAGE.glob("*.py")}
    assert outside == {"__init__", "__main__", "cli"}
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][
        0
    ]
    named = {name for layer in layers["layers"] for name in layer.split(" | ")}
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} <= named
    for path in PACKAGE.rglob("__init__.py"):
        assert ast.get_docstring(parsed(path)), path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_page_is_short_and_begins_with_the_guard(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) < LONGEST_PAGE
    first = next(n for n in parsed(page).body[1:] if not isinstance(n, ast.Import | ast.ImportFrom))
    assert ast.unparse(first) == f"frame.guard('pages/{page.name}')"
    assert {name.split(".")[0] for name in imported(page)} <= {
        "streamlit",
        "decision_aid",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "functools",
        "json",
        "os",
        "pathlib",
        "typing",
    }


@pytest.mark.parametrize("name", ["own_results", "case_log", "saved"])
def test_a_page_that_forgets_or_locks_holds_nothing_itself(name: str) -> None:
    """Streamlit keeps the callback of a button, and with it every name of the module it was written in."""
    (page,) = [p for p in PAGES if p.stem == name]
    held = {
        part.id
        for node in parsed(page).body
        if not isinstance(node, ast.FunctionDef | ast.ClassDef)
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    assert {n for n in held if not n.isupper()} <= {"evidence"}


def test_no_page_is_imported_by_the_package() -> None:
    for path in MODULES:
        assert not any(name.split(".")[0] in ("pages", "dashboard") for name in imported(path))


@pytest.mark.parametrize(
    "path",
    [*PAGES, *(PACKAGE / "components").glob("*.py"), *WORDS],
    ids=lambda p: p.stem,
)
def test_no_number_of_a_study_is_typed_into_code(path: Path) -> None:
    found = []
    for line, text in strings(path):
        for allowed in NOT_FROM_A_STUDY:
            text = text.replace(allowed, "")
        found += [f"{path.name}, line {line}: “{hit.group()}”" for hit in TYPED_NUMBER.finditer(text)]
    assert not found


def test_typed_numbers_would_be_noticed() -> None:
    for text in ("people lost 68 ml less", "2.4 days", "7 of 100", "40 % fewer", "in 12 studies", "at 2 years"):
        assert TYPED_NUMBER.search(text), text
    for text in ("width:{}%", "h2", "L5/S1", "an interval", "of 100"):
        assert not TYPED_NUMBER.search(text), text


def test_program_listens_and_talks_to_this_machine_only() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["showEmailPrompt"] is False
    assert config["browser"]["gatherUsageStats"] is False
    assert config["browser"]["serverAddress"] == "localhost"
    assert config["client"]["showErrorDetails"] == "none"
    fonts = config["theme"]["fontFaces"]
    assert fonts
    for font in fonts:
        assert font["url"].startswith("app/static/")
        assert (ROOT / font["url"].removeprefix("app/")).is_file(), font["url"]


def test_two_clicks_of_one_window_are_never_taken_up_beside_each_other() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["runner"]["fastReruns"] is False


def test_no_page_element_comes_from_another_host() -> None:
    """The only addresses in code and style are links to sources, which come from the data."""
    for path in [*PAGES, ROOT / "dashboard.py", *MODULES, *PACKAGE.rglob("*.css")]:
        addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text(encoding="utf-8"))
        assert not addresses, path.name


def test_answer_is_reached_without_heavy_imports() -> None:
    """All of these together load none of the heavy ones, so none of them does."""
    modules = {
        f"decision_aid.{name}"
        for name in (
            "comparison.comparison",
            "comparison.side_by_side",
            "wording",
            "charts.outcome_charts",
            "components",
            "exports.report",
            "cli",
        )
    }
    code = f"import sys, {', '.join(sorted(modules))}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert modules <= loaded
    assert not loaded.intersection(NEVER_ON_THE_WAY_TO_A_COMPARISON)


# ---- a house one finds the way in --------------------------------------------------------------------------------------

LONGEST_MODULE = 400  # lines


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_can_be_read_in_one_sitting_and_lives_in_a_package(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    assert path.parent != PACKAGE or path.name in ("__init__.py", "__main__.py", "cli.py")


def test_no_two_packages_have_a_class_of_the_same_name() -> None:
    packages: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                packages[node.name].add(path.relative_to(PACKAGE).parts[0])
    assert len(packages) > 100
    assert not {name: sorted(found) for name, found in packages.items() if len(found) > 1}


@pytest.mark.parametrize(
    "package", sorted(p for p in PACKAGE.iterdir() if (p / "__init__.py").exists()), ids=lambda p: p.name
)
def test_a_package_says_what_it_offers(package: Path) -> None:
    tree = parsed(package / "__init__.py")
    assert ast.get_docstring(tree)
    (offered,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    )
    assert len(set(offered)) == len(offered) > 0


def required(file: str) -> set[str]:
    """What a requirements file names itself, without comments and without other files."""
    lines = (line.split("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines())
    return {line for line in lines if line and not line.startswith("-")}


@pytest.mark.parametrize("extra", [None, "registry", "spark", "dev"])
def test_the_project_needs_what_the_requirements_files_name(extra: str | None) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = project["optional-dependencies"][extra] if extra else project["dependencies"]
    others = {line for line in named if line.startswith(f"{project['name']}[")}  # as “-r” in a requirements file
    assert set(named) - others == required(f"requirements-{extra}.txt" if extra else "requirements.txt")
    assert set(project["optional-dependencies"]) == {"registry", "spark", "dev"}
