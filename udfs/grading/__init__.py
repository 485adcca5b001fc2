"""Grading: whether what a model said is the true answer, by rules of the answer's type."""
