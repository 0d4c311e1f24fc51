"""HTML of the parts that are text: the side-by-side table, the options, the lists of sources.

Every value is escaped here and nowhere else. Sources open in the browser's own popover: no waiting, Escape closes it,
focus returns to the button. Streamlit's sanitiser keeps popovers and drops scripts and SVG.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple

from decision_aid import wording
from decision_aid.comparison import narrowing, side_by_side
from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.side_by_side import OutcomeAnswer, SideBySide
from decision_aid.consultation.checklist import Findings, Item
from decision_aid.consultation.model import Answer
from decision_aid.consultation.values import Marked
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_html, as_link
from decision_aid.domain.palette import EFFECTS, OPTIONS
from decision_aid.domain.vocabulary import Aspect, Condition, Option, Outcome, Procedure, YesMeans
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ThresholdRow
from decision_aid.evidence.text_rows import ConcernRow, QuestionRow, StandardRow, SureRow
from decision_aid.meta_analysis.random_effects import HeterogeneityInterval
from decision_aid.meta_analysis.sensitivity import MantelHaenszel
from decision_aid.wording import Cell, filter_words, numerals, own_words
from decision_aid.wording.about import Section, status_label
from decision_aid.wording.summary_of_findings import HEADS, Finding

ASPECT_LABELS = {
    Aspect.WHAT_HAPPENS: "What happens",
    Aspect.ANAESTHETIC: "Anaesthetic",
    Aspect.INCISION: "The cut",
    Aspect.HOSPITAL_STAY: "In hospital",
    Aspect.FIRST_DAYS: "The first days",
    Aspect.WORK_AND_DRIVING: "Work and driving",
    Aspect.HELP_AT_HOME: "Help at home",
    Aspect.WHAT_CAN_GO_WRONG: "What can go wrong",
    Aspect.GOOD_SIDES: "Good sides",
    Aspect.HARD_SIDES: "Hard sides",
}


VERSUS = "Minimally invasive against open"

# In a narrow window the parts of a table stand under each other, which takes their roles away: they are named.
_HEAD = '<thead role="rowgroup"><tr role="row">'
_BODY = '</tr></thead><tbody role="rowgroup">'


def option_mark(option: Option) -> str:
    """The shape of an option; the name always stands beside it."""
    return _mark(option)


def _mark(drawn: str) -> str:
    shape = EFFECTS[drawn].css_shape if drawn in EFFECTS else OPTIONS[Option(drawn)].css_shape
    return f'<span class="mark {shape}" aria-hidden="true"></span>'


def side_by_side_table(
    table: SideBySide,
    evidence: Evidence,
    audience: Audience,
    notes: Mapping[Outcome, str] | None = None,
    own: Mapping[Outcome, tuple[str, str]] | None = None,
) -> str:
    """The three options as one table: the same rows, equal columns, the difference and how sure it is at the end.

    `notes` stand under the names of their rows, `own` (open, minimally invasive) in the cells as the clinic's results.
    """
    procedure = evidence.procedures[table.procedure]
    heads = {
        Option.WITHOUT_SURGERY: "Surgery stays possible",
        Option.OPEN: procedure.open_clinician_name,
        Option.MIS: procedure.mis_clinician_name,
    }
    if audience is Audience.PATIENT:
        heads = dict.fromkeys(Option, "")
    head = "".join(
        f'<th scope="col" role="columnheader" class="option {option}">{option_mark(option)}{as_html(OPTIONS[option].label)}'
        f'<span class="under" title="{as_html(heads[option])}">{as_html(_short(heads[option]))}</span></th>'
        for option in Option
    )
    ranges = "" if audience is Audience.PATIENT else "Ranges: lowest to highest study average"
    sure = "" if audience is Audience.PATIENT else "95 % interval, and how sure we are"
    told, clinic = notes or {}, own or {}
    filtered = filter_words.short(filter_words.on_compare(evidence, table.condition, table.filters, audience), audience)
    filtered = (
        f'<tr role="row"><td role="cell" colspan="{len(Option) + 2}" class="filtered">{as_html(filtered)}</td></tr>'
        if filtered
        else ""
    )
    body = "".join(
        _row(
            row, table, evidence, audience, told.get(row.outcome.outcome, ""), clinic.get(row.outcome.outcome, ("", ""))
        )
        for row in table.rows
    )
    return (
        f'<table class="options" role="table"><caption class="unseen">{wording.side_by_side_title(audience)}</caption>{_HEAD}'
        f'<th scope="col" role="columnheader" class="what"><span class="under">{ranges}</span>'
        f'<span class="unseen">What is compared</span></th>{head}'
        f'<th scope="col" role="columnheader" class="sure">{VERSUS}<span class="under">{sure}</span></th>'
        f"{_BODY.replace('</tr>', '</tr>' + filtered, 1)}{body}</tbody></table>"
    )


def source_button(text: str, target: str) -> str:
    return f'<button type="button" class="source" popovertarget="{target}">{as_html(text)}</button>'


def comparison_sources(c: Comparison, evidence: Evidence, audience: Audience, extra: str = "") -> tuple[str, str]:
    """The studies behind a comparison: the id of a popover and its HTML."""
    mis = c.question.contrast is Contrast.MIS_VERSUS_OPEN
    names = ("Minimally invasive", "Open") if mis else ("Surgery", "No surgery")
    target = _id(c.question)
    table = _study_table(c, names, audience) if c.studies else f"<p>{as_html(wording.nothing_to_draw(c, audience))}</p>"
    if c.own and c.own.mis:
        lines = [own_words.OWN_OVER_PUBLISHED, wording.basis(c, audience) + "."]
    else:
        lines = [
            wording.headline(c, audience),
            wording.basis(c, audience) + ".",
            wording.certainty_line(c.certainty, audience),
        ]
    if audience is Audience.CLINICIAN:
        who = wording.who_was_studied(c, evidence)
        lines += [f"Conditions studied: {who}." if who else "", wording.imputed_sentence(c, audience)]
        lines.append(wording.heterogeneity_sentence(c))
    lines.append(extra)
    if c.reviews and audience is Audience.CLINICIAN:
        table += "<h3>Published reviews, for comparison</h3><ul>" + "".join(
            f"<li>{_study_link(r.label, r.study.link)}: {as_html(wording.review_line(r, c.outcome))}</li>"
            for r in c.reviews
        )
        table += "</ul>"
    title = f"{wording.outcome_label(c.outcome, audience)}, {wording.window_label(c.question.window, audience)}"
    intro = "".join(f"<p>{as_html(line)}</p>" for line in lines if line)
    return target, _popover(target, title, intro + table)


def _study_table(c: Comparison, names: tuple[str, str], audience: Audience) -> str:
    """Every study of a comparison; patients see what was found and whether it counts, clinicians the effect as well."""
    clinician = audience is Audience.CLINICIAN
    effect = "Ratio (95 % CI)" if c.question.measure.on_log_scale else "Difference (95 % CI)"
    heads = ["Study", "Design", f"People, {names[0].lower()}", f"People, {names[1].lower()}", *names]
    heads += [effect, "In the number?"] if clinician else ["In the number?"]
    rows = []
    for s in c.studies:
        cells = [
            _study_link(s.label, s.study.link),
            as_html(wording.design_label(s.study.design)),
            _n(s.first.n if s.first else None),
            _n(s.second.n if s.second else None),
            as_html(wording.study_values(s, c.outcome, True, audience)),
            as_html(wording.study_values(s, c.outcome, False, audience)),
        ]
        if clinician:
            cells.append(as_html(wording.study_effect(s, c)))
        cells.append(as_html(wording.study_status(s, audience)))
        rows.append(cells)
    return _listing(heads, rows)


def option_heading(option: Option) -> str:
    return f'<h3 class="option-name {option}">{option_mark(option)}{as_html(OPTIONS[option].label)}</h3>'


def big_number(big: str, small_print: str) -> str:
    return f'<p class="big"><b>{as_html(big)}</b><span>{as_html(small_print)}</span></p>'


def meaning(c: Comparison, evidence: Evidence, audience: Audience, told: str, lines: Iterable[str]) -> str:
    """What a difference means in a sentence, how sure we are, and the studies behind it."""
    target, popover = comparison_sources(c, evidence, audience)
    n = len(c.studies)
    button = source_button(f"{n} studies" if n != 1 else "1 study", target) if n else ""
    rest = " ".join(as_html(line) for line in lines if line)
    return f'<div class="meaning"><p><b>{as_html(told)}</b></p><p class="do">{rest} {button}</p>{popover if n else ""}</div>'


def who_operates(evidence: Evidence, audience: Audience) -> str:
    """Why the surgeon matters more than the label; for clinicians with the published numbers and their sources."""
    if audience is Audience.PATIENT:
        return f'<section class="note"><h2>Who operates matters</h2><p>{as_html(wording.WHAT_MIS_IS_NOT)}</p></section>'
    parts = []
    for title, measure in (("Learning curve", "learning_curve"), ("How often a surgeon does it", "surgeon_volume")):
        rows = [r for r in evidence.thresholds if r.measure == measure]
        items = "".join(
            f"<li>{as_html(wording.learning_line(r))} <span class='from'>{_study_link(r.citation, r.link)}</span></li>"
            for r in rows
        )
        parts.append(f"<div><h3>{title}</h3><ul class='reviews'>{items}</ul></div>")
    return (
        f'<section class="note"><h2>Who operates matters</h2><p>{as_html(wording.WHAT_MIS_IS_NOT)}</p>'
        f'<div class="two">{"".join(parts)}</div></section>'
    )


def evidence_table(c: Comparison, evidence: Evidence) -> str:
    """Every study of a comparison with all that a sceptical reader asks for, in the order of the forest plot."""
    mis = c.question.contrast is Contrast.MIS_VERSUS_OPEN
    names = ("Minimally invasive", "Open") if mis else ("Surgery", "No surgery")
    effect = "Ratio (95 % CI)" if c.question.measure.on_log_scale else "Difference (95 % CI)"
    heads = [
        "Study",
        "Design",
        "Condition",
        "Techniques",
        "People",
        *names,
        effect,
        "In the number?",
        "Follow-up",
        "Rows",
    ]
    rows = []
    for s in c.studies:
        described = evidence.conditions.get(s.study.condition)
        techniques = [
            wording.technique_label(t) for t in (s.study.open_technique, s.study.mis_technique) if t != "none"
        ]
        follow = numerals.months(s.study.follow_up_months) if s.study.follow_up_months else "–"
        cells = [
            _study_link(s.label, s.study.link),
            as_html(wording.design_label(s.study.design)),
            as_html(described.clinician_label if described else "mixed conditions"),
            as_html(", ".join(techniques) or "–"),
            f"{_n(s.first.n if s.first else None)} / {_n(s.second.n if s.second else None)}",
            as_html(wording.study_values(s, c.outcome, True)),
            as_html(wording.study_values(s, c.outcome, False)),
            as_html(wording.study_effect(s, c)),
            as_html(wording.study_status(s)) + (f" <i>Caution: {as_html(s.caution)}</i>" if s.caution else ""),
            as_html(follow),
            as_html(wording.source_rows(s)),
        ]
        rows.append(cells)
    return _wide("Studies", heads, rows)


def finding(c: Comparison, check: MantelHaenszel | None, spread: HeterogeneityInterval | None) -> str:
    """The answer over the pictures of the evidence page: the sentence, what it rests on, how sure, how far apart."""
    lines = [
        wording.direction_sentence(c),
        wording.basis(c, Audience.CLINICIAN) + ".",
        wording.certainty_line(c.certainty, Audience.CLINICIAN),
        wording.heterogeneity_sentence(c),
        wording.tau2_sentence(c, (spread.tau2_low, spread.tau2_high), (spread.i2_low, spread.i2_high))
        if spread
        else "",
        wording.imputed_sentence(c, Audience.CLINICIAN),
        wording.mantel_haenszel_sentence(check) if check else "",
        wording.HIDDEN_BLOOD_LOSS if c.outcome.outcome == Outcome.BLOOD_LOSS else "",
    ]
    small_print = " ".join(as_html(line) for line in lines if line)
    return f'<div class="finding"><h2>{as_html(wording.headline(c, Audience.CLINICIAN))}</h2><p>{small_print}</p></div>'


def command(text: str) -> str:
    return f'<p class="from">The same from the command line: <span class="command">{as_html(text)}</span></p>'


def review_list(c: Comparison, limit: int | None = None) -> str:
    """What published reviews found, each as it printed it, beside our own result."""
    if not c.reviews:
        return "<p>No published review in the dataset pools it.</p>"
    ours = (
        f"<li><b>{as_html(wording.pooled_name(c))}: {as_html(wording.pooled_effect(c, c.pooled))}</b></li>"
        if c.pooled
        else ""
    )
    items = "".join(
        f"<li>{_study_link(r.label, r.study.link)}: {as_html(wording.review_line(r, c.outcome))}</li>"
        for r in c.reviews
    )
    return f"<ul class='reviews'>{ours}{items}</ul>"


def threshold_sources(key: str, title: str, rows: Iterable[ThresholdRow]) -> tuple[str, str]:
    """Published single numbers with their sources: the id of a popover and its HTML."""
    target = _id(key)
    items = [
        [
            f"{row.value:g} {as_html(row.unit.replace('percent', '%'))}",
            as_html(row.meaning),
            as_html(row.condition),
            _study_link(row.citation, row.link),
        ]
        for row in rows
    ]
    return target, _popover(target, title, _listing(("Value", "What it says", "In whom", "Source"), items))


def options_text(evidence: Evidence, procedure: Procedure, aspects: Iterable[Aspect]) -> str:
    """What living through each choice is like: three columns, the same aspects in the same order."""
    heads = "".join(
        f'<th scope="col" role="columnheader" class="option {r}">{option_mark(r)}{as_html(OPTIONS[r].label)}</th>'
        for r in Option
    )
    rows = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{as_html(ASPECT_LABELS[a])}</th>'
        + "".join(f"{_of(r)}{as_html(evidence.options[procedure, r][a])}</td>" for r in Option)
        + "</tr>"
        for a in aspects
    )
    return (
        f'<table class="options text" role="table"><caption class="unseen">What each choice is like</caption>{_HEAD}'
        f'<th scope="col" role="columnheader" class="what"><span class="unseen">Aspect</span></th>{heads}'
        f"{_BODY}{rows}</tbody></table>"
    )


def option_cards(cards: Iterable[tuple[Option, str]]) -> str:
    """Three cards of equal size and weight."""
    return (
        '<div class="cards">'
        + "".join(
            f'<section class="card {option}"><h3>{option_mark(option)}{as_html(OPTIONS[option].label)}</h3><p>{as_html(text)}</p></section>'
            for option, text in cards
        )
        + "</div>"
    )


def share_bars(rows: Iterable[tuple[ThresholdRow, float | None]], evidence: Evidence, audience: Audience) -> str:
    """Published shares as bars out of 100, each with its number, its words and its source; times as text."""
    items = []
    for row, months in rows:
        number, words = wording.share_line(row, audience, evidence, months)
        bar = (
            f'<span class="bar" aria-hidden="true"><span style="width:{min(row.value, 100):g}%"></span></span>'
            if row.unit == "percent"
            else '<span class="nobar" aria-hidden="true"></span>'
        )
        items.append(
            f"<li>{bar}<span class='share'><b>{as_html(number)}</b> {as_html(words)} "
            f"<span class='from'>{_study_link(row.citation, row.link)}</span></span></li>"
        )
    return f"<ul class='shares'>{''.join(items)}</ul>"


def without_surgery_panel(evidence: Evidence, condition: Condition, audience: Audience) -> str:
    """Staying without surgery: who had it later after all, and how it went for those who did not."""
    later = [(c.row, c.months) for c in side_by_side.crossovers(evidence, condition)]
    course = side_by_side.natural_course(evidence, condition)
    shown = [(r, None) for r in course if r.measure.startswith("natural_history")]
    described = evidence.conditions[condition]
    none = "<p>No study in the dataset reports it.</p>"
    more = ""
    if len(course) > len(shown):
        target, popover = threshold_sources(f"course {condition}", "The course without surgery", course)
        more = source_button(f"All {len(course)} published numbers", target) + popover
    return (
        f'<section class="note"><h2>Staying without surgery</h2><p>{as_html(described.natural_course_note)}</p>'
        f'<div class="two"><div><h3>Had surgery later after all</h3>{share_bars(later, evidence, audience) if later else none}</div>'
        f"<div><h3>How it went</h3>{share_bars(shown, evidence, audience) if shown else none}{more}</div></div></section>"
    )


def living_with_it(evidence: Evidence, procedure: Procedure, aspects: Iterable[Aspect]) -> str:
    """The heading and table of what each choice is like."""
    return "<h2>What living through it is like</h2>" + options_text(evidence, procedure, aspects)


ARMS = ((Option.MIS, OPTIONS[Option.MIS].short), (Option.OPEN, OPTIONS[Option.OPEN].short))


def panel_head(title: str, lines: Iterable[str] = (), series: Iterable[tuple[str, str]] = ()) -> str:
    """The sentence over a picture, the small print under it, and the names of what is drawn with their marks."""
    small = "".join(f"<p>{as_html(line)}</p>" for line in lines if line)
    names = "".join(f'<span class="name {drawn}">{_mark(drawn)}{as_html(name)}</span>' for drawn, name in series)
    names = f'<p class="names">{names}</p>' if names else ""
    return f'<div class="panel-head"><h2>{as_html(title)}</h2>{small}{names}</div>'


def own_lines(lines: tuple[str, str]) -> str:
    """What this clinic found beside the published numbers, for each kind of surgery that has something to tell."""
    told = (
        f"<p>{option_mark(option)}{as_html(OPTIONS[option].label)}. {as_html(line)}</p>"
        for option, line in zip((Option.OPEN, Option.MIS), lines, strict=True)
        if line
    )
    return f'<div class="note own-lines">{"".join(told)}</div>'


def note(text: str) -> str:
    """What stands where a picture has nothing to show."""
    return f'<p class="note">{as_html(text)}</p>'


def lead(first: str, then: str) -> str:
    """The opening of a page: one sentence that carries it, then the rest."""
    return f'<p class="lead"><b>{as_html(first)}</b> {as_html(then)}</p>'


def two_notes(notes: Iterable[tuple[str, str]]) -> str:
    """Two boxes of equal size and weight, each with a heading."""
    boxes = "".join(f'<div class="note"><h2>{as_html(title)}</h2>{as_html(text)}</div>' for title, text in notes)
    return f'<div class="two">{boxes}</div>'


def checklist_heading(number: int, text: str) -> str:
    return f'<h2 class="part">{number} · {as_html(text)}</h2>'


def checklist_item(item: Item, audience: Audience) -> str:
    """One item: its question, and for the surgeon its source, what to do, and the other side where sources disagree."""
    text = f'<p class="item">{as_html(wording.item_text(item, audience))}</p>'
    row = item.row
    if audience is Audience.PATIENT:  # what is to be done concerns only those who say yes: it stands among the findings
        return text
    target = _id(f"item {row.item_id}")
    lines = [
        f"If yes: {row.action}" if row.action else "",
        row.action_reason,
        f"How the source was read: {wording.reading_grade(item)}.",
    ]
    content = "".join(f"<p>{as_html(line)}</p>" for line in lines if line)
    content += (
        f"<p>Source: {_study_link(wording.item_source(item), row.link)}, checked {as_html(row.date_checked)}.</p>"
    )
    if row.other_side:
        other = _study_link(row.other_source, row.other_link)
        content += f"<h3>The other side</h3><p>{as_html(row.other_side)}</p><p>Source: {other}.</p>"
    label = "both sides" if row.other_side else "source"
    first = as_html(wording.item_source(item))
    button = f'<p class="from">{first} · {source_button(label, target)}</p>'
    return text + button + _popover(target, wording.item_text(item, audience), content)


def act_now(items: Iterable[Item], audience: Audience) -> str:
    """The banner over everything when a red flag is answered with yes: what to do now. It hides nothing."""
    if audience is Audience.PATIENT:
        body = "<p>This cannot wait for a planned operation. Your surgeon will tell you now what happens next.</p>"
    else:
        body = "".join(
            f"<p><b>{as_html(_ended(wording.item_statement(i, Answer.YES, audience)))}</b> {as_html(i.row.action)}</p>"
            for i in items
        )
    return (
        f'<section class="act-now" role="alert"><h2>Act now</h2>{body}<p>{as_html(wording.NUMBERS_WAIT)}</p></section>'
    )


def findings_panel(
    found: Findings, answers: Mapping[str, Answer], act_now_items: Iterable[Item], audience: Audience
) -> str:
    """What has been looked at so far, as statements in lists beside the questions. It counts towards nothing."""
    sections = (
        ("Act now", tuple(act_now_items)),
        ("Met", found.met),
        ("Not met", found.not_met),
        ("Not known", found.not_known),
        ("The approach fits", found.fits),
        ("Limits of the approach", found.limits),
        ("To put in order", found.to_do),
    )
    parts = [
        f"<h3>{title}</h3><ul>" + "".join(_found(i, answers[i.id], audience) for i in items) + "</ul>"
        for title, items in sections
        if items
    ]
    left = len(found.not_answered)
    open_ = "Everything here is answered." if not left else f"Not answered yet: {left}."
    return (
        f'<section class="note findings" aria-label="So far" aria-live="polite"><h2>So far</h2>{"".join(parts)}'
        f"<p>{open_}</p><p><b>{as_html(wording.NO_SCORE)}</b></p></section>"
    )


def _found(item: Item, given: Answer, audience: Audience) -> str:
    """One finding; where something is to be put in order, what it is as well."""
    told = wording.item_statement(item, given, audience)
    if given is not Answer.YES or item.row.yes_means != YesMeans.TO_DO:
        return f"<li>{as_html(told)}</li>"
    return f"<li>{as_html(_ended(told))} {as_html(item.row.action)}</li>"


def _ended(sentence: str) -> str:
    return sentence if sentence[-1:] in ".!?)" else f"{sentence}."


def filtered(text: str) -> str:
    """That a filter is on, over the numbers it changes; printed as well."""
    return f'<p class="filtered" role="status">{as_html(text)}</p>'


def trade_offs(of: Iterable[Marked], audience: Audience) -> str:
    """The concerns that were marked, what matters most first, each with both of its sides. No option is named the winner."""
    items = "".join(
        f"<li><b>{as_html(wording.concern_label(m.concern, audience) if m.concern else m.own)}</b> "
        f'<span class="weight">{as_html(wording.IMPORTANCE[m.importance].lower())}</span>'
        + (f"<p>{as_html(m.concern.explanation)}</p>" if m.concern else "")
        + "</li>"
        for m in of
    )
    content = f'<ul class="trade-offs">{items}</ul>' if items else f"<p>{as_html(wording.NOTHING_MARKED)}</p>"
    return (
        '<section class="note" aria-label="Both sides" aria-live="polite"><h2>Both sides of it</h2>'
        f"{content}<p><b>{as_html(wording.NO_WINNER)}</b></p></section>"
    )


def concern(row: ConcernRow, audience: Audience, earlier: str = "") -> str:
    """One concern, with how it was marked before where the patient weighs anew."""
    before = f' <span class="weight">before: {as_html(earlier.lower())}</span>' if earlier else ""
    return f'<p class="item">{as_html(wording.concern_label(row, audience))}{before}</p>'


def question(row: QuestionRow, audience: Audience) -> str:
    return f'<p class="item">{as_html(wording.question_text(row, audience))}</p>'


def sure_item(row: SureRow, prompt: str) -> str:
    """An item of the SURE test in its authors' words; after a “no”, what to ask next."""
    after = f'<p class="do">{as_html(prompt)}</p>' if prompt else ""
    return f'<p class="item">{as_html(row.text)}</p>{after}'


