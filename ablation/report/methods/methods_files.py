"""Write the methods in Markdown and LaTeX, as text that can be pasted."""

from ablation.redaction import printable
from ablation.report.methods.methods_text import Methods
from ablation.report.wording.escaping import for_latex, for_markdown


def markdown(methods: Methods) -> str:
    """Write the paragraphs, then the commands as a block of code."""
    parts = [for_markdown(paragraph) for paragraph in methods.paragraphs]
    if methods.commands:
        parts.append("\n".join(f"    {printable(command)}" for command in methods.commands))
    return "\n\n".join(parts) + "\n"


def latex(methods: Methods) -> str:
    """Write the paragraphs, then the commands in typewriter type. The text has no comments and needs no package."""
    parts = [for_latex(paragraph) for paragraph in methods.paragraphs]
    if methods.commands:
        commands = "\\par\n".join(for_latex(command) for command in methods.commands)
        parts.append(f"{{\\raggedright\\ttfamily {commands}\\par}}")
    return "\n\n".join(parts) + "\n"
