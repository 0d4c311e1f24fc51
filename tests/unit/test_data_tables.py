"""The shipped tables: described as they are, tied to their sources, and worded for the people who read them."""

from __future__ import annotations

import csv
import json
import re
from itertools import product
from pathlib import Path

import page_html
import pytest
from reading import BANNED, HIGHEST_GRADE, reading_grade, syllables

from decision_aid import components, wording
from decision_aid.comparison import natural_course
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Aspect, Condition, Horizon, Option, OutcomeKind, Part, Procedure, Unit
from decision_aid.evidence import datapackage, loading
from decision_aid.evidence import tables as schema
from decision_aid.evidence.cells import EvidenceRow
from decision_aid.evidence.loading import SHIPPED, Evidence
from decision_aid.evidence.rows import ConditionRow, OutcomeRow, ProcedureRow, StudyRow, ThresholdRow
from decision_aid.evidence.tables import DATAPACKAGE

ROWS_OF_EVIDENCE = {"studies.csv": 342, "arms.csv": 1337, "contrasts.csv": 321, "thresholds.csv": 130}

# What a patient reads. Sentences are graded; labels and names are a few words each and are only checked for words.
PATIENT_SENTENCES = {
    "outcomes.csv": ("patient_definition", "sentence_lower", "sentence_higher"),
    "conditions.csv": ("what_it_is", "natural_course_note", "user_need"),
    "procedures.csv": ("what_it_is", "aim"),
    "options.csv": ("text",),
    "natural_course.csv": ("patient_text",),
    "indications.csv": ("patient_text", "patient_yes", "patient_no"),
    "questions.csv": ("patient_text",),
    "concerns.csv": ("explanation",),
    "about.csv": ("text",),
}
PATIENT_LABELS = {
    "outcomes.csv": ("patient_label", "label_lower", "label_higher"),
    "conditions.csv": ("patient_label",),
    "procedures.csv": ("patient_label", "open_name", "mis_name"),
    "concerns.csv": ("patient_label",),
    "indications.csv": ("patient_topic",),
}
SENTENCE_COLUMNS = [(file, column) for file, columns in PATIENT_SENTENCES.items() for column in columns]
PATIENT_COLUMNS = SENTENCE_COLUMNS + [(file, column) for file, columns in PATIENT_LABELS.items() for column in columns]


# Words that praise, that recommend, or that stand in for a chance.
@pytest.fixture(scope="module")
def data() -> Evidence:
    return loading.load(SHIPPED)


@pytest.fixture(scope="module")
def readme() -> str:
    return (SHIPPED / "README.md").read_text(encoding="utf-8")


def column(data: Evidence, file: str, name: str) -> list[str]:
    """The cells of one column of words."""
    if file == "options.csv":
        return [text for told in data.options.values() for text in told.values()]
    if file == "natural_course.csv":
        return list(data.course_texts.values())
    rows = {
        "outcomes.csv": data.outcomes.values(),
        "conditions.csv": data.conditions.values(),
        "procedures.csv": data.procedures.values(),
        "indications.csv": data.indications,
        "questions.csv": data.questions,
        "concerns.csv": data.concerns,
    }
    if file == "about.csv":
        return list(data.about.values())
    return [getattr(row, name) for row in rows[file]]


# ---- the descriptions ------------------------------------------------------------------------------------------------


def test_the_evidence_tables_keep_their_rows(data: Evidence) -> None:
    assert {file: data.counts[file] for file in ROWS_OF_EVIDENCE} == ROWS_OF_EVIDENCE


def test_the_description_is_that_of_the_models_and_the_rows(data: Evidence) -> None:
    described = json.loads((SHIPPED / DATAPACKAGE).read_text(encoding="utf-8"))
    expected = datapackage.describe(dict(data.counts), data.search_date.isoformat(), data.review_date.isoformat())
    assert described == expected, "run: python -m decision_aid check --describe"


