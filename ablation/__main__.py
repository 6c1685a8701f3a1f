"""`ablate` and `python -m ablation`: what a signal does is settled before anything else is imported."""

import sys

from ablation import signals


def main() -> int:
    """See `ablation.cli.main`."""
    signals.leave_at_once()
    from ablation import cli

    try:
        return cli.main()
    finally:
        signals.ignore()


if __name__ == "__main__":
    sys.exit(main())
