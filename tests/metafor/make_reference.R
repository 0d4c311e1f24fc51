# Writes the numbers that decision_aid/meta_analysis/random_effects.py is held against, as JSON, to standard output:
#
#     Rscript tests/metafor/make_reference.R > tests/metafor/reference.json
#
# Needs R with metafor and metadat. Every number is printed with %.17g, so an unchanged run gives an empty diff.

suppressMessages(library(metafor))
suppressMessages(library(metadat))

# ---- cases -----------------------------------------------------------------------------------------------------------

from_escalc <- function(description, data) {
  list(description = description, yi = as.numeric(data$yi), sei = sqrt(as.numeric(data$vi)))
}

cases <- list(
  bcg = from_escalc(
    "metadat dat.bcg, log risk ratios (13 trials)",
    escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
  ),
  normand1999 = from_escalc(
    "metadat dat.normand1999, mean differences of the length of stay in days (9 studies)",
    escalc(
      measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999
    )
  ),
  hart1999 = from_escalc(
    "metadat dat.hart1999, log incidence rate ratios (6 trials)",
    escalc(measure = "IRR", x1i = x1i, x2i = x2i, t1i = t1i, t2i = t2i, data = dat.hart1999)
  ),
  homogeneous = list(
    description = "tau2 = 0, although the unweighted start of the iteration is above 0",
    yi = c(-0.31, -0.24, -0.28, -0.35, -0.17, -0.92, 0.34),
    sei = c(0.08, 0.11, 0.09, 0.15, 0.13, 0.41, 0.44)
  ),
  three_studies = list(
    description = "the smallest number of studies that is pooled",
    yi = c(-1.9, -0.4, -0.95),
    sei = c(0.31, 0.22, 0.45)
  ),
  too_good_agreement = list(
    description = "studies agree far better than chance: plain Hartung-Knapp is absurdly narrow",
    yi = c(0.500, 0.501, 0.499, 0.5005, 0.4998),
    sei = c(0.20, 0.25, 0.18, 0.30, 0.22)
  ),
  twenty_heterogeneous = list(
    description = "synthetic mean differences of a blood loss in ml, large spread between 20 studies",
    yi = c(
      -212.4, -61.8, -148.3, -305.7, 12.6, -96.1, -171.9, -254.2, -33.5, -118.8,
      -401.3, -75.4, -189.6, -142.7, -20.9, -268.1, -87.3, -330.5, -155.0, 41.2
    ),
    sei = c(
      18.3, 25.1, 9.7, 44.6, 31.2, 12.8, 60.4, 22.9, 15.5, 38.0,
      71.3, 8.4, 27.7, 19.9, 52.6, 33.8, 11.1, 48.5, 16.2, 90.7
    )
  ),
  variance_ratio = list(
    description = "sampling variances from 1e-4 to 64, one study outweighing the rest",
    yi = c(0.52, 1.75, -3.1, 0.61, 4.4, -0.9, 9.5),
    sei = c(0.01, 0.9, 2.6, 0.05, 3.2, 1.4, 8)
  ),
  local_maximum = list(
    description = "Fisher scoring ends at a local maximum less likely than tau2 = 0 (metafor warns and sets 0)",
    yi = c(9.28, -0.2, -0.8),
    sei = c(3.97, 0.58, 1.13)
  ),
  small_tau2 = list(
    description = "tau2 a fortieth of the smallest sampling variance, reached by a step that first points below 0",
    yi = c(0.33, 0.93, 0.32, 3.0, -0.44),
    sei = c(1.3, 0.83, 1.0, 2.1, 0.65)
  ),
  interior_maximum = list(
    description = "from a start far above, the first step points below 0, yet the maximum lies between",
    yi = c(-0.11, -111.24, 13.04, 0.78, -1.57, 0.27, -0.16, -0.32),
    sei = c(0.07, 72.71, 44.44, 0.56, 0.39, 0.22, 0.06, 0.46)
  ),
  no_convergence = list(
    description = "plain Fisher scoring circles: metafor stops with an error unless steps are halved (stepadj)",
    yi = c(0.24, -0.15, 77.81, 18.71, 4.07, -0.49, -162.97, 5.45),
    sei = c(0.01, 0.16, 137.67, 9.47, 1.74, 0.71, 129.18, 2.77)
  )
)

# ---- models ----------------------------------------------------------------------------------------------------------

fit <- function(case, control, ...) {
  # The one warning expected is that of `local_maximum`; errors other than non-convergence are not hidden.
  tryCatch(
    suppressWarnings(rma(case$yi, sei = case$sei, control = control, ...)),
    error = function(e) if (grepl("did not converge", conditionMessage(e))) NULL else stop(e)
  )
}

reml <- function(case, control) {
  res <- fit(case, control, method = "REML", test = "adhoc")
  if (is.null(res)) return(NULL)
  predicted <- predict(res)
  list(
    estimate = as.numeric(res$beta), standard_error = res$se, ci_low = res$ci.lb, ci_high = res$ci.ub,
    tau2 = res$tau2, i2 = res$I2, q = res$QE, q_p = res$QEp,
    prediction_low = predicted$pi.lb, prediction_high = predicted$pi.ub, weights = as.numeric(weights(res))
  )
}

reference <- function(name) {
  case <- cases[[name]]
  # The threshold is an absolute change of tau2: where tau2 is in the thousands, 1e-12 is below the rounding error.
  tight <- list(threshold = 1e-12 * max(1, var(case$yi)), maxiter = 10000)
  if (name == "no_convergence") tight$stepadj <- 0.5
  root <- list(tol = 1e-14, maxiter = 10000, tau2.max = 1000 * (var(case$yi) + max(case$sei)^2))
  tight_fit <- fit(case, tight, method = "REML")
  plain <- fit(case, tight, method = "REML", test = "knha")
  spread <- confint(tight_fit, control = root)$random
  bounds <- function(row) as.numeric(spread[row, c("ci.lb", "ci.ub")])
  list(
    description = case$description,
    effects = case$yi,
    standard_errors = case$sei,
    default = reml(case, list()),
    tight = reml(case, tight),
    tight_control = tight,
    q_profile = bounds("tau^2"),
    q_profile_i2 = bounds("I^2(%)"),
    q_profile_h2 = bounds("H^2"),
    plain_hartung_knapp = list(standard_error = plain$se, ci_low = plain$ci.lb, ci_high = plain$ci.ub)
  )
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
  made_by = "tests/metafor/make_reference.R",
  versions = list(
    R = paste(R.version$major, R.version$minor, sep = "."),
    metafor = as.character(packageVersion("metafor")),
    metadat = as.character(packageVersion("metadat"))
  ),
  cases = sapply(names(cases), reference, simplify = FALSE)
)), "\n", sep = "")
