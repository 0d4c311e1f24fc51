"""Text of others is escaped for the place it goes to, and no page can hand it to Streamlit as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from decision_aid.domain.escaping import as_cell, as_figure, as_html, as_label, as_link, as_option, as_plain

ROOT = Path(__file__).resolve().parents[2]
SCREENS = [
    *sorted((ROOT / "pages").glob("*.py")),
    ROOT / "dashboard.py",
    *sorted((ROOT / "decision_aid" / "app").glob("*.py")),
]

# What Streamlit reads as Markdown: where the text stands among the arguments, by the name of the call.
READ_AS_MARKDOWN_FIRST = (
    "radio", "checkbox", "toggle", "button", "download_button", "link_button", "menu_button", "selectbox", "multiselect",
    "slider", "select_slider", "text_input", "text_area", "number_input", "date_input", "time_input", "datetime_input",
    "file_uploader", "color_picker", "segmented_control", "pills", "feedback", "camera_input", "audio_input", "expander",
    "popover", "status", "metric", "form_submit_button", "dialog", "spinner", "toast", "badge", "error", "warning", "info",
    "success", "caption", "markdown", "write", "title", "header", "subheader", "widget",
)  # fmt: skip
READ_AS_MARKDOWN = {
    **dict.fromkeys(READ_AS_MARKDOWN_FIRST, 0),
    "progress": 1,
    "page_link": 1,
}
NAMED = ("label", "body", "text", "help", "show_spinner")
WITH_MARKDOWN_OPTIONS = ("radio", "segmented_control", "pills", "tabs")
OUR_OWN = ("frame", "inputs")  # its helpers escape what they are given: the same guard holds them to it
ESCAPED = ("as_label", "as_option")
# Our own words round numbers and days, without a text of others.
OWN_WORDS = ("wording.day_and_time", "wording.none_of_these", "len", "day_in_words", "field.label")


def told(node: ast.expr) -> str:
    return ast.unparse(node)


def is_own(node: ast.expr | None, names: dict[str, list[ast.expr]], escaped: tuple[str, ...] = ESCAPED) -> bool:
    """Whether an expression can only hold the program's own words, numbers, or text that was escaped."""

    def own(n: ast.expr | None) -> bool:
        return is_own(n, names, escaped)

    match node:
        case ast.Name() | ast.Attribute() if told(node) in (*escaped, *OWN_WORDS):
            return True
        case None | ast.Constant():
            return True
        case ast.JoinedStr(values=parts):
            return all(own(part) for part in parts)
        case ast.FormattedValue(value=value, format_spec=spec):
            return spec is not None or own(value)  # a width or a number of decimals: only numbers are written so
        case ast.Name(id=name):
            others = {n: values for n, values in names.items() if n != name}
            return name.isupper() or (name in names and all(is_own(v, others, escaped) for v in names[name]))
        case ast.Attribute(value=value, attr=name):
            return name.strip("_").isupper() or (name in ("get", "__getitem__") and own(value))
        case ast.Subscript(value=value):
            return own(value)
        case ast.IfExp(body=body, orelse=other):
            return own(body) and own(other)
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(own(part) for part in parts)
        case ast.BinOp(left=left, right=right):
            return own(left) and own(right)
        case ast.Dict(keys=keys, values=values):
            return all(own(part) for part in (*keys, *values))
        case ast.Call(func=func, args=args):
            name = told(func)
            return name in escaped or name in OWN_WORDS or (name in ("list", "tuple") and all(map(own, args)))
        case ast.Lambda(body=body):
            return own(body)
    return False


def functions(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], dict[str, list[ast.expr]]]]:
    """The body of the module and of every function, each with the names that are given a value in it."""
    for scope in [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))]:
        names: dict[str, list[ast.expr]] = {}
        for node in ast.walk(scope):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(
                    ast.Name(id=name), value=value
                ):
                    names.setdefault(name, []).append(value or ast.Constant(None))
                case ast.AugAssign(target=ast.Name(id=name), value=value) | ast.NamedExpr(ast.Name(id=name), value):
                    names.setdefault(name, []).append(value)
                case ast.arg(arg=name):  # whoever calls may give anything
                    names.setdefault(name, []).append(ast.Await(ast.Constant(None)))
        yield scope.body, names


