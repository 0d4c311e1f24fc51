"""The answer: what is asked, which studies say something about it, the pooled effect, absolute risks, certainty, side by side."""