def cited(text: str, row: SureRow) -> str:
    return f'<p class="from">{as_html(text)} {_study_link(row.source, row.link)}. {as_html(row.notes)}</p>'


def trouble(text: str, differences: Iterable[str], title: str = "Not saved") -> str:
    """Why something was not saved or opened, and in which parts two windows differ."""
    named = ", ".join(differences)
    parts = f"<p>The two differ in: {as_html(named)}.</p>" if named else ""
    return f'<section role="alert"><h2>{as_html(title)}</h2><p>{as_html(text)}</p>{parts}</section>'


def mishap(title: str, lines: Iterable[str]) -> str:
    """What stands where the program itself failed."""
    told = "".join(f"<p>{as_html(line)}</p>" for line in lines)
    return f'<section class="note mishap" role="alert"><h2>{as_html(title)}</h2>{told}</section>'


def entry(title: str, lines: Iterable[str]) -> str:
    """A saved consultation in a list."""
    small = "".join(f'<p class="do">{as_html(line)}</p>' for line in lines if line)
    return f'<p class="item"><b>{as_html(title)}</b></p>{small}'


def small(text: str) -> str:
    return f'<p class="from">{as_html(text)}</p>'


def on_paper(label: str, text: str) -> str:
    """A note in full, in the place of its field when the page is printed."""
    named = f"<b>{as_html(label)}</b> " if label else ""
    return f'<p class="on-paper">{named}{as_html(text)}</p>'


