"""The house rules: who may import whom, what a page may hold, what the program may ask of the machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "decision_aid"
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")
PAGES = sorted((ROOT / "pages").glob("*.py"))

# Arrows run up this list only: a module imports from the lines above its own. A new module gets a place here.
LAYERS = (
    {"schema", "store_errors", "from_the_right"},
    {
        "caselog_fields",
        "caselog_cells",
        "caselog_letters",
        "caselog_sheet",
        "caselog_limits",
        "evidence",
        "effects",
        "timing",
        "pooling",
        "numerals",
        "palette",
        "escaping",
        "terminal",
        "effects_file",
        "store_files",
        "own_rates",
        "mishaps",
    },
    {"caselog_calendar", "caselog_grades"},
    {
        "caselog_results",
        "caselog_plan",
        "caselog_example",
        "certainty",
        "datapackage",
        "consultation",
        "sensitivity",
        "store_exchange",
        "store_entries",
    },
    {
        "caselog_files",
        "caselog_table",
        "caselog_identity",
        "caselog_values",
        "caselog_assembly",
        "caselog_curve",
        "comparison",
        "store_database",
    },
    {"caselog_headers", "caselog_words", "caselog_questions", "caselog_told", "caselog_repeats"},
    {"caselog_layout", "caselog_visits", "caselog_yes_no"},
    {
        "caselog_csv",
        "caselog_excel",
        "caselog_parquet",
        "caselog_guess",
        "caselog_reader",
        "caselog_summary",
        "caselog_beside",
        "caselog_remote",
        "store_kept",
    },
    {"own_risks"},
    {
        "side_by_side",
        "narrowing",
        "own_words",
        "indications",
        "priorities",
        "pooled_results",
        "robustness",
        "store_encryption",
        "caselog_paths",
        "keeping",
    },
    {"wording", "store", "caselog"},
    {"about", "summary_of_findings", "filter_words"},
    {"charts", "pictures", "markup", "report", "clinical_note", "desk", "fhir"},
    {"risks", "forest", "caselog_keep", "own_results"},
    {"handout"},
    {"shell", "__main__"},
)
LONGEST_PAGE = 250  # lines

# Numbers with a unit, such as “68 ml”, “2.4 days”, “7 of 100”. The level of an interval is not a study's number.
TYPED_NUMBER = re.compile(
    r"\b\d[\d.,]*\s?(?:ml|cm|mg|%|percent|points?|hours?|days?|weeks?|months?|years?|people|patients|studies|trials)(?!\w)"
    r"|\b\d[\d,]*\s(?:out )?of\s\d"
)
NOT_FROM_A_STUDY = ("95 %",)

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


@pytest.mark.parametrize("module", MODULES)
def test_only_the_shell_knows_streamlit(module: str) -> None:
    knows = any(name.split(".")[0] == "streamlit" for name in imported(PACKAGE / f"{module}.py"))
    assert knows == (module == "shell")


@pytest.mark.parametrize("module", MODULES)
def test_arrows_run_one_way(module: str) -> None:
    place = {name: i for i, names in enumerate(LAYERS) for name in names}
    assert module in place, f"give decision_aid/{module}.py a place in LAYERS"
    ours = {name.split(".")[1] for name in imported(PACKAGE / f"{module}.py") if name.startswith("decision_aid.")}
    ours -= {"__version__"}
    upward = {name for name in ours if place[name] >= place[module]}
    assert not upward, f"{module} must not import {upward}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_page_is_short_and_begins_with_the_guard(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) < LONGEST_PAGE
    first = next(n for n in parsed(page).body[1:] if not isinstance(n, ast.Import | ast.ImportFrom))
    assert ast.unparse(first) == f"shell.guard('pages/{page.name}')"
    assert {name.split(".")[0] for name in imported(page)} <= {
        "streamlit",
        "decision_aid",
        "collections",
        "dataclasses",
        "json",
    }


def test_no_page_is_imported_by_the_package() -> None:
    for module in MODULES:
        assert not any(name.split(".")[0] in ("pages", "dashboard") for name in imported(PACKAGE / f"{module}.py"))


@pytest.mark.parametrize("path", [*PAGES, PACKAGE / "markup.py", PACKAGE / "wording.py"], ids=lambda p: p.stem)
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


def test_no_page_element_comes_from_another_host() -> None:
    """The only addresses in code and style are links to sources, which come from the data."""
    for path in [*PAGES, ROOT / "dashboard.py", *PACKAGE.glob("*.py"), PACKAGE / "style.css"]:
        addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text(encoding="utf-8"))
        assert not addresses, path.name


@pytest.mark.parametrize("module", ["comparison", "side_by_side", "wording", "charts", "markup", "report", "__main__"])
def test_answer_is_reached_without_heavy_imports(module: str) -> None:
    code = f"import sys, decision_aid.{module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert f"decision_aid.{module}" in loaded
    assert not loaded.intersection(NEVER_ON_THE_WAY_TO_A_COMPARISON)
