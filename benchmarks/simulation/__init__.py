"""Simulated studies, judged by the code that judges real ones."""