def heading(text: str, under: str = "") -> str:
    small = f'<p class="do">{as_html(under)}</p>' if under else ""
    return f'<h2 class="part">{as_html(text)}</h2>{small}'


def about(sections: Iterable[Section]) -> str:
    """The page about the tool: boxes of equal weight."""
    boxes = "".join(
        f'<section class="note"><h2>{as_html(s.title)}</h2>{"".join(f"<p>{as_html(line)}</p>" for line in s.lines)}</section>'
        for s in sections
    )
    return f'<div class="columns">{boxes}</div>'


def summary_table(lines: Iterable[Finding], note: str) -> str:
    """The summary of findings of a procedure, made to be printed."""
    rows = [[as_html(cell) for cell in astuple(line)] for line in lines]
    return f"{_wide('Summary of findings', HEADS, rows)}<p class='from'>{as_html(note)}</p>"


def looked_at(
    file: str, rows: int | None, columns: int, identifying: Mapping[str, str], notes: Iterable[str] = ()
) -> str:
    """What a file seems to hold, how it is read, and which of its columns are never stored."""
    told = "".join(f"<li>{as_html(note)}</li>" for note in notes)
    about = f"about {rows:,} rows, " if rows is not None else ""
    dropped = "".join(f"<li><b>{as_html(h)}</b>: {as_html(why)}</li>" for h, why in identifying.items())
    never = f"<p>Never stored, because it could tell who it was:</p><ul>{dropped}</ul>" if dropped else ""
    return f'<div class="note"><p><b>{as_html(file)}</b>: {about}{columns} columns.</p>{f"<ul>{told}</ul>" if told else ""}{never}</div>'


