"""The one build step that pyproject.toml cannot state: an installed package carries the cases.

In a checkout the cases are the folder ``cases/`` at its root, where people look for them; in a wheel they are
``lodeworks/_cases``. `lodeworks.cases` finds either.
"""

import os
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py

_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "~$*", "runs")


class BuildWithCases(build_py):
    """Copy ``cases/`` into the package that is built; an editable install reads the checkout's own."""

    def run(self) -> None:
        """Build as usual, then add the cases."""
        super().run()
        if not self.editable_mode:
            target = os.path.join(self.build_lib, "lodeworks", "_cases")
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree("cases", target, ignore=_LEFT_OUT)


setup(cmdclass={"build_py": BuildWithCases})
