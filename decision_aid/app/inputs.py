"""Widgets that write into the consultation, and choices of how the screen is set. Every label of others is escaped here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from decision_aid import components
from decision_aid.app import shared_screens, state
from decision_aid.consultation.model import LONGEST_NOTE, Consultation
from decision_aid.domain.escaping import as_label, as_option

Write = Callable[[Consultation, Any], Consultation]
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
    st.session_state[key] = value
    if "options" in options:
        options["format_func"] = as_option(widget, options.get("format_func", str))
    widget(as_label(label), key=key, on_change=_write, args=(key, write), **options)


def note(label: str, key: str, value: str, write: Write, **options: Any) -> None:
    """A line of free text, saved while it is typed."""
    bound(st.text_input, label, key, value, write, live="0.4s", max_chars=LONGEST_NOTE, **options)
    if len(value) > _LONGEST_LINE:
        st.html(components.on_paper("" if options.get("label_visibility") == "collapsed" else label, value))


def note_rows(
    kind: str,
    rows: tuple[Any, ...],
    blank: Any,
    fields: Mapping[str, tuple[str, int]],
    put: Callable[..., Consultation],
) -> None:
    """Lines of text fields, with an empty one to write on at the end. `fields`: label and width by part of a row."""
    for place, row in enumerate((*rows, blank)):
        for column, part in zip(st.columns([w for _, w in fields.values()], gap="small"), fields, strict=True):

            def write(c: Consultation, text: str, part: str = part, place: int = place) -> Consultation:
                return put(c, place, **{part: text})

            with column:
                note(
                    f"{fields[part][0]}, line {place + 1}",
                    f"{kind}_{part}:{place}",
                    getattr(row, part),
                    write,
                    placeholder=fields[part][0],
                    label_visibility="collapsed",
                )


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
    if not shared_screens.is_only_looking():
        state.keep(write(state.consultation(), st.session_state[key]))
