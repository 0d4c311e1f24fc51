"""A file of the clinic's own cases -> checked cases; nothing is guessed and nothing dropped in silence."""
