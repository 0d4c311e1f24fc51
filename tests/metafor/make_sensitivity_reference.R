# Writes the numbers that decision_aid/meta_analysis/sensitivity.py is held against, as JSON, to standard output:
#
#     Rscript tests/metafor/make_sensitivity_reference.R > tests/metafor/sensitivity.json
#
# Needs R with metafor and metadat. Every number is printed with %.17g, so an unchanged run gives an empty diff.

suppressMessages(library(metafor))
suppressMessages(library(metadat))

# ---- effects of single studies ---------------------------------------------------------------------------------------

# `years` orders the studies (ties stay in the order given), `groups` says of which kind each study is.
from_escalc <- function(description, data, years, groups) {
  list(
    description = description, yi = as.numeric(data$yi), sei = sqrt(as.numeric(data$vi)),
    years = years, groups = as.character(groups)
  )
}

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
catheters <- escalc(
  measure = "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = subset(dat.nielweise2007, ai + ci > 0),
  add = 1 / 2, to = "only0"
)
magnesium <- escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.egger2001)
stay <- escalc(
  measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999
)

cases <- list(
  bcg = from_escalc(
    "metadat dat.bcg, log risk ratios (13 trials); groups: how treatment was allocated", bcg, bcg$year, bcg$alloc
  ),
  catheters = from_escalc(
    "metadat dat.nielweise2007, log risk ratios, 0.5 added where a cell is empty (17 trials); groups: before 2000",
    catheters, catheters$year, ifelse(catheters$year < 2000, "before", "since")
  ),
  magnesium = from_escalc(
    "metadat dat.egger2001, log odds ratios (16 trials), two of them huge; groups: more than 250 people",
    magnesium, magnesium$year, ifelse(magnesium$n1i + magnesium$n2i > 250, "large", "small")
  ),
  smoking = list(
    description = "metadat dat.hackshaw1998, log odds ratios (37 studies); groups: design",
    yi = as.numeric(dat.hackshaw1998$yi), sei = sqrt(as.numeric(dat.hackshaw1998$vi)),
    years = dat.hackshaw1998$year, groups = as.character(dat.hackshaw1998$design)
  ),
  stay = from_escalc(
    "metadat dat.normand1999, mean differences of the length of stay in days (9 studies); groups of 5, 3 and 1",
    stay, c(3, 1, 2, 5, 4, 9, 8, 7, 6), c("a", "b", "a", "a", "b", "c", "a", "b", "a")
  ),
  blood_loss = list(
    description = "synthetic mean differences of a blood loss in ml, large spread; groups of 9, 6, 3 and 2",
    yi = c(
      -212.4, -61.8, -148.3, -305.7, 12.6, -96.1, -171.9, -254.2, -33.5, -118.8,
      -401.3, -75.4, -189.6, -142.7, -20.9, -268.1, -87.3, -330.5, -155.0, 41.2
    ),
    sei = c(
      18.3, 25.1, 9.7, 44.6, 31.2, 12.8, 60.4, 22.9, 15.5, 38.0,
      71.3, 8.4, 27.7, 19.9, 52.6, 33.8, 11.1, 48.5, 16.2, 90.7
    ),
    years = c(
      2014, 2011, 2019, 2008, 2011, 2020, 2016, 2005, 2018, 2011,
      2003, 2022, 2013, 2017, 2009, 2012, 2021, 2006, 2018, 2010
    ),
    groups = c(
      "tube", "tube", "scope", "tube", "two", "scope", "tube", "tube", "scope", "two",
      "tube", "mix", "scope", "tube", "two", "tube", "scope", "mix", "tube", "scope"
    )
  ),
  agreement = list(
    description = "four studies that agree better than chance: tau2 = 0 whichever is left out; one group",
    yi = c(0.52, 0.44, 0.50, 0.47), sei = c(0.20, 0.25, 0.18, 0.30),
    years = c(2001, 2002, 2003, 2004), groups = rep("only", 4)
  ),
  three_studies = list(
    description = "leaving one out leaves two, which metafor pools; groups of 2 and 1",
    yi = c(-1.9, -0.4, -0.95), sei = c(0.31, 0.22, 0.45), years = c(2010, 2004, 2007), groups = c("a", "b", "a")
  )
)