def to_know(title: str, lines: Iterable[str]) -> str:
    """What is to be seen before something is done, one thing a line."""
    return f"<div class='note'><p>{as_html(title)}</p><ul>{''.join(f'<li>{as_html(line)}</li>' for line in lines)}</ul></div>"


def set_aside(
    used: int,
    aside: int,
    left_out: int,
    notes: Iterable[str],
    sentences: Iterable[str],
    dropped: Iterable[tuple[str, str]],
) -> str:
    """What became of the rows of a file: used, set aside and left out add up to all of them; nothing is dropped in silence."""
    known = "".join(f"<li>{as_html(text)}</li>" for text in notes)
    faults = "".join(f"<li>{as_html(text)}</li>" for text in sentences)
    columns = "".join(f"<li><b>{as_html(name)}</b>: {as_html(why)}</li>" for name, why in dropped)
    apart = f", {left_out:,} left out" if left_out else ""
    return (
        f'<div class="note"><h2>{used + aside + left_out:,} rows: {used:,} used, {aside:,} set aside{apart}</h2>'
        + (f"<ul class='known'>{known}</ul>" if known else "")
        + (f"<ul class='problems'>{faults}</ul>" if faults else "")
        + (f"<h3>Columns that were not kept</h3><ul>{columns}</ul>" if columns else "")
        + "</div>"
    )


