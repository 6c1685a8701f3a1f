"""Proofs that nothing is lost: `make faults`, or one of them alone, `make faults ONLY=kill`.

Each proof runs the real commands in processes of their own, many times and at random moments (seeded), and counts the
cases that came out right. Each has a mutant: the guarantee broken on purpose, with which the same proof must fail.
"""
