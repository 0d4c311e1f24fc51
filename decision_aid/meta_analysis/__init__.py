"""Numbers in, numbers out: effect sizes, random effects, few studies, heterogeneity, sensitivity. Knows nothing of ours."""
