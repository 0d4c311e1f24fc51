# Writes the numbers that decision_aid/meta_analysis/effects.py is held against, as JSON, to standard output:
#
#     Rscript tests/metafor/make_effects_reference.R > tests/metafor/effects.json
#
# Needs R with metafor. Every number is printed with %.17g, so an unchanged run gives an empty diff.

suppressMessages(library(metafor))

# ---- effects of one study: first arm minus (or over) second arm ------------------------------------------------------

means <- list(
  fusion_blood_loss_ml = list(n1 = 21, mean1 = 318, sd1 = 81, n2 = 20, mean2 = 757, sd2 = 310.5),
  stay_in_days_small_arms = list(n1 = 3, mean1 = 1.2, sd1 = 0.45, n2 = 4, mean2 = 3.5, sd2 = 1.9),
  score_with_equal_means = list(n1 = 166, mean1 = 13.25, sd1 = 11.5, n2 = 159, mean2 = 13.25, sd2 = 9.75),
  index_between_0_and_1 = list(n1 = 304, mean1 = 0.853, sd1 = 0.21, n2 = 309, mean2 = 0.827, sd2 = 0.18)
)

# vtype = "LS", metafor's default for ROM, is the plain delta method: sd1^2/(n1 mean1^2) + sd2^2/(n2 mean2^2).
# "HO" and "AVHO" take one spread for both arms; "AV" averages over the studies of a call.
from_means <- function(case) {
  md <- escalc("MD", m1i = case$mean1, sd1i = case$sd1, n1i = case$n1,
               m2i = case$mean2, sd2i = case$sd2, n2i = case$n2, vtype = "LS")
  rom <- escalc("ROM", m1i = case$mean1, sd1i = case$sd1, n1i = case$n1,
                m2i = case$mean2, sd2i = case$sd2, n2i = case$n2, vtype = "LS")
  c(case, list(
    mean_difference = list(estimate = as.numeric(md$yi), standard_error = sqrt(as.numeric(md$vi))),
    ratio_of_means = list(estimate = as.numeric(rom$yi), standard_error = sqrt(as.numeric(rom$vi)))
  ))
}

events <- list(
  both_arms_have_some = list(events1 = 5, n1 = 70, events2 = 12, n2 = 68),
  none_in_the_first = list(events1 = 0, n1 = 40, events2 = 3, n2 = 42),
  none_in_the_second = list(events1 = 2, n1 = 25, events2 = 0, n2 = 31),
  all_in_the_first = list(events1 = 18, n1 = 18, events2 = 15, n2 = 20),
  all_in_the_second = list(events1 = 30, n1 = 33, events2 = 29, n2 = 29),
  all_in_both = list(events1 = 12, n1 = 12, events2 = 14, n2 = 14),
  none_against_all = list(events1 = 0, n1 = 9, events2 = 8, n2 = 8),
  none_in_both = list(events1 = 0, n1 = 51, events2 = 0, n2 = 47)
)

# drop00 would drop "no event in either arm", as effects.py does, but also "everybody in both arms", which does say
# something about a risk ratio. So it is off, and the first kind is left out here.
from_events <- function(case) {
  if (case$events1 + case$events2 == 0) return(c(case, list(risk_ratio = NULL)))
  rr <- escalc("RR", ai = case$events1, n1i = case$n1, ci = case$events2, n2i = case$n2, add = 1 / 2, to = "only0")
  c(case, list(risk_ratio = list(estimate = as.numeric(rr$yi), standard_error = sqrt(as.numeric(rr$vi)))))
}

# ---- spread and mean from what a paper prints ------------------------------------------------------------------------

# Wan 2014 (BMC Med Res Methodol 14:135), equation 16, and Luo 2018 (Stat Methods Med Res 27:1785), equation 15.
quartiles <- list(
  skewed = list(n = 149, q1 = 0.2, median = 0.7, q3 = 2.6),
  even = list(n = 40, q1 = 10, median = 20, q3 = 30),
  small = list(n = 5, q1 = 110, median = 150, q3 = 260),
  two_people = list(n = 2, q1 = 3, median = 4, q3 = 6)
)

