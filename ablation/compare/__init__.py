"""Many runs side by side: what they show, by which test, and how it looks. Never imports TensorFlow.

Read:  load (find runs), records and runs (one of them), index, plans, correct
Judge: arms (who against whom), measures, gate and facts, judge, beside, effects, sequential, images, statistics, rules
Value: comparison, which all below is made of
Words: words, cautions, notes, labels, numbers, thresholds
Table: sheet, factorial -> terminal, writers (Markdown, LaTeX), machine and summary (CSV, JSON); escapes
Figures: figures, curves -> plots -> sheets, facets, forest; drawing, axis
Page:  report, details, panels, bars, chosen; page/
"""
