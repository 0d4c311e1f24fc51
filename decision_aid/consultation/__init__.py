"""What this patient said. Frozen; nothing in it names anybody.

- `model`: everything a consultation holds, how it is kept, and each change of it; `earlier_content`: as it was kept before
- `changes`: what one answer changes, so that answers of two windows can be joined
- `subject`: the condition and procedure it is about, chosen or not yet
- `checklist`: the items that apply, the clinic's own among them, and what the answers mean
- `known_from_start`: what the answers on Start make known, and what of the checklist they answer
- `values`: what matters to the patient, and the outcomes that speak to it
"""

__all__ = ["changes", "checklist", "earlier_content", "known_from_start", "model", "subject", "values"]