def test_writing_the_description_again_changes_nothing(data: Evidence, tmp_path: Path) -> None:
    before = (SHIPPED / DATAPACKAGE).read_bytes()
    (tmp_path / DATAPACKAGE).write_bytes(before)
    assert datapackage.write(tmp_path, dict(data.counts)).read_bytes() == before


def test_the_review_comes_after_the_search(data: Evidence) -> None:
    assert data.search_date < data.review_date


def section(readme: str, file: str) -> str:
    """What README.md says under the heading of a table."""
    return re.split(r"^## ", readme.split(f"\n## {file}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def documented(text: str) -> list[str]:
    """The columns named in the first cells of a table, without its header."""
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])]


@pytest.mark.parametrize(("file", "model"), schema.TABLES.items())
def test_readme_documents_every_column_and_no_other(file: str, model: type[EvidenceRow], readme: str) -> None:
    names = documented(section(readme, file))
    assert sorted(names) == sorted(schema.columns(model)), f"README.md, ## {file}"


@pytest.mark.parametrize(("file", "model"), schema.TABLES.items())
def test_readme_names_every_value_of_a_vocabulary(file: str, model: type[EvidenceRow], readme: str) -> None:
    vocabulary = readme.split("Vocabularies used by more than one table", 1)[1].split("\n## ", 1)[0]
    words = set(re.findall(r"`([^`]+)`", section(readme, file) + vocabulary + section(readme, "arms.csv")))
    for field in json.loads((SHIPPED / DATAPACKAGE).read_text(encoding="utf-8"))["resources"]:
        if field["path"] == file:
            for described in field["schema"]["fields"]:
                assert set(described.get("constraints", {}).get("enum", ())) <= words, described["name"]


def test_readme_states_the_keys_and_numbers_of_rows(data: Evidence, readme: str) -> None:
    for file in schema.TABLES:
        cells = next(line for line in readme.splitlines() if line.startswith(f"| `{file}` |")).strip("| ").split(" | ")
        assert int(cells[-1]) == data.counts[file], file
        assert tuple(re.findall(r"`([^`]+)`", cells[2])) == schema.KEYS[file], file


def test_readme_states_the_date_of_the_search(data: Evidence, readme: str) -> None:
    assert data.search_date.isoformat() in readme


# ---- ties to the sources ---------------------------------------------------------------------------------------------

MINIMAL_CHANGE = "minimal important change"


def test_every_noticeable_change_is_a_published_one(data: Evidence) -> None:
    with_change = [o for o in data.outcomes.values() if o.noticeable_change is not None]
    assert {o.outcome for o in with_change} == {"odi", "rdq", "vas_back", "vas_leg", "eq5d"}
    for o in with_change:
        matching = [
            t
            for t in data.thresholds
            if (t.measure, t.value, t.unit) == (o.outcome, o.noticeable_change, o.unit)
            and t.citation == o.noticeable_source
            and o.noticeable_link == ("" if LEADS_ELSEWHERE.search(t.link) else t.link)
            and MINIMAL_CHANGE in t.meaning
        ]
        assert len(matching) == 1, o.outcome


def test_no_published_noticeable_change_is_left_out(data: Evidence) -> None:
    published = {(t.measure, t.unit) for t in data.thresholds if MINIMAL_CHANGE in t.meaning}
    for o in data.outcomes.values():
        assert (o.noticeable_change is not None) == ((o.outcome, o.unit) in published), o.outcome


def is_about_the_course(row: ThresholdRow) -> bool:
    """Whether a benchmark is about what happens to people who begin without surgery."""
    return row.measure.startswith("natural_history") or row.measure in (
        "crossover_to_surgery", "crossover_to_nonoperative", "disc_resorption", "time_to_recovery", "delayed_surgery"
    )  # fmt: skip