def standards(rows: Iterable[StandardRow]) -> str:
    """How the tool stands to the standards for decision aids, line by line, and where it can be seen."""
    body = [
        [
            f"{as_html(r.standard)}, {as_html(r.part)}",
            as_html(r.statement),
            f"<b>{as_html(status_label(r.status))}</b>",
            as_html(f"{r.page.capitalize()}: “{r.shows}”" if r.page else "–"),
            as_html(r.note),
        ]
        for r in rows
    ]
    table = _wide("Standards", ("Standard", "Asks for", "Stands at", "Where", "Note"), body)
    return f"<h2 class='part'>Held against the standards, by ourselves</h2>{table}"


def problem_list(problems: Iterable[object]) -> str:
    """The faults of a dataset, one a line."""
    return "<ul class='problems'>" + "".join(f"<li>{as_html(str(p))}</li>" for p in problems) + "</ul>"


def _row(
    row: OutcomeAnswer, table: SideBySide, evidence: Evidence, audience: Audience, note: str, own: tuple[str, str]
) -> str:
    c, d = row.approaches, table.denominator
    label = wording.outcome_label(row.outcome, audience)
    when = wording.row_note(row, audience)
    target, popover = comparison_sources(c, evidence, audience, _extra(c, audience, d))
    difference = wording.difference_cell(c, audience, d)
    certainty = wording.certainty_word(c.certainty, audience)
    count = (
        f"{c.pooled.k} {'study' if c.pooled.k == 1 else 'studies'}"
        if c.pooled
        else f"{len(c.studies)} {'study' if len(c.studies) == 1 else 'studies'}"
    )
    if c.pooled and c.randomised_only:
        count = f"{c.pooled.k} {'trial' if c.pooled.k == 1 else 'trials'}"
    if c.state is State.NOT_MEASURED:
        count = "see why"
    sources = source_button(count, target) if c.studies else ""
    how = "".join(f" · {part}" for part in (as_html(certainty), sources) if part)
    without, without_popover = _without(row, table, evidence, audience)
    opened, minimal = (wording.level_cell(c, first, audience, d) for first in (False, True))
    taken_away = 0 if c.own else narrowing.taken_away(evidence, c)
    if taken_away:
        difference, opened, minimal = (wording.none_left_cell(taken_away), *(Cell("–", "", c.state) for _ in range(2)))
        how = ""
    return (
        f'<tr role="row" data-outcome="{row.outcome.outcome}"><th scope="row" role="rowheader">{as_html(label)}<span class="under">{as_html(when)}</span>'
        f'<span class="under speaks">{as_html(note)}</span></th>'
        f"{_of(Option.WITHOUT_SURGERY)}{without}</td>"
        f"{_of(Option.OPEN)}{_cell(opened)}{_own(own[0])}</td>"
        f"{_of(Option.MIS)}{_cell(minimal)}{_own(own[1])}</td>"
        f'<td role="cell" class="sure"><span class="of">{VERSUS}</span>{_cell(difference)}<span class="how">{how}</span>{popover}{without_popover}</td></tr>'
    )