# The threshold is an absolute change of tau2: where tau2 is in the thousands, 1e-12 is below the rounding error. Whole
# steps circle in some subset or other, in which leave1out() and cumul() would say NA; half steps converge in all.
tight <- function(yi) list(threshold = 1e-12 * max(1, var(yi)), maxiter = 10000, stepadj = 0.5)

several <- function(res) {
  list(
    estimate = res$estimate, standard_error = res$se, ci_low = res$ci.lb, ci_high = res$ci.ub,
    tau2 = res$tau2, i2 = res$I2, q = res$Q, q_p = res$Qp
  )
}

# Each group has a model of its own; only estimates of three and more studies are compared.
by_group <- function(case, control) {
  names <- unique(case$groups)
  fits <- lapply(names, function(g) {
    own <- case$groups == g
    if (sum(own) < 3) return(NULL)
    rma(case$yi[own], sei = case$sei[own], method = "REML", test = "adhoc", control = control)
  })
  fits <- Filter(Negate(is.null), fits)
  estimates <- vapply(fits, function(f) as.numeric(f$beta), 0)
  errors <- vapply(fits, function(f) f$se, 0)
  between <- if (length(fits) > 1) rma(estimates, sei = errors, method = "FE")
  list(
    names = names, sizes = as.numeric(table(factor(case$groups, names))), estimates = estimates,
    standard_errors = errors, q_between = between$QE, q_between_p = between$QEp
  )
}

# regtest() prints t, df and p; the intercept itself stands in the model it returns.
asymmetry <- function(case) {
  if (length(case$yi) < 10) return(NULL)
  res <- regtest(case$yi, sei = case$sei, model = "lm", predictor = "sei", ret.fit = TRUE)
  interval <- unname(confint(res$fit)[2, ])
  list(
    intercept = unname(coef(res$fit)[2]), standard_error = coef(summary(res$fit))[2, 2], ci_low = interval[1],
    ci_high = interval[2], t = res$zval, df = res$dfs, p = res$pval
  )
}

from_effects <- function(case) {
  control <- tight(case$yi)
  case$rank <- rank(case$years, ties.method = "first")
  fit <- rma(yi, sei = sei, data = as.data.frame(case[c("yi", "sei", "rank")]), method = "REML", test = "adhoc",
             control = control)
  list(
    description = case$description, effects = case$yi, standard_errors = case$sei, groups = case$groups,
    order = order(case$years) - 1, # radix: ties stay as they are; positions from 0
    leave_one_out = several(leave1out(fit)), cumulative = several(cumul(fit, order = rank)),
    subgroups = by_group(case, control), egger = asymmetry(case)
  )
}

# ---- counts ----------------------------------------------------------------------------------------------------------