def test_every_benchmark_of_the_course_stands_on_the_page_of_its_condition(data: Evidence) -> None:
    course = [row for row in data.thresholds if is_about_the_course(row)]
    assert len(course) == 72
    shown = [row for c in data.conditions for row in natural_course.without_surgery(data, c)]
    shown += [c.row for condition in data.conditions for c in natural_course.crossovers(data, condition)]
    assert sorted(row.threshold_id for row in course) == sorted(row.threshold_id for row in shown)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("condition", [c for c in Condition if c != Condition.MIXED_DEGENERATIVE])
def test_what_leads_stands_at_once_and_the_rest_one_click_away(
    data: Evidence, condition: Condition, audience: Audience
) -> None:
    rows = [
        *natural_course.without_surgery(data, condition),
        *(c.row for c in natural_course.crossovers(data, condition)),
    ]
    assert any(row.leads for row in rows)
    panel = page_html.read(components.without_surgery_panel(data, condition, audience, 100))
    page, at_once = panel.text, panel.without("popover").text
    for row in rows:
        told = f"{' '.join(wording.share_line(row, audience, data, 100))} {row.citation}"
        assert (told in at_once) == row.leads, told
        assert told in page, told


def test_every_share_without_surgery_is_put_in_plain_words(data: Evidence) -> None:
    """Without them a patient would be shown the words of the clinician. “Had surgery after all within 2 years” needs none."""
    told = {row.threshold_id for row in data.thresholds if row.threshold_id in data.course_texts}
    course = {row.threshold_id: row for row in data.thresholds if is_about_the_course(row)}
    assert told <= set(course)
    assert {row.measure for key, row in course.items() if key not in told} == {"crossover_to_surgery"}


def test_a_share_that_had_surgery_is_told_with_its_complement(data: Evidence) -> None:
    for row in data.thresholds:
        if row.measure == "crossover_to_surgery":
            number, said = wording.share_line(row, Audience.PATIENT, data, 100)
            had, did_not = int(number.split()[0]), int(re.findall(r"; (\d+) did not$", said)[0])
            assert had + did_not == 100
            assert abs(had - row.value) <= 0.5


def test_numbers_in_plain_words_are_those_of_the_source(data: Evidence) -> None:
    """A second number beside the share (“with surgery 69 of 100”) stands in the benchmarks of the same people."""
    for row in data.thresholds:
        told = data.course_texts.get(row.threshold_id, "")
        source = " ".join(f"{t.value:g} {t.meaning}" for t in data.thresholds if t.condition == row.condition)
        for number in re.findall(r"(\d+) of 100", told):
            assert re.search(rf"\b{number}\b", source), f"thresholds.csv, line {row.line}: {told}"


def test_every_arm_counts_people_or_says_a_level(data: Evidence) -> None:
    """Events belong to event outcomes; a measured outcome is never a count."""
    for row in data.arms:
        counted = data.outcomes[row.outcome].kind == OutcomeKind.EVENT
        assert (row.unit == Unit.EVENTS) == counted == (row.events is not None), row.line


def test_links_and_identifiers_agree(data: Evidence) -> None:
    """A link to doi.org holds the DOI of its row, and one to PubMed its number."""
    for row in (*data.studies.values(), *data.thresholds):
        if "doi.org/10." in row.link and row.doi:
            assert row.link.lower().endswith(row.doi.lower()), row.line
        if "pubmed.ncbi.nlm.nih.gov/" in row.link and row.pmid:
            assert row.link.rstrip("/").endswith(row.pmid), row.line


# ---- where a link leads ----------------------------------------------------------------------------------------------

