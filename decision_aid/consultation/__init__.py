"""What this patient said: the model of a consultation, the checklist, what matters."""