counts <- list(
  bcg = list(
    description = "metadat dat.bcg (13 trials, no empty cell)",
    events1 = dat.bcg$tpos, n1 = dat.bcg$tpos + dat.bcg$tneg, events2 = dat.bcg$cpos, n2 = dat.bcg$cpos + dat.bcg$cneg
  ),
  catheters = list(
    description = "metadat dat.nielweise2007 (18 trials): six with an empty first arm, one of them without any event",
    events1 = dat.nielweise2007$ai, n1 = dat.nielweise2007$n1i,
    events2 = dat.nielweise2007$ci, n2 = dat.nielweise2007$n2i
  ),
  magnesium = list(
    description = "metadat dat.egger2001 (16 trials), two of them huge",
    events1 = dat.egger2001$ai, n1 = dat.egger2001$n1i, events2 = dat.egger2001$ci, n2 = dat.egger2001$n2i
  ),
  infections = list(
    description = "rare events in small arms: empty cells on either side and in both",
    events1 = c(0, 1, 0, 2, 0, 0), n1 = c(40, 52, 31, 66, 25, 48),
    events2 = c(2, 0, 0, 3, 1, 0), n2 = c(42, 50, 30, 70, 26, 45)
  ),
  never_in_the_same_study = list(
    description = "every study has an empty arm, but neither arm is empty throughout",
    events1 = c(0, 3, 0), n1 = c(30, 28, 44), events2 = c(2, 0, 1), n2 = c(29, 31, 40)
  ),
  everybody = list(
    description = "everybody had the event in both arms of the second study and in one arm of the third",
    events1 = c(12, 9, 14, 20), n1 = c(18, 9, 14, 26), events2 = c(10, 8, 11, 22), n2 = c(20, 8, 15, 25)
  ),
  one_study = list(description = "a single study", events1 = 5, n1 = 70, events2 = 12, n2 = 68),
  one_study_with_an_empty_cell = list(
    description = "a single study with an empty cell of people without the event",
    events1 = 11, n1 = 11, events2 = 7, n2 = 12
  ),
  one_with_events = list(
    description = "two of three studies without any event",
    events1 = c(0, 4, 0), n1 = c(20, 61, 35), events2 = c(0, 6, 0), n2 = c(22, 58, 33)
  ),
  no_event_in_the_first = list(
    description = "no risk ratio",
    events1 = c(0, 0, 0), n1 = c(40, 51, 33), events2 = c(2, 0, 1), n2 = c(41, 50, 35)
  ),
  no_event_in_the_second = list(
    description = "no risk ratio",
    events1 = c(1, 0, 3), n1 = c(40, 51, 33), events2 = c(0, 0, 0), n2 = c(41, 50, 35)
  ),
  no_event_at_all = list(
    description = "nothing to estimate",
    events1 = c(0, 0, 0), n1 = c(40, 51, 33), events2 = c(0, 0, 0), n2 = c(41, 50, 35)
  ),
  everybody_everywhere = list(
    description = "risk ratio 1 with a standard error of 0",
    events1 = c(4, 6), n1 = c(4, 6), events2 = c(5, 3), n2 = c(5, 3)
  )
)

# The warning expected is that some effects of single studies are NA: only Q, which is not asked for, needs those.
risk_ratio <- function(case) {
  res <- suppressWarnings(rma.mh(
    ai = case$events1, n1i = case$n1, ci = case$events2, n2i = case$n2, measure = "RR"
  ))
  if (is.na(res$beta) || is.na(res$se) || res$se == 0) return(NULL)
  list(estimate = as.numeric(res$beta), standard_error = res$se, ci_low = res$ci.lb, ci_high = res$ci.ub)
}

from_counts <- function(case) c(case, list(risk_ratio = risk_ratio(case)))

# ---- JSON ------------------------------------------------------------------------------------------------------------

# What is a list even with one member.
LISTS <- c("events1", "n1", "events2", "n2", "groups", "names", "sizes", "estimates", "standard_errors")

json <- function(x, indent = "", name = "") {
  deeper <- paste0(indent, "  ")
  if (is.null(x)) return("null")
  if (is.list(x)) {
    entries <- vapply(names(x), function(n) paste0(deeper, '"', n, '": ', json(x[[n]], deeper, n)), "")
    return(paste0("{\n", paste(entries, collapse = ",\n"), "\n", indent, "}"))
  }
  stopifnot(is.character(x) || all(is.finite(x)))
  values <- if (is.character(x)) encodeString(x, quote = '"') else sprintf("%.17g", x)
  if (length(x) == 1 && !name %in% LISTS) values else paste0("[", paste(values, collapse = ", "), "]")
}

cat(json(list(
  made_by = "tests/metafor/make_sensitivity_reference.R",
  versions = list(
    R = paste(R.version$major, R.version$minor, sep = "."),
    metafor = as.character(packageVersion("metafor")),
    metadat = as.character(packageVersion("metadat"))
  ),
  effects = lapply(cases, from_effects),
  counts = lapply(counts, from_counts)
)), "\n", sep = "")