# Kinds of host that are no source: a reader who follows the link finds a copy, a login or a report of the source.
LEADS_ELSEWHERE = re.compile(
    r"^https?://(?:[^/]*\.)?(?:"
    r"[^/]*\.bibliotheek\.|[^/]*(?:ezproxy|libproxy|idm\.oclc|webvpn)|0-[^/]*\.|proxy\.|[^/]*weglot"  # proxies
    r"|brum\.beds\.ac\.uk|ersearch2\.|[^/]*-uat\.|[^/]*tpbot|web\.archive\.org|jesse\.tg|download\."
    r"|fdocuments\.|docslib\.|slidelegend\.|readkong\.|scribd\.|cricutcom-setup\.|chiro\.org|sogacot\."  # copies
    r"|verity\.backworkai|guidelinecentral|guideline\.gov|bcbsnd\.com|cigna\.com|clinicalpub\."
    r"|researcher\.life|aminer\.|ouci\.dntb|paperexplained|metajournal|globethesis|kiraspecialist|orthobullets"
    r"|fcd\.mcw\.edu|researchgate|semanticscholar|academia\.edu|integrative-archives"  # lists that retell abstracts
    r"|medscape|spineuniverse|oscalenews|nortonhealthcareprovider|clinicaladvisor|healio|eurekalert"  # news
    r"|backpaindoctor|drrtannenbaum|intervenemd|[^/]*news[^/]*\."
    r")|^https?://\d+\.\d+|/(?:news|press|blog)/",
    re.IGNORECASE,
)

# Read there and nowhere else: these rows print neither a DOI nor a PubMed number, so that no better address is known.
# The table may only grow shorter.
NO_BETTER_ADDRESS_KNOWN = {
    "thresholds.csv": {
        "https://paperexplained.cn/articles/paper/detail/c63b17f341638e994cd27cc6d09b4f05e220d5cc",
        "https://backpaindoctor.co.uk/?p=7332",
        "https://www.medscape.com/viewarticle/549548_3",
        "https://material-uat.leaf.cosector.com/id/eprint/19997",
        "https://intervenemd.com/sciatica-pain-and-weakness-is-surgery-the-answer/",
        "https://integrative-archives.com/2013/11/recovery-of-motor-deficit-accompanying-sciatica-subgroup-analysis-of-a-randomized-controlled-trial",
        "http://drrtannenbaum.com/index.php?p=242408",
        "https://metajournal.com/articles/758708/central-lumbar-spinal-stenosis-natural-history-non-surgical-patients",
    },
    "studies.csv": {
        "https://www.medscape.com/viewarticle/549548_3",
        "https://www.medscape.com/viewarticle/914756_3",
        "https://www.globethesis.com/?t=2254330425978523",
        "https://www.globethesis.com/?t=2544307145458034",
    },
}  # fmt: skip


def links_of(file: str) -> list[dict[str, str]]:
    """The rows of a table that hold a column of links."""
    with (SHIPPED / file).open(encoding="utf-8", newline="") as table:
        return [row for row in csv.DictReader(table) if any(column.endswith("link") for column in row)]


@pytest.mark.parametrize("file", schema.TABLES)
def test_no_link_leads_to_a_proxy_a_mirror_or_a_news_page(file: str) -> None:
    links = {cell for row in links_of(file) for column, cell in row.items() if column.endswith("link")}
    found = {link for link in links if LEADS_ELSEWHERE.search(link)}
    assert found == NO_BETTER_ADDRESS_KNOWN.get(file, set())


def test_a_row_that_prints_an_identifier_is_linked_by_it() -> None:
    for file, known in NO_BETTER_ADDRESS_KNOWN.items():
        for row in links_of(file):
            if row["link"] in known:
                assert not row["doi"], row
                assert not row["pmid"], row


