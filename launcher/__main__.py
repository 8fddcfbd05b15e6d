"""The program's one entrance: a URL goes to the hand-off, all else to the command line."""

import sys


def main() -> int:
    """Do what the arguments say, and answer the exit code."""
    argv = sys.argv[1:]
    # Any case: a link that only looks like an option's value must not reach the command line either.
    if argv and argv[0].lower().startswith("kitsu-launcher:"):
        from launcher import handoff

        return handoff.main(argv)
    from launcher import cli

    return cli.main(argv)


if __name__ == "__main__":
    sys.exit(main())
