"""``python -m lodeworks`` is the command line."""

from lodeworks.cli import main

if __name__ == "__main__":
    main()
