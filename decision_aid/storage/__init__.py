"""Drafts, records and kept files on this computer: one folder, one file an entry, plain or under one passphrase.

`store` offers what the program uses: `Store`, `change_passphrase`, `is_encrypted`, `set_aside_damaged`. What goes wrong is
a `StoreError` of kinds and facts (`errors`); the sentence for it is made in `wording.storage_words`. `settings` is what
the clinic set for every consultation, in a plain file beside it.
"""

__all__ = ["entries", "errors", "files", "settings", "store"]