def unescaped(source: str) -> list[str]:
    """Every argument that Streamlit reads as Markdown or HTML and that could be the text of others."""
    tree, found = ast.parse(source), []
    for body, names in functions(tree):
        for call in (n for statement in body for n in ast.walk(statement) if isinstance(n, ast.Call)):
            if inside_function(call, body):
                continue
            found += [f"line {call.lineno}: {told(part)}" for part in faults(call, names)]
    return found


def inside_function(call: ast.Call, body: list[ast.stmt]) -> bool:
    """Whether the call belongs to a function defined in this body, which is looked at by itself."""
    inner = (n for statement in body for n in ast.walk(statement) if isinstance(n, ast.FunctionDef))
    return any(call is n for function in inner for part in function.body for n in ast.walk(part))


def faults(call: ast.Call, names: dict[str, list[ast.expr]]) -> Iterator[ast.expr]:
    given = {k.arg: k.value for k in call.keywords if k.arg}
    if isinstance(call.func, ast.Attribute):
        name = call.func.attr
        if told(call.func.value) in OUR_OWN:
            return
    elif isinstance(call.func, ast.Name) and call.func.id == "widget":
        name = "widget"
    else:
        return
    if name == "html" and not all(told(part.func).startswith("components.") for part in calls_of(call.args[0])):
        yield call.args[0]
    if name not in READ_AS_MARKDOWN and name != "tabs":
        return
    place = READ_AS_MARKDOWN.get(name, 0)
    texts = [*call.args[place : place + 1], *(given[n] for n in NAMED if n in given)]
    yield from (text for text in texts if not is_own(text, names))
    if "format_func" in given:
        plain = ("as_plain",) if name in ("selectbox", "multiselect") else ()
        if not is_own(given["format_func"], names, (*ESCAPED, *plain)):
            yield given["format_func"]
    elif name in WITH_MARKDOWN_OPTIONS and name != "tabs":
        options = given.get("options") or (call.args[1] if len(call.args) > 1 else None)
        if not is_own(options, names):
            yield options  # type: ignore[misc]


def calls_of(node: ast.expr) -> list[ast.Call]:
    """The outermost calls of a sum of calls."""
    if isinstance(node, ast.BinOp):
        return calls_of(node.left) + calls_of(node.right)
    return [node] if isinstance(node, ast.Call) else [ast.Call(node, [], [])]


@pytest.mark.parametrize("path", SCREENS, ids=lambda p: p.stem)
def test_no_text_of_others_reaches_streamlit_as_it_is(path: Path) -> None:
    assert unescaped(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "code",
    [
        "st.error(str(error))",
        "st.warning(f'{many} in {folder}')",
        "st.radio('Which', headers)",
        "st.radio('Which', options=headers)",
        "st.radio(question.text, WORDS)",
        "st.segmented_control('Which', HEADERS, format_func=names.get)",
        "st.selectbox(word, words)",
        "st.selectbox('Which', words, format_func=named)",
        "column.checkbox(header)",
        "st.checkbox('Yes', help=row.note)",
        "st.button(f'Delete {file.name}')",
        "st.download_button(label=file.name, data=b'')",
        "with st.expander(sheet): pass",
        "with st.spinner(text=path): pass",
        "bar.progress(0.5, file.name)",
        "st.caption(' '.join(lines))",
        "st.tabs(sheets)",
        "st.toast(notice)",
        "st.markdown(text)",
        "widget(label)",
        "st.html(text)",
        "st.html(f'<p>{text}</p>')",
        "st.html(f'<p>{as_label(text)}</p>')",
        "st.html(components.heading('x') + text)",
        "def f(label):\n    label = label or 'x'\n    st.checkbox(label)",
        "text = 'x' if ours else header\nst.info(text)",
        "for header in headers:\n    st.info(header)",
    ],
)
def test_the_guard_notices(code: str) -> None:
    assert unescaped(code)