def _without(row: OutcomeAnswer, table: SideBySide, evidence: Evidence, audience: Audience) -> tuple[str, str]:
    cell = _cell(wording.without_surgery_cell(row, audience, table.denominator))
    taken_away = narrowing.taken_away(evidence, row.without) if row.without and not row.crossovers else 0
    if taken_away:
        return _cell(wording.none_left_cell(taken_away)), ""
    if row.crossovers:
        title = "Started without surgery and had it later"
        target, popover = threshold_sources(f"crossover {table.condition}", title, [x.row for x in row.crossovers])
        n = len(row.crossovers)
        return (
            f'{cell}<span class="how"> · {source_button(f"{n} sources" if n > 1 else "1 source", target)}</span>',
            popover,
        )
    if row.without and row.without.studies:
        target, popover = comparison_sources(row.without, evidence, audience)
        n = len(row.without.studies)
        return (
            f'{cell}<span class="how"> · {source_button(f"{n} studies" if n > 1 else "1 study", target)}</span>',
            popover,
        )
    return cell, ""


def _of(option: Option) -> str:
    """The beginning of a cell of an option: its mark and name, shown where the cell no longer stands under its heading."""
    return f'<td role="cell"><span class="of">{option_mark(option)}{as_html(OPTIONS[option].label)}</span>'


