"""Widgets that write into the consultation, and choices of how the screen is set. Every label of others is escaped here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import streamlit as st

from decision_aid import components
from decision_aid.app import drawing, state
from decision_aid.consultation.model import LONGEST_NOTE, Consultation
from decision_aid.domain.escaping import as_label, as_option

Write = Callable[[Consultation, Any], Consultation]
Fields = Mapping[str, tuple[Callable[..., None], str, int]]  # kind of field, label and width by part of a row
Choice = TypeVar("Choice")
_LONGEST_LINE = 30  # characters of a note that its field shows on every sheet of paper


def choose(
    widget: Callable[..., Any], label: str, labels: Mapping[str, str], name: str, value: str, **options: Any
) -> None:
    """A choice of how the screen is set, whose labels differ between the two audiences, kept under one name.

    Streamlit remembers a choice by its label, so each audience has a widget of its own; the chosen id is the truth.
    """
    key = f"{name}:{state.audience()}"
    st.session_state[key] = str(value)
    told = as_option(widget, labels.__getitem__)
    widget(
        as_label(label), list(labels), format_func=told, key=key, on_change=_keep_choice, args=(name, key), **options
    )


def bound(
    widget: Callable[..., Any],
    label: str,
    key: str,
    value: Any,
    write: Write,
    **options: Any,
) -> None:
    """A widget that shows a part of the consultation and writes it back, saved at once."""
    set_up, told = repr({name: given for name, given in options.items() if not callable(given)}), ()
    if "options" in options:
        options["format_func"] = as_option(widget, options.get("format_func", str))
        told = tuple(map(options["format_func"], options["options"]))
    drawing.lay(key, value, widget, label, set_up, told)
    widget(as_label(label), key=key, on_change=_write, args=(key, write), **options)


def line(label: str, key: str, value: str, write: Write, **options: Any) -> None:
    """A line of free text, saved while it is typed."""
    _written(st.text_input, label, key, value, write, live="0.4s", **options)


def note(label: str, key: str, value: str, write: Write, **options: Any) -> None:
    """A field of free text that grows with it, saved while it is typed."""
    _written(st.text_area, label, key, value, write, height="content", **options)


def _written(widget: Callable[..., Any], label: str, key: str, value: str, write: Write, **options: Any) -> None:
    bound(widget, label, key, value, write, max_chars=LONGEST_NOTE, **options)
    if len(value) > _LONGEST_LINE:
        st.html(components.on_paper("" if options.get("label_visibility") == "collapsed" else label, value))


def day(label: str, key: str, value: date | None, write: Write) -> None:
    """A day, typed or taken from a calendar."""
    bound(
        st.date_input, label, key, value, write,
        format="YYYY-MM-DD", min_value=date.min, max_value=date.max, label_visibility="collapsed",
    )  # fmt: skip


def rows(
    kind: str,
    of: tuple[Any, ...],
    blank: Any,
    fields: Fields,
    put: Callable[..., Consultation],
) -> None:
    """Rows of fields, with an empty one to write on at the end."""
    for place, row in enumerate((*of, blank)):
        columns = st.columns([width for _, _, width in fields.values()], gap="small", vertical_alignment="center")
        for column, (part, (field, label, _)) in zip(columns, fields.items(), strict=True):

            def write(c: Consultation, given: Any, part: str = part, place: int = place) -> Consultation:
                return put(c, place, **{part: given})

            hints = {} if field is day else {"placeholder": label, "label_visibility": "collapsed"}
            with column:
                field(f"{label}, line {place + 1}", f"{kind}_{part}:{place}", getattr(row, part), write, **hints)


def save_while_typing() -> None:
    """What stands in a growing field is sent while it is typed, as Streamlit does by itself for a line.

    Half a second after the last key it presses Ctrl+Enter in it, which is how Streamlit lets a reader send such a field.
    """
    st.components.v2.component("save_while_typing", js=_SAVE_WHILE_TYPING)(key="save_while_typing")


_SAVE_WHILE_TYPING = """
export default function () {
  if (document.savesWhileTyping) return;
  document.savesWhileTyping = true;
  const send = new Map();
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLTextAreaElement) || event.isComposing) return;
    clearTimeout(send.get(field));
    const keys = () => field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }));
    send.set(field, setTimeout(keys, 400));
  });
}
"""


def one_of(label: str, key: str, options: Sequence[str]) -> str:
    """One of a few ways to set the screen, the first until another is chosen; remembered through pages and audiences."""
    chosen = st.segmented_control(
        as_label(label),
        options,
        format_func=as_label,
        default=None if key in st.session_state else options[0],
        key=key,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    return chosen or options[0]


def pick(label: str, key: str, options: Sequence[Choice], told: Callable[[Choice], str], first: int = 0) -> Choice:
    """One of many, from a list that opens."""
    worded = as_option(st.selectbox, told)
    return st.selectbox(as_label(label), options, index=first, format_func=worded, key=key, persist_state="session")


def _keep_choice(name: str, key: str) -> None:
    if st.session_state[key] is not None:
        st.session_state[name] = st.session_state[key]


def _write(key: str, write: Write) -> None:
    given = st.session_state[key]
    if not drawing.is_behind(lambda c: write(c, given)):
        state.keep(lambda c: write(c, given), is_entry=True)