@pytest.mark.parametrize(
    "link",
    [
        "https://bestpractice-bmj-com.bibliotheek.ehb.be/topics/en-gb/3000164",
        "https://0-bmcmedinformdecismak-biomedcentral-com.brum.beds.ac.uk/articles/10.1186/x",
        "https://cloner.tpbot.vip/x/web/20140325190820/http://www.guideline.gov/content.aspx?id=34839",
        "https://fdocuments.in/document/lumbar-spinal-fusion.html",
        "https://docslib.org/doc/2384892/spinal-fusion",
        "https://verity.backworkai.com/policy/SUR712.036",
        "http://oscalenews.com/?p=26761",
        "https://nortonhealthcareprovider.com/news/new-guidelines/amp",
        "https://proxy.weglot.com/wg_8/en/es/pubmed.ncbi.nlm.nih.gov/38733899",
        "https://www.spineuniverse.com/news/back-pain/isass",
        "http://47.251.13.51/x",
        "https://example.org/news/spine",
    ],
)
def test_the_list_of_hosts_finds_them(link: str) -> None:
    assert LEADS_ELSEWHERE.search(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://doi.org/10.1016/j.spinee.2013.08.003",
        "https://pubmed.ncbi.nlm.nih.gov/26681351/",
        "https://www.nice.org.uk/guidance/ng59",
        "https://bestpractice.bmj.com/topics/en-gb/3000164",
        "https://ohsu.elsevierpure.com/en/publications/x",
        "https://wfns-spine.org/lumbar-spinal-stenosis-recommendations",
    ],
)
def test_the_list_of_hosts_lets_a_source_pass(link: str) -> None:
    assert not LEADS_ELSEWHERE.search(link)


PAYERS = re.compile(
    r"CAM 161|eviCore|CMM-609|Blue ?Shield|SUR712|HealthPartners|Credence|\bCMS\b|LCD L\d|ARP 66|BCBS|\bpayers?\b",
    re.IGNORECASE,
)


def test_payers_never_lead_and_never_speak_to_a_patient(data: Evidence) -> None:
    """Their policies stand as what payers ask for: beside a guideline, or in a part of their own."""
    assert sum(bool(i.payers_ask) for i in data.indications) >= 8
    for i in data.indications:
        ours = (i.source, i.action, i.action_reason, i.other_side, i.other_source)
        if i.part != Part.PAYERS:
            assert not PAYERS.search(" ".join(ours)), i.item_id
        else:
            assert PAYERS.search(i.source), i.item_id
        for told in (i.patient_text, i.patient_yes, i.patient_no, i.patient_topic):
            assert not PAYERS.search(told), i.item_id
    assert not any(PAYERS.search(q.source) for q in data.questions)


def test_people_of_one_publication_are_not_compared_twice(data: Evidence) -> None:
    """Of studies with one DOI or PubMed number, unless they share a cohort, at most one compares two arms."""
    arms = {study_id: {row.arm for row in data.arms if row.study_id == study_id} for study_id in data.studies}
    for identifier in ("doi", "pmid"):
        publications: dict[str, list[StudyRow]] = {}
        for study in data.studies.values():
            publications.setdefault(getattr(study, identifier).lower(), []).append(study)
        publications.pop("")
        for studies in publications.values():
            compared = [s for s in studies if len(arms[s.study_id]) > 1]
            assert len(compared) <= 1 or len({s.cohort or s.study_id for s in compared}) == 1, [
                s.study_id for s in studies
            ]


# ---- words for the patient -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("procedure", Procedure)
@pytest.mark.parametrize("aspect", Aspect)
def test_the_three_options_get_the_same_room(data: Evidence, procedure: Procedure, aspect: Aspect) -> None:
    words = {option.value: len(data.options[procedure, option][aspect].split()) for option in Option}
    longest, shortest = max(words.values()), min(words.values())
    assert longest - shortest <= max(7, 0.25 * longest), words


@pytest.mark.parametrize(
    ("file", "name"), [("options.csv", "text"), *(("conditions.csv", c) for c in ("what_it_is", "natural_course_note"))]
)
def test_no_number_is_typed_into_the_words(data: Evidence, file: str, name: str) -> None:
    number = re.compile(
        r"\d|½|¼|\b(?:per ?cent|half|third|quarter|dozen|hundreds?|three|four|five|six|seven|eight|nine|ten|twelve)\b"
    )
    for text in column(data, file, name):
        assert not number.search(text), text


