"""How far a pooled effect hangs on single studies, on their order, on their kind and on the way of pooling.

Reference implementation: R metafor (``leave1out()``, ``cumul()``, ``regtest()``, ``rma.mh()``); see tests/metafor. This
module knows numbers only: an effect may be a mean difference, a log ratio or a logit, in any unit. The interval of the
spread between studies stands with the pool itself (``random_effects.heterogeneity_interval``).

Literature
    Lau et al. 1992, N Engl J Med 327:248 (cumulative meta-analysis)
    Egger et al. 1997, BMJ 315:629; Sterne et al. 2011, BMJ 343:d4002 (asymmetry of the funnel plot)
    Mantel & Haenszel 1959, J Natl Cancer Inst 22:719; Greenland & Robins 1985, Biometrics 41:55 (risk ratio)
    Borenstein & Higgins 2013, Prev Sci 14:134 (subgroups)
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log, sqrt
from typing import NamedTuple

from scipy.special import chdtrc, ndtri, stdtr, stdtrit

from decision_aid.meta_analysis.random_effects import PooledResult, TooFewStudies, checked_studies
from decision_aid.meta_analysis.synthesis import synthesise

# Sterne 2011 and Cochrane Handbook 13.3.5.4: with fewer, chance and real asymmetry cannot be told apart.
FEWEST_FOR_EGGER = 10

# A subgroup of one study shows that study, but its standard error knows nothing of the spread between studies.
FEWEST_FOR_COMPARING_GROUPS = 3

# R's lm, and with it metafor's regtest, takes a predictor for constant when this share of it or less varies.
CONSTANT_PREDICTOR = 1e-7
NO_SCATTER = 1e-12  # of the size of the values; what is less is rounding

LARGEST_COUNT = 2**53  # up to here every whole number is a float


class NotEstimable(ValueError):
    """Says that the numbers are valid, but do not determine what was asked for."""


# ---- one study less, one study more ----------------------------------------------------------------------------------


def leave_one_out(
    effects: Sequence[float], standard_errors: Sequence[float], tau_scale: float
) -> tuple[PooledResult | None, ...]:
    """Return, for each study in the order given, what ``synthesise`` makes of all the others.

    From six studies on, reproduces metafor ``leave1out(rma(yi, sei = sei, method = "REML", test = "adhoc"))``. Of three
    to five, each entry is the posterior of the two to four others with the prior of scale ``tau_scale``, as R bayesmeta
    has it. Of two studies each entry is the other study alone, of one study the entry is None.

    Raises ValueError as ``synthesise`` does; never TooFewStudies.
    """
    effects, standard_errors = checked_studies(effects, standard_errors)
    return tuple(
        [
            synthesise(effects[:i] + effects[i + 1 :], standard_errors[:i] + standard_errors[i + 1 :], tau_scale)
            if len(effects) > 1
            else None
            for i in range(len(effects))
        ]
    )


def cumulative(
    effects: Sequence[float], standard_errors: Sequence[float], order: Sequence[int], tau_scale: float
) -> tuple[PooledResult, ...]:
    """Return the pool of the first study, of the first two, and so on, the last entry being that of all studies.

    ``order`` holds the position (from 0) of the study that comes first, then of the second and so on, each once. Which
    of two studies of the same year comes first, and where those without a year stand, is thereby the caller's to say.

    Lau 1992. From the fifth entry on, reproduces metafor ``cumul(rma(yi, sei = sei, method = "REML", test = "adhoc"),
    order = rank)``. The second to the fourth are posteriors with the prior of scale ``tau_scale``, as R bayesmeta has
    them: an interval may change its width where the method changes. The first is the study's own Wald interval, in
    metafor too.

    Raises ValueError as ``synthesise`` does and for an ``order`` that is not one of these studies; never TooFewStudies.
    """
    effects, standard_errors = checked_studies(effects, standard_errors)
    order = list(order)
    if set(order) != set(range(len(effects))) or len(order) != len(effects):
        raise ValueError(f"order is {order!r}: it must hold each position from 0 to {len(effects) - 1} once.")
    effects = [effects[i] for i in order]
    standard_errors = [standard_errors[i] for i in order]
    return tuple([synthesise(effects[:k], standard_errors[:k], tau_scale) for k in range(1, len(order) + 1)])


# ---- subgroups -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The studies of one kind and what ``synthesise`` makes of them; for one study its own interval."""

    group: Hashable
    k: int
    pooled: PooledResult


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Every subgroup, in the order of its first study, and the test of whether their effects differ.

    ``groups_compared`` counts the subgroups of three and more studies, which alone enter the test. With fewer than two of them
    ``q_between``, ``q_between_df`` and ``q_between_p`` are None.
    """

    groups: tuple[Subgroup, ...]
    groups_compared: int
    q_between: float | None
    q_between_df: int | None
    q_between_p: float | None


def subgroups(
    effects: Sequence[float], standard_errors: Sequence[float], groups: Sequence[Hashable], tau_scale: float
) -> Subgroups:
    """Return a pool of its own for each group of studies (own tau2), and the test for differences between groups.

    ``groups`` names the group of each study. Q between is Cochran's Q of the group estimates (Borenstein & Higgins
    2013, separate tau2), on chi-square with one degree of freedom less than groups compared. It takes the standard
    errors as ``synthesise`` gives them: with their Hartung-Knapp factor where that exceeds 1, so it finds a difference
    less readily than with the Wald ones, and of three or four studies the posterior's standard deviation. Only groups of three and more studies enter it: the standard error of a single
    study says nothing about the spread between studies. Of groups of five and more, in metafor, with one ``rma(test = "adhoc")`` for each group:
    ``rma(estimates, sei = se, method = "FE")``, ``QE`` and ``QEp``. A model with a common tau2
    (``mods = ~ factor(group)``) gives other numbers.

    Raises ValueError as ``synthesise`` does and for a list of groups of another length; never TooFewStudies.
    """
    effects, standard_errors = checked_studies(effects, standard_errors)
    if len(groups) != len(effects):
        raise ValueError(f"There are {len(effects)} effects and {len(groups)} groups: each study needs its group.")
    members: dict[Hashable, list[int]] = {}
    for position, group in enumerate(groups):
        members.setdefault(group, []).append(position)
    found = tuple(
        [
            Subgroup(
                group, len(own), synthesise([effects[i] for i in own], [standard_errors[i] for i in own], tau_scale)
            )
            for group, own in members.items()
        ]
    )
    compared = [s.pooled for s in found if s.k >= FEWEST_FOR_COMPARING_GROUPS]
    if len(compared) < 2:
        return Subgroups(found, len(compared), None, None, None)
    q, df = _cochran_q([p.estimate for p in compared], [p.standard_error for p in compared]), len(compared) - 1
    return Subgroups(found, len(compared), q, df, float(chdtrc(df, q)))


def _cochran_q(estimates: list[float], standard_errors: list[float]) -> float:
    """Return the weighted sum of squares about the weighted mean, measured from the most precise estimate."""
    unit, origin = min(zip(standard_errors, estimates, strict=True))
    weights = [(unit / se) ** 2 for se in standard_errors]
    values = [(estimate - origin) / unit for estimate in estimates]
    mean = sum([w * y for w, y in zip(weights, values, strict=True)]) / sum(weights)
    return sum([w * (y - mean) ** 2 for w, y in zip(weights, values, strict=True)])


# ---- asymmetry of the funnel plot ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Egger:
    """Egger's regression test: do imprecise studies show another effect than precise ones?

    ``intercept`` is Egger's: that of effect / standard error on 1 / standard error, which is the slope of the effects
    on their standard errors. It has no unit; 0 is a symmetrical funnel, below 0 imprecise studies lie lower.
    ``standard_error``, ``ci_low`` and ``ci_high`` are those of the intercept, ``t``, ``df`` and two-sided ``p`` its
    test.
    """

    k: int
    intercept: float
    standard_error: float
    ci_low: float
    ci_high: float
    t: float
    df: int
    p: float


def egger(effects: Sequence[float], standard_errors: Sequence[float]) -> Egger:
    """Return Egger's regression test for asymmetry of the funnel plot.

    Egger 1997: the effects regressed on their standard errors, weights 1 / standard error squared, with a scatter
    estimated from the residuals (a multiplicative one). Reproduces metafor ``regtest(yi, sei = sei, model = "lm",
    predictor = "sei")``; metafor's own default, ``model = "rma"``, adds tau2 to the variances instead and gives
    another t. Intervals are on t with k - 2 degrees of freedom.

    An asymmetry is not a proof of unpublished studies, and of log risk ratios the effect and its standard error
    depend on each other, so that with large effects the test finds asymmetry too often (Sterne 2011).

    Raises TooFewStudies below ten studies (Sterne 2011; Cochrane Handbook 13.3.5.4), NotEstimable when all standard
    errors are equal or the effects show no scatter at all, ValueError as ``pool`` does.
    """
    effects, standard_errors = checked_studies(effects, standard_errors)
    k = len(effects)
    if k < FEWEST_FOR_EGGER:
        raise TooFewStudies(f"Egger's test needs at least {FEWEST_FOR_EGGER} studies: there are {k}.")
    # Measured from the most precise study and in its standard error, so that no unit or distance from 0 costs digits.
    unit, origin = min(zip(standard_errors, effects, strict=True))
    x = [unit / se for se in standard_errors]
    z = [(effect - origin) / se for effect, se in zip(effects, standard_errors, strict=True)]
    x_mean, z_mean = sum(x) / k, sum(z) / k
    x_deviations, z_deviations = [value - x_mean for value in x], [value - z_mean for value in z]
    x_squares = sum([dx * dx for dx in x_deviations])
    if x_squares <= CONSTANT_PREDICTOR**2 * sum([value * value for value in x]):
        raise NotEstimable("All standard errors are equal: effects cannot be compared by precision.")
    slope = sum([dx * dz for dx, dz in zip(x_deviations, z_deviations, strict=True)]) / x_squares
    intercept = z_mean - slope * x_mean
    residuals = [dz - slope * dx for dx, dz in zip(x_deviations, z_deviations, strict=True)]
    squares = sum([residual * residual for residual in residuals])
    if squares <= NO_SCATTER**2 * sum([value * value for value in z]):
        raise NotEstimable("The effects show no scatter: there is nothing to test an asymmetry against.")
    df = k - 2
    standard_error = sqrt(squares / df) * sqrt(1 / k + x_mean * x_mean / x_squares)
    t = intercept / standard_error
    quantile = float(stdtrit(df, 0.975))
    return Egger(
        k=k,
        intercept=intercept,
        standard_error=standard_error,
        ci_low=intercept - quantile * standard_error,
        ci_high=intercept + quantile * standard_error,
        t=t,
        df=df,
        p=2 * float(stdtr(df, -abs(t))),
    )


# ---- Mantel-Haenszel -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """A risk ratio pooled over the counts of studies, as if all had the same true effect.

    ``estimate`` is the log of the risk ratio, first arm over second; ``standard_error``, ``ci_low`` and ``ci_high``
    (95 %, normal) are on the same scale. ``k`` counts the studies given, ``k_without_events`` those of them without an
    event in either arm.
    """

    k: int
    k_without_events: int
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float


def mantel_haenszel(
    events1: Sequence[int], n1: Sequence[int], events2: Sequence[int], n2: Sequence[int]
) -> MantelHaenszel:
    """Return the Mantel-Haenszel log risk ratio, first arm over second, from the counts of people in each study.

    Variance by Greenland & Robins 1985. Reproduces metafor ``rma.mh(ai, n1i, ci, n2i, measure = "RR")`` with its
    defaults: nothing is added to the counts. A study without an event in one arm enters as it is; one without any event
    adds 0 to every sum and changes nothing.

    Raises TooFewStudies for no study. Raises NotEstimable when an arm has no event in any study (metafor returns NA)
    or everybody had the event in every study that has one. Raises ValueError, naming position (from 1) and value, for
    a count that is not a whole number from 0 to 2^53, an empty arm, more events than people, lists of different length.
    """
    tables = _tables(events1, n1, events2, n2)
    for arm, events in (("first", sum(t.a for t in tables)), ("second", sum(t.c for t in tables))):
        if events == 0:
            raise NotEstimable(f"No study has an event in the {arm} arm: there is no risk ratio to pool.")
    first = sum(Fraction(t.a * t.n2, t.n) for t in tables)
    second = sum(Fraction(t.c * t.n1, t.n) for t in tables)
    spread = sum(Fraction(t.n1 * t.n2 * (t.a + t.c) - t.a * t.c * t.n, t.n * t.n) for t in tables)
    if spread == 0:
        raise NotEstimable("Everybody had the event in every study with events: the risk ratio has no standard error.")
    estimate, standard_error = log(first / second), sqrt(spread / (first * second))
    half_width = float(ndtri(0.975)) * standard_error
    return MantelHaenszel(
        k=len(tables),
        k_without_events=sum(t.a + t.c == 0 for t in tables),
        estimate=estimate,
        standard_error=standard_error,
        ci_low=estimate - half_width,
        ci_high=estimate + half_width,
    )


class _Table(NamedTuple):
    """The counts of one study: `a` of `n1` people with the event in the first arm, `c` of `n2` in the second.

    Whole numbers, and sums of them as fractions, so that a standard error of 0 is 0 and not what rounding left of it.
    """

    a: int
    n1: int
    c: int
    n2: int

    @property
    def n(self) -> int:
        return self.n1 + self.n2


def _tables(events1: Iterable[int], n1: Iterable[int], events2: Iterable[int], n2: Iterable[int]) -> list[_Table]:
    """Return the counts study by study, or raise ValueError naming the entry at fault."""
    names = (
        "Events in the first arm",
        "People in the first arm",
        "Events in the second arm",
        "People in the second arm",
    )
    columns = [_counts(name, column) for name, column in zip(names, (events1, n1, events2, n2), strict=True)]
    if len({len(column) for column in columns}) > 1:
        lengths = ", ".join(f"{name.lower()}: {len(column)}" for name, column in zip(names, columns, strict=True))
        raise ValueError(f"Each study needs all four counts. {lengths.capitalize()}.")
    if not columns[0]:
        raise TooFewStudies("There is no study to pool.")
    tables = [_Table(*counts) for counts in zip(*columns, strict=True)]
    for position, table in enumerate(tables, 1):
        for arm, events, people in (("first", table.a, table.n1), ("second", table.c, table.n2)):
            if people == 0:
                raise ValueError(f"Study {position} has nobody in the {arm} arm.")
            if events > people:
                raise ValueError(f"Study {position} has {events} events among {people} people in the {arm} arm.")
    return tables


def _counts(name: str, values: Iterable[int]) -> list[int]:
    """Return the values as whole numbers, or raise ValueError naming the first that is not."""
    counts = []
    for position, value in enumerate(values, 1):
        try:
            count = int(value)
            valid = count == value and 0 <= count <= LARGEST_COUNT
        except (TypeError, ValueError, OverflowError):
            valid = False
        if not valid:
            raise ValueError(f"{name}, study {position}: {value!r} is not a whole number from 0 to 2^53.")
        counts.append(count)
    return counts
