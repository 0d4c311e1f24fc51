# Writes the numbers that decision_aid/audit/assembly.py and learning_curve.py are held against, as JSON, to standard
# output:
#
#     Rscript tests/r_reference/make_caselog_reference.R > tests/r_reference/caselog.json
#
# Base R is enough. Every number is printed with %.17g, so an unchanged run gives an empty diff.

number <- function(x) ifelse(is.na(x), "null", sprintf("%.17g", x))
text <- function(x) paste0("\"", x, "\"")
array <- function(x) paste0("[", paste(x, collapse = ", "), "]")
object <- function(x) paste0("{", paste(text(names(x)), unlist(x), sep = ": ", collapse = ", "), "}")

# ---- Wilson interval -------------------------------------------------------------------------------------------------

# The first four are the examples of Newcombe 1998 (Stat Med 17:857), table I.
counts <- list(c(81, 263), c(15, 148), c(0, 20), c(1, 29), c(20, 20), c(3, 7), c(1, 1), c(0, 1), c(70213, 1000000))
wilson <- lapply(counts, function(x) {
  ci <- suppressWarnings(prop.test(x[1], x[2], correct = FALSE))$conf.int
  object(list(events = number(x[1]), n = number(x[2]), low = number(ci[1]), high = number(ci[2])))
})

# ---- mean with t interval, standard deviation, quartiles of type 7 ---------------------------------------------------

samples <- list(
  skewed = c(20, 35, 50, 50, 80, 120, 400, 15, 60, 75, 90),
  four = c(1.5, 2, 2, 7),
  two = c(95, 150),
  alike = c(3, 3, 3)
)
described <- lapply(samples, function(x) {
  # t.test() refuses values that are all the same; the interval then has no width.
  ci <- if (sd(x) > 0) as.numeric(t.test(x)$conf.int) else rep(mean(x), 2)
  q <- as.numeric(quantile(x, c(0.25, 0.5, 0.75), type = 7))
  object(list(values = array(number(x)), mean = number(mean(x)), low = number(ci[1]), high = number(ci[2]),
              sd = number(sd(x)), q1 = number(q[1]), median = number(q[2]), q3 = number(q[3])))
})

# ---- standardised difference of two shares (Austin 2009, Stat Med 28:3083) -------------------------------------------

pairs <- list(c(0.5, 0.25), c(0.02, 0.05), c(0, 0.1), c(1, 0.9), c(1 / 3, 2 / 3))
standardised <- lapply(pairs, function(p) {
  d <- (p[1] - p[2]) / sqrt((p[1] * (1 - p[1]) + p[2] * (1 - p[2])) / 2)
  object(list(first = number(p[1]), second = number(p[2]), difference = number(d)))
})

# ---- risk CUSUM (Steiner 2000, Biostatistics 1:441), by the recursion as published ------------------------------------

# W(t): the log of the likelihood of what happened under odds ratio RA over that under R0 = 1.
likelihood <- function(y, p, r) {
  shifted <- r * p / (1 - p + r * p)
  dbinom(y, 1, shifted)
}
cusum <- function(y, p, r) {
  x <- 0
  chart <- numeric(0)
  for (event in y) {
    x <- max(0, x + log(likelihood(event, p, r) / likelihood(event, p, 1)))
    chart <- c(chart, x)
  }
  chart
}
# A sequence without R's random numbers, which change between versions: events come closer together, then rarer.
gaps <- c(9, 14, 7, 3, 2, 1, 1, 4, 2, 1, 6, 12, 18, 25)
events <- unlist(lapply(gaps, function(g) c(rep(0, g), 1)))
settings <- list(c(0.1, 2), c(0.05, 2), c(0.066, 2), c(0.2, 3), c(0.25, 0.5))
charts <- lapply(settings, function(s) {
  object(list(acceptable = number(s[1]), odds_ratio = number(s[2]),
              event = number(log(likelihood(1, s[1], s[2]) / likelihood(1, s[1], 1))),
              none = number(log(likelihood(0, s[1], s[2]) / likelihood(0, s[1], 1))),
              chart = array(number(cusum(events, s[1], s[2])))))
})

# ---- operating time --------------------------------------------------------------------------------------------------

minutes <- c(180, 200, 175, 160, 190, 150, 145, 155, 140, 150, 135, 142, 138, 145, 141)
later <- minutes[(length(minutes) %/% 2 + 1):length(minutes)]
time <- object(list(
  minutes = array(number(minutes)), target = number(mean(later)), cusum = array(number(cumsum(minutes - mean(later)))),
  # runmed() treats the ends differently; this is the median of the last five.
  median_of_5 = array(number(sapply(5:length(minutes), function(i) median(minutes[(i - 4):i]))))
))

cat("{\n")
cat("\"versions\": ", object(list(R = text(paste(R.version$major, R.version$minor, sep = ".")))), ",\n", sep = "")
cat("\"wilson\": [\n", paste(wilson, collapse = ",\n"), "\n],\n", sep = "")
cat("\"described\": {\n", paste(text(names(described)), unlist(described), sep = ": ", collapse = ",\n"), "\n},\n", sep = "")
cat("\"standardised\": [\n", paste(standardised, collapse = ",\n"), "\n],\n", sep = "")
cat("\"events\": ", array(number(events)), ",\n", sep = "")
cat("\"charts\": [\n", paste(charts, collapse = ",\n"), "\n],\n", sep = "")
cat("\"time\": ", time, "\n}\n", sep = "")
