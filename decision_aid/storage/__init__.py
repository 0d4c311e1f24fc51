"""Drafts and records in one file: opened, saved, encrypted, wiped, and what goes wrong with it."""
