"""The pages of the subject's own space."""
