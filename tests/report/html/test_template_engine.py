"""Escaping, hashes, and what no text can do."""

import base64
import hashlib
import re
from dataclasses import replace

from support.page import COMMAND, SENTENCES, hostile, report

from ablation.report.html import template_engine
from ablation.report.plots.palette import COLOURS, DARK_SHADES, LIGHT_SHADES, MARGIN, VERDICT_STYLES


def test_it_allows_its_own_script_and_style_by_hash_and_nothing_else(study):
    page = report(study, SENTENCES, COMMAND).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'; img-src data:; ") and "unsafe" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    for kind, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.search(r"@import|url\(", style)


def test_of_a_name_in_a_sentence_alone_an_element_is_made(study):
    page = report(study, ["Worse: -half, not -halfway; -quarter; <b>-half</b> 95 % of -eighth."], COMMAND).decode()
    whole = '<span class="unbroken">-half</span>, not -halfway; <span class="unbroken">-quarter</span>;'
    assert f"{whole} &lt;b&gt;-half&lt;/b&gt; 95&nbsp;% of" in page
    variants = []
    for i, row in enumerate(study.variants):
        variants.append(replace(row, label=f"-<{i}>", reference=row.reference and "-<0>"))
    named = replace(study, variants=tuple(variants))
    assert '<span class="unbroken">' not in report(named, ["-<1> -<2>"], COMMAND).decode()


def test_what_no_encoding_holds_and_what_turns_text_round_is_replaced(study):
    page = hostile(replace(study), "\u202eabc").decode()
    assert "\u202e" not in page and "\ufffdabc" in page
    assert "\ufffd" in report(study, ["\ud800"], COMMAND).decode()


def test_a_giant_text_is_cut(study):
    assert len(report(study, ["x" * 10**7], COMMAND)) < 10**6


def test_the_style_sheet_has_the_figures_colours():
    style = template_engine.style_sheet()
    for colour in COLOURS:
        assert f"{{--k:{colour}}}" in style
    for verdict in VERDICT_STYLES.values():
        assert f".{verdict.name}{{--mark:{verdict.colour}}}" in style
    assert f"--margin:{MARGIN}" in style


def test_the_style_sheet_has_the_verdicts_shades_for_light_and_dark_pages():
    light, dark = template_engine.style_sheet().partition("@media screen and (prefers-color-scheme:dark)")[::2]
    for part, shades in ((light, LIGHT_SHADES), (dark, DARK_SHADES)):
        assert set(shades) == {"better", "worse", "equivalent"}
        for name, shade in shades.items():
            assert f"--{name}:{shade.text}" in part and f"--{name}-wash:{shade.wash}" in part


def test_the_template_has_no_colour_of_a_verdict_of_its_own():
    page_style = (template_engine.TEMPLATE / "report.css").read_text()
    assert not re.findall(r"--(?:better|worse|equivalent|margin)[\w-]*:", page_style)
    assert not [colour for colour in COLOURS if colour.lower() in page_style.lower()]