@pytest.mark.parametrize(
    "code",
    [
        "st.error(as_label(error))",
        "st.warning(f'{as_label(many)} in {len(rows)}, {share:.1f} %')",
        "st.radio('Which', headers, format_func=as_label)",
        "st.selectbox(as_label(word), words)",
        "st.selectbox('Which', words, format_func=lambda w: as_plain(names[w]))",
        "st.button(wording.AGAIN if done else 'Once', on_click=f, args=(row.id,))",
        "label = 'On' if on else 'Off'\nst.toggle(label)",
        "st.html(components.heading(text) + components.note(text))",
        "frame.title(question.text)",
        "bar.progress(0.5, 'Reading')",
        "list(headers)",
    ],
)
def test_the_guard_lets_pass(code: str) -> None:
    assert unescaped(code) == []


# ---- what is escaped for which place ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Blood loss (ml), 24 h", "Blood loss (ml), 24 h"),
        ("L5/S1 - 2 levels. Why?", "L5/S1 - 2 levels. Why?"),
        ("EBL ![](x)", r"EBL !\[\](x)"),
        ("a*b_c`d~e\\f", r"a\*b_c\`d\~e\\f"),
        ("<b> &amp; $x$", r"\<b\> \&amp; \$x\$"),
        ("one_two __init__ _", r"one_two \_\_init\_\_ \_"),
        ("- one", r"\- one"),
        ("# one", r"\# one"),
        ("1. one", r"1\. one"),
        ("12) one", r"12\) one"),
        ("2024. one", r"2024\. one"),
        ("one\n- two\t three", "one - two three"),
        (":red[x] :+1: 10:30", ":\u2060red\\[x\\] :\u2060+1: 10:\u206030"),
        ("http://x www.x a@x", "http:\u2060//x www\u2060.x a@\u2060x"),
        ("a -> b >= c", "a -\u2060\\> b \\>\u2060= c"),
        ("☎ first", "\u2060☎ first"),
        ("a\x00b\ud800", "a\ufffdb\ufffd"),
        ("", ""),
    ],
)
def test_a_label_shows_as_it_was_written(text: str, label: str) -> None:
    assert as_label(text) == label


def test_html_is_text() -> None:
    assert as_html('<img src=x onerror="y">&\'') == "&lt;img src=x onerror=&quot;y&quot;&gt;&amp;&#x27;"
    assert as_html("a\x00\x1b\ud800\u202eb") == "a\ufffd\ufffd\ufffdb"


def test_a_figure_reads_no_tags_and_shows_quotes_as_they_are() -> None:
    assert as_figure("<a href='x'>5 > 4 & \"so\"</a>\n%{x}") == "&lt;a href='x'&gt;5 &gt; 4 &amp; \"so\"&lt;/a&gt; %{x}"


@pytest.mark.parametrize("address", ["https://doi.org/10.1/x_(2)?a=1&b=2#c", "http://x.example/ü"])
def test_a_web_address_can_be_followed(address: str) -> None:
    assert as_link(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//x.example",
        "x.example",
        " https://x.example",
        "https://x.example\n",
        "https://x.example/ y",
        "https://x.example/\u202egnp",
        "https:\\\\x.example",
        "https://x.example/\x00",
        'https://x.example/"onclick="y',
        "ftp://x.example",
        "https://",
    ],
)
def test_no_other_address_can_be_followed(address: str) -> None:
    assert as_link(address) == ""


def test_options_are_escaped_as_their_widget_reads_them() -> None:
    for widget in (st.radio, st.segmented_control, st.pills):
        assert as_option(widget)("*x*") == r"\*x\*"
    for widget in (st.selectbox, st.multiselect):
        assert as_option(widget)("*x*\u202e") == "*x*"
    assert as_option(st.radio, {1: "[one]"}.get)(1) == r"\[one\]"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1", "＝1", "＠x"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert as_cell(cell) == f"'{cell}"


def test_what_runs_from_the_right_stays_by_itself() -> None:
    assert as_plain("שלום 12") == "\u2068שלום 12\u2069"
    assert as_plain("“מחלה”: 12 rows") == "\u2068“\u2068מחלה\u2069”: 12 rows\u2069"
    assert as_html("\u202e\u061cעברית\u200f <b>") == "\u2068עברית &lt;b&gt;\u2069"
    assert as_plain("Müller 12") == "Müller 12"
