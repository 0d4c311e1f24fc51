"""The clinic's own cases summed up: groups, rates, learning curve, and beside the published results."""