@pytest.mark.parametrize(("file", "name"), PATIENT_COLUMNS)
def test_no_word_praises_a_option_or_stands_in_for_a_chance(data: Evidence, file: str, name: str) -> None:
    for text in column(data, file, name):
        found = BANNED.search(text)
        assert found is None, f"{file}, {name}: “{found.group()}” in {text}" if found else ""


@pytest.mark.parametrize(
    "sentence",
    [
        "This is the best way.",
        "Infection is rare.",
        "Most people go home the same day.",
        "You usually walk early.",
        "It is the gold standard.",
        "Surgery is indicated.",
        "There is a low risk of bleeding.",
        "A common problem",
        "One in ten",
        "We recommend it",
    ],
)
def test_the_list_of_banned_words_finds_them(sentence: str) -> None:
    assert BANNED.search(sentence)


@pytest.mark.parametrize(("file", "name"), PATIENT_COLUMNS)
def test_cells_are_cleanly_written(data: Evidence, file: str, name: str) -> None:
    for text in column(data, file, name):
        assert text == " ".join(text.split()), text
        assert not re.search(r"\s[,.;:?!]|[,.;:?!]{2}|\( | \)", text), text
        assert text.count("(") == text.count(")"), text
        assert text.isprintable(), text


@pytest.mark.parametrize(
    ("file", "name"), [fc for fc in SENTENCE_COLUMNS if fc[1] not in ("sentence_lower", "sentence_higher")]
)
def test_paragraphs_are_whole_sentences(data: Evidence, file: str, name: str) -> None:
    for text in column(data, file, name):
        assert text[0].isupper() or file == "natural_course.csv", text  # those follow “25 of 100”
        assert text[-1] in ".?", text


def test_sentence_templates_read_well(data: Evidence) -> None:
    """With the number put in or left out there is no gap, no stop and no brace left over."""
    for o in data.outcomes.values():
        for template in (o.sentence_lower, o.sentence_higher):
            left_out = template.replace("{amount} ", "", 1).replace(" {amount}", "", 1)
            put_in = template.replace("{amount}", "12 ml")
            for text in (template, left_out, put_in):
                assert text == " ".join(text.split()), text
                assert text[-1].isalpha() or text[-1] == "}", text
            assert "{" not in left_out + put_in, template
            assert "}" not in left_out + put_in, template
            assert len(left_out.split()) >= 2, template


def test_less_and_more_are_told_apart(data: Evidence) -> None:
    """Measured outcomes say lower or higher in words; for events the number itself says fewer or more."""
    for o in data.outcomes.values():
        assert o.label_lower != o.label_higher, o.outcome
        if o.kind == OutcomeKind.EVENT:
            assert o.sentence_lower == o.sentence_higher, o.outcome
            assert o.sentence_lower.startswith("{amount} "), o.outcome
        else:
            assert o.sentence_lower != o.sentence_higher, o.outcome


def words(text: str) -> int:
    return len(text.split())


def test_labels_and_definitions_keep_to_their_length(data: Evidence) -> None:
    """The lengths that README.md promises; the cards are laid out for them."""
    for o in data.outcomes.values():
        assert len(o.patient_label) <= 30, o.patient_label
        assert words(o.patient_definition) <= 25, o.patient_definition
    for c in data.conditions.values():
        assert 35 <= words(c.what_it_is) <= 60, c.what_it_is
    for p in data.procedures.values():
        assert words(p.what_it_is) <= 40, p.what_it_is


def test_each_aspect_is_told_in_one_to_three_sentences(data: Evidence) -> None:
    for text in column(data, "options.csv", "text"):
        assert 1 <= len(re.findall(r"[.?](?= |$)", text)) <= 3, text


def test_labels_of_one_table_are_not_shared(data: Evidence) -> None:
    rows: tuple[list[OutcomeRow], list[ConditionRow], list[ProcedureRow]] = (
        list(data.outcomes.values()),
        list(data.conditions.values()),
        list(data.procedures.values()),
    )
    for table in rows:
        for name in ("clinician_label", "patient_label"):
            labels = [getattr(row, name) for row in table]
            assert len(set(labels)) == len(labels), labels


