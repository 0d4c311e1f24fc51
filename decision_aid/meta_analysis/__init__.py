"""Numbers in, numbers out: imports nothing of ours.

`effects` makes one effect of one study; `random_effects.pool` pools three and more, `few_studies.pool_few` two to four by
a posterior; `synthesis` takes the one that fits their number; `sensitivity` asks what a pool hangs on; `effects_file` reads effects for the command line.
"""

__all__ = [
    "effects",
    "effects_file",
    "few_studies",
    "random_effects",
    "sensitivity",
    "synthesis",
]