from_quartiles <- function(case) {
  weight <- 0.7 + 0.39 / case$n
  c(case, list(
    luo_mean = weight * (case$q1 + case$q3) / 2 + (0.3 - 0.39 / case$n) * case$median,
    wan_sd = (case$q3 - case$q1) / (2 * qnorm((0.75 * case$n - 0.125) / (case$n + 0.25)))
  ))
}

# Cochrane Handbook 6.5.2.2: the interval of a mean is mean -+ t(n - 1) sd / sqrt(n).
intervals <- list(
  small_arm = list(n = 12, low = 140, high = 260),
  large_arm = list(n = 400, low = 2.31, high = 2.69),
  two_people = list(n = 2, low = -1, high = 9)
)

from_interval <- function(case) {
  c(case, list(sd = (case$high - case$low) / (2 * qt(0.975, case$n - 1)) * sqrt(case$n)))
}

# Cochrane Handbook 6.3.1 and 6.3.2: a reported effect's standard error from its interval, ratios on the log scale.
reports <- list(
  difference_95 = list(estimate = -13.2, low = -15.6, high = -10.9, level = 0.95, ratio = 0),
  difference_99 = list(estimate = -2.4, low = -4.1, high = -0.7, level = 0.99, ratio = 0),
  difference_97_5 = list(estimate = 0.8, low = -0.2, high = 1.7, level = 0.975, ratio = 0),
  ratio_95 = list(estimate = 1.14, low = 0.92, high = 1.41, level = 0.95, ratio = 1),
  ratio_99 = list(estimate = 0.55, low = 0.31, high = 0.98, level = 0.99, ratio = 1)
)

from_report <- function(case) {
  scale <- if (case$ratio == 1) log else identity
  c(case, list(
    effect = scale(case$estimate),
    standard_error = (scale(case$high) - scale(case$low)) / (2 * qnorm((1 + case$level) / 2))
  ))
}

# ---- the baseline of an absolute risk: event rates pooled on the logit -----------------------------------------------

baselines <- list(
  without_zero = list(events = c(12, 9, 20, 4), n = c(68, 90, 110, 75)),
  with_an_arm_without_events = list(events = c(3, 0, 6), n = c(120, 45, 160))
)

from_rates <- function(case) {
  rates <- escalc("PLO", xi = case$events, ni = case$n, add = 1 / 2, to = "only0")
  fit <- rma(yi, vi, data = rates, method = "REML", test = "adhoc", control = list(threshold = 1e-12, maxiter = 10000))
  c(case, list(risk = transf.ilogit(as.numeric(fit$beta)), low = transf.ilogit(fit$ci.lb), high = transf.ilogit(fit$ci.ub)))
}

# ---- JSON ------------------------------------------------------------------------------------------------------------

json <- function(x, indent = "") {
  deeper <- paste0(indent, "  ")
  if (is.null(x)) return("null")
  if (is.character(x)) return(encodeString(x, quote = '"'))
  if (is.list(x)) {
    entries <- vapply(names(x), function(n) paste0(deeper, '"', n, '": ', json(x[[n]], deeper)), "")
    return(paste0("{\n", paste(entries, collapse = ",\n"), "\n", indent, "}"))
  }
  stopifnot(is.finite(x))
  numbers <- sprintf("%.17g", x)
  if (length(x) == 1) numbers else paste0("[", paste(numbers, collapse = ", "), "]")
}

cat(json(list(
  made_by = "tests/metafor/make_effects_reference.R",
  versions = list(
    R = paste(R.version$major, R.version$minor, sep = "."),
    metafor = as.character(packageVersion("metafor"))
  ),
  means = lapply(means, from_means),
  events = lapply(events, from_events),
  quartiles = lapply(quartiles, from_quartiles),
  intervals = lapply(intervals, from_interval),
  reports = lapply(reports, from_report),
  baselines = lapply(baselines, from_rates)
)), "\n", sep = "")