def _own(line: str) -> str:
    return f'<span class="own">{as_html(line)}</span>' if line else ""


def _cell(cell: Cell) -> str:
    small = f' <span class="small">{as_html(cell.small)}</span>' if cell.small else ""
    return f'<span class="state {cell.state}"><b>{as_html(cell.big)}</b>{small}</span>'


def _extra(c: Comparison, audience: Audience, denominator: int) -> str:
    if c.outcome.outcome == Outcome.BLOOD_LOSS:
        return wording.HIDDEN_BLOOD_LOSS
    if c.absolute_risk is not None and audience is Audience.CLINICIAN:
        return wording.absolute_risk_arithmetic(c, denominator)
    return ""


def _popover(target: str, title: str, content: str) -> str:
    return (
        f'<div popover id="{target}" class="sources" role="dialog" aria-label="{as_html(title)}" tabindex="0">'
        f'<button type="button" class="close" popovertarget="{target}" popovertargetaction="hide">Close</button>'
        f"<h2>{as_html(title)}</h2>{content}</div>"
    )


def _listing(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table of text; each cell, markup already, carries the name of its column for a window too narrow for columns."""
    names = [as_html(head) for head in heads]
    head = "".join(f"<th scope='col' role='columnheader'>{name}</th>" for name in names)
    body = "".join(
        "<tr role='row'>"
        + "".join(f"<td role='cell' data-head='{n}'>{cell}</td>" for n, cell in zip(names, cells, strict=True))
        + "</tr>"
        for cells in rows
    )
    unseen = f"<caption class='unseen'>{as_html(caption)}</caption>" if caption else ""
    return f"<table class='studies' role='table'>{unseen}{_HEAD}{head}{_BODY}{body}</tbody></table>"


def _wide(name: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that may be wider than the page, in a frame that the keyboard can scroll."""
    return (
        f"<div class='wide' tabindex='0' role='region' aria-label='{as_html(name)}'>{_listing(heads, rows, name)}</div>"
    )


def _study_link(label: str, link: str) -> str:
    address = as_link(link)
    if not address:
        return as_html(label)
    return f'<a href="{address}" target="_blank" rel="noopener noreferrer">{as_html(label)}</a>'


def _n(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _short(text: str, limit: int = 46) -> str:
    """The first words of a long name; it does not end in “or”, nor inside a bracket."""
    if len(text) <= limit:
        return text
    start = text[:limit].rsplit(" ", 1)[0]
    if start.count("(") > start.count(")"):
        start = start[: start.rindex("(")].rstrip()
    return start.removesuffix(" or").rstrip(",;") + " …"


def _id(key: object) -> str:
    return "s" + hashlib.sha256(repr(key).encode()).hexdigest()[:12]