def test_scales_stand_in_the_words_for_scores(data: Evidence) -> None:
    """A score is told with both ends of its scale, as whole numbers."""
    for o in data.outcomes.values():
        ends = [f"{end:g}" for end in (o.scale_min, o.scale_max) if end is not None]
        assert all(re.search(rf"\b{end}\b", o.patient_definition) for end in ends), o.patient_definition
        assert (o.horizon == Horizon.FOLLOW_UP and o.kind == OutcomeKind.CONTINUOUS) == bool(ends), o.outcome


# ---- reading grade ---------------------------------------------------------------------------------------------------


def as_prose(cells: list[str]) -> str:
    """Cells one after the other, each ended as a sentence, with a number where the number goes."""
    filled = (cell.replace("{amount}", "12 days") for cell in cells)
    return " ".join(cell if cell[-1] in ".?" else f"{cell}." for cell in filled)


@pytest.mark.parametrize(("file", "name"), SENTENCE_COLUMNS)
def test_a_patient_can_read_it(data: Evidence, file: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise AssertionError("a test reached for the network")

    monkeypatch.setattr("socket.socket.connect", offline)
    grade = reading_grade(as_prose(column(data, file, name)))
    print(f"{file} {name}: Flesch-Kincaid {grade.flesch_kincaid:.1f}, SMOG {grade.smog:.1f}")
    assert grade.flesch_kincaid <= HIGHEST_GRADE
    assert grade.smog <= HIGHEST_GRADE


@pytest.mark.parametrize(("file", "name"), [fc for fc in SENTENCE_COLUMNS if fc[0] != "outcomes.csv"])
def test_no_paragraph_is_hard_on_its_own(data: Evidence, file: str, name: str) -> None:
    """One hard paragraph does not hide among easy ones. (Definitions of outcomes are too short to grade singly.)"""
    for text in column(data, file, name):
        assert reading_grade(text).flesch_kincaid <= HIGHEST_GRADE, text


def test_each_option_reads_as_easily_as_the_others(data: Evidence) -> None:
    grades = {
        (procedure, option): reading_grade(as_prose(list(data.options[procedure, option].values()))).flesch_kincaid
        for procedure, option in product(Procedure, Option)
    }
    for procedure in Procedure:
        of_procedure = [grades[procedure, option] for option in Option]
        print(procedure, *(f"{option} {grades[procedure, option]:.1f}" for option in Option))
        assert max(of_procedure) <= HIGHEST_GRADE
        assert max(of_procedure) - min(of_procedure) <= 2


def test_the_reading_grade_tells_hard_from_easy() -> None:
    hard = (
        "Minimally invasive transforaminal lumbar interbody fusion demonstrates significantly reduced intraoperative "
        "haemorrhage compared with conventional posterior approaches in degenerative spondylolisthesis."
    )
    easy = "The cut is small. You get up and walk on the same day. The back is sore for a while."
    assert reading_grade(hard).flesch_kincaid > 15
    assert reading_grade(hard).smog > 12
    assert reading_grade(easy).flesch_kincaid < 3


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1), ("leg", 1), ("nerve", 1), ("moved", 1), ("needed", 2), ("tested", 2), ("little", 2), ("back", 1),
        ("people", 2), ("surgeon", 2), ("surgery", 3), ("operation", 4), ("infection", 3), ("anaesthetic", 4),
        ("sciatica", 4), ("spondylolisthesis", 6), ("X-ray", 2), ("Roland-Morris", 4), ("muscle", 2), ("bleeding", 2),
        ("stenosis", 3), ("minimally", 4), ("invasive", 3), ("injection", 3), ("studies", 2), ("exercise", 3),
        ("medicine", 3), ("you", 1), ("serious", 3), ("therapist", 3),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_they_are_spoken(word: str, count: int) -> None:
    assert syllables(word) == count
